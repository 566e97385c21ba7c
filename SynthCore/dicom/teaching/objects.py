"""What the objects of a teaching file share: what they refer to, and who made them."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom.dataset import Dataset

from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.marks import MANUFACTURER, MODEL_NAME, PREFIX
from SynthCore.dicom.object_marks import DEVICE_SERIAL, SOFTWARE, mark_object, own_scheme
from SynthCore.dicom.patient_study import patient_and_study
from SynthCore.dicom.sr_parts import evidence
from SynthCore.dicom.texts import LO, fit
from SynthCore.errors import InputError

SERIES_NUMBERS = {"presentation": 9010, "information": 9011, "selection": 9012}

_TAKEN_OVER = (
    "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified", "StudyDescription", "BodyPartExamined", "Laterality",
)  # fmt: skip
"""What highdicom leaves behind."""

_PIXELS = (
    "Rows", "Columns", "SamplesPerPixel", "NumberOfFrames",
    "RescaleIntercept", "RescaleSlope", "RescaleType",
)  # fmt: skip


def referred(headers: Sequence[Dataset]) -> list[Dataset]:
    """Objects as highdicom refers to them: identity, study, and of images their size.

    Parameters
    ----------
    headers : sequence of Dataset
        Of one study, de-identified.

    Raises
    ------
    InputError
        If they are of several studies.
    """
    base = base_of(headers)
    found, others = evidence([headers], base, str(base.StudyInstanceUID))
    if others:
        raise InputError(
            "The series of the case are of several studies; a DICOM teaching file is made of one, "
            "so leave the others out or make the class page alone."
        )
    full = {str(header.SOPInstanceUID): header for header in headers}
    for one in found:
        header = full[str(one.SOPInstanceUID)]
        for keyword in _PIXELS:
            if header.get(keyword) not in (None, ""):
                one[keyword] = header[keyword]
    return found


def base_of(headers: Sequence[Dataset]) -> Dataset:
    """Patient, study and frame of reference that the objects of a teaching file take over."""
    return patient_and_study(headers[0], "")[0]


def state_maker(target: Dataset, base: Dataset, shown: Sequence[Dataset], texts: str) -> None:
    """Write who made the object, and that it is synthetic where what it shows is.

    Parameters
    ----------
    target : Dataset
        What was made.
    base : Dataset
        From `base_of`.
    shown : sequence of Dataset
        Headers of what it is about; one that is synthetic makes the object synthetic.
    texts : str
        The object's own words: their letters decide on the character set.
    """
    first = next((header for header in shown if is_synthetic(header)), None)
    any_script = not texts.isascii()
    if first is not None:
        mark_object(target, base, contribution="Teaching file", source=first,
                    any_script=any_script)  # fmt: skip
    else:
        charset = "ISO_IR 192" if any_script else base.get("SpecificCharacterSet")
        if charset:
            target.SpecificCharacterSet = charset
        elif "SpecificCharacterSet" in target:
            del target.SpecificCharacterSet
        target.ManufacturerModelName = MODEL_NAME
        target.DeviceSerialNumber, target.SoftwareVersions = DEVICE_SERIAL, SOFTWARE
        target.CodingSchemeIdentificationSequence = [own_scheme()]
    target.Manufacturer = MANUFACTURER
    for keyword in _TAKEN_OVER:
        if keyword in base:
            target[keyword] = base[keyword]
    if target.get("Modality") == "SEG" and not target.get("Laterality"):
        # an empty one says that the part is paired, which a segment says of itself
        target.pop("Laterality", None)


def described(shown: Sequence[Dataset], words: str) -> str:
    """A series description that begins with the mark where what it is about is synthetic."""
    marked = any(is_synthetic(header) for header in shown)
    return fit(f"{PREFIX} {words}" if marked else words, LO)
