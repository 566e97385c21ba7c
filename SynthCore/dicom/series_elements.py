"""The attributes of a synthetic series that are its own: name, origin, pixels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydicom.dataset import Dataset

from SynthCore.dicom.equipment import contributing_equipment, derivation
from SynthCore.dicom.legal import legal_value
from SynthCore.dicom.lossy import loss_note
from SynthCore.dicom.marks import PREFIX, SCHEME, code_item, stamp
from SynthCore.dicom.stored import Stored
from SynthCore.dicom.texts import LO, SH, fit, value_text
from SynthCore.request import SynthesisResult
from SynthCore.tasks import TASKS

_FACE = (
    *("BRAIN", "EYE", "FACE", "HEAD", "HEADNECK", "JAW", "MANDIBLE", "MAXILLA", "NECK", "ORBIT"),
    *("SINUS", "SKULL", "WHOLEBODY"),
)
"""Body parts whose images can show a face."""

_FACELESS = (
    *("ABDOMEN", "ABDOMENPELVIS", "ANKLE", "ARM", "CHEST", "CHESTABDOMEN", "CHESTABDPELVIS"),
    *("ELBOW", "FOOT", "FOREARM", "HAND", "HIP", "KNEE", "LEG", "LSPINE", "PELVIS", "PROSTATE"),
    *("THIGH", "WRIST"),
)
"""Body parts whose images cannot; of all others nothing is said."""


def series_elements(
    result: SynthesisResult, role: str, header: Dataset | None, now: datetime, uid: str
) -> Dataset:
    """Number, description and times of the new series."""
    record = result.record
    target = Dataset()
    target.SeriesInstanceUID = uid
    number = legal_value(header, "SeriesNumber") if header is not None else None
    # far from the scanner's own numbers, and so at the end of a study's list
    target.SeriesNumber = str(9000 + abs(int(number or 1)) % 1000)
    target.SeriesDescription = fit(f"{PREFIX} {role} ({record.task}, {record.model})", LO)
    warnings = " ".join(result.warnings or record.warnings)
    target.ImageComments = fit(f"{derivation(record)} {warnings}", 4096)
    target.AcquisitionNumber = None
    for kind in ("Series", "Content", "InstanceCreation"):
        setattr(target, f"{kind}Date", now.strftime("%Y%m%d"))
        setattr(target, f"{kind}Time", now.strftime("%H%M%S"))
    return target


def provenance_elements(
    result: SynthesisResult, headers: Sequence[Dataset], now: datetime
) -> Dataset:
    """The marks, what the image was derived by, and what stays true of its sources.

    Parameters
    ----------
    result
        What is written.
    headers
        Of every slice of every source, those of the series it belongs to first.
    now
        When it is written.
    """
    record = result.record
    header = headers[0] if headers else None
    target = Dataset()
    burned_in = any(value_text(one.get("BurnedInAnnotation")) == "YES" for one in headers)
    stamp(target, burned_in=burned_in)
    target.DerivationDescription = derivation(record)
    title = TASKS[record.task].title if record.task in TASKS else record.task
    meaning = fit(f"Image synthesis: {title}", LO)
    target.DerivationCodeSequence = [code_item((fit(record.task.upper(), SH), SCHEME, meaning))]
    scheme = Dataset()
    scheme.CodingSchemeDesignator = SCHEME
    scheme.CodingSchemeName = "SynthCore tasks"
    target.CodingSchemeIdentificationSequence = [scheme]
    target.ContributingEquipmentSequence = contributing_equipment(header, record, now)
    target.LossyImageCompression = "00"
    if header is None:
        return target
    lossy = next((one for one in headers if loss_note(one)), None)
    if lossy is not None:
        # once lossy, always lossy: the loss is in what the result was computed from
        target.LossyImageCompression = "01"
        for keyword in ("LossyImageCompressionRatio", "LossyImageCompressionMethod"):
            if legal_value(lossy, keyword):
                setattr(target, keyword, legal_value(lossy, keyword))
    recognizable = legal_value(header, "RecognizableVisualFeatures")
    body_part = legal_value(header, "BodyPartExamined")
    if recognizable in ("YES", "NO"):
        target.RecognizableVisualFeatures = recognizable
    elif body_part in _FACE + _FACELESS:
        target.RecognizableVisualFeatures = "YES" if body_part in _FACE else "NO"
    return target


def pixel_elements(stored: Stored) -> Dataset:
    """How the pixels are stored and shown."""
    target = Dataset()
    target.SamplesPerPixel = 1
    target.PhotometricInterpretation = "MONOCHROME2"
    target.Rows, target.Columns = stored.values.shape[1:]
    target.BitsAllocated = 16
    target.BitsStored = 16
    target.HighBit = 15
    target.PixelRepresentation = 0
    centers, widths, explanations = zip(*stored.windows, strict=True)
    target.WindowCenter = list(centers)
    target.WindowWidth = list(widths)
    target.WindowCenterWidthExplanation = list(explanations)
    return target
