"""What is written into a cleaned object: the pseudonym, the marks, and how it was cleaned."""

from __future__ import annotations

from pydicom.dataset import Dataset

from SynthCore import __version__
from SynthCore.dicom.deidentified import method
from SynthCore.dicom.deidentify.identifiers import Identifiers
from SynthCore.dicom.deidentify.options import DeidentifyOptions
from SynthCore.dicom.deidentify.words import synthetic_words
from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.marks import MANUFACTURER, MODEL_NAME, PREFIX, code_item
from SynthCore.dicom.texts import LO, ST, value_text

DEIDENTIFYING_EQUIPMENT = ("109104", "DCM", "De-identifying Equipment")

METHOD = f"{MODEL_NAME} {__version__}, DICOM PS3.15 annex E"
DESCRIPTION = "Identifying attributes removed or replaced."
COMMENT = f"{PREFIX} image, de-identified; not acquired from the patient."

_TEMPORAL = {"remove": "REMOVED", "keep": "UNMODIFIED", "shift": "MODIFIED"}


def method_codes(options: DeidentifyOptions, *, face_done: bool) -> list[tuple[str, str, str]]:
    """The codes of CID 7050 for what was done with an object."""
    codes = ["113100", "113103", "113104"]
    if face_done:
        codes.append("113102")
    if options.keep_words:
        codes.append("113105")
    if options.dates == "keep":
        codes.append("113106")
    if options.dates == "shift":
        codes.append("113107")
    if options.keep_characteristics:
        codes.append("113108")
    return [method(value) for value in codes]


def written_texts(options: DeidentifyOptions) -> tuple[str, ...]:
    """Every text that is written here whatever the object."""
    meanings = [code[2] for code in method_codes(options, face_done=True)]
    return (
        METHOD, DESCRIPTION, COMMENT, MANUFACTURER, DEIDENTIFYING_EQUIPMENT[2], *meanings,
        "REMOVED UNMODIFIED MODIFIED 19000101 19000101000000 DERIVED SECONDARY RESEARCH",
    )  # fmt: skip


def identify(
    target: Dataset, pseudonym: str, options: DeidentifyOptions, *, face_done: bool
) -> None:
    """Write the pseudonym and the attributes that tell of the de-identification."""
    target.PatientName = target.PatientID = pseudonym
    target.PatientIdentityRemoved = "YES"
    target.DeidentificationMethod = METHOD
    codes = method_codes(options, face_done=face_done)
    target.DeidentificationMethodCodeSequence = [code_item(code) for code in codes]
    target.LongitudinalTemporalInformationModified = _TEMPORAL[options.dates]
    if face_done:
        target.RecognizableVisualFeatures = "NO"
    item = Dataset()
    item.Manufacturer, item.ManufacturerModelName = MANUFACTURER, MODEL_NAME
    item.SoftwareVersions = __version__
    item.ContributionDescription = DESCRIPTION
    item.PurposeOfReferenceCodeSequence = [code_item(DEIDENTIFYING_EQUIPMENT)]
    earlier = [
        entry
        for entry in target.get("ContributingEquipmentSequence") or ()
        if entry.get("Manufacturer") and entry.get("PurposeOfReferenceCodeSequence")
    ]
    target.ContributingEquipmentSequence = [*earlier, item]


def mark_again(source: Dataset, target: Dataset, identifiers: Identifiers) -> None:
    """Write the marks of a synthetic object back, without anything that came from the source.

    The profile removes the descriptions that say in words what SyntheticData says in code.
    """
    if not is_synthetic(source):
        return
    target.SyntheticData = "YES"
    target.ContentQualification = "RESEARCH"
    target.SeriesDescription = synthetic_words(
        identifiers.scrub(value_text(source.get("SeriesDescription"))), LO
    )
    if "PixelData" in source or source.get("ImageComments"):
        target.ImageComments = COMMENT
    if source.get("DerivationDescription"):
        target.DerivationDescription = synthetic_words(
            identifiers.scrub(value_text(source.DerivationDescription)), ST
        )
    synthesizing = ("109100", "DCM", "Synthesizing Equipment")
    for item in target.get("ContributingEquipmentSequence") or ():
        purposes = item.get("PurposeOfReferenceCodeSequence") or ()
        if any(value_text(code.get("CodeValue")) == synthesizing[0] for code in purposes):
            item.ContributionDescription = target.get("DerivationDescription") or PREFIX
