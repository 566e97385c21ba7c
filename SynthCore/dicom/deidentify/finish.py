"""What is written into a cleaned object: the pseudonym, the marks, and how it was cleaned."""

from __future__ import annotations

from pydicom.dataset import Dataset

from SynthCore import __version__
from SynthCore.dicom.deidentified import METHODS, method, methods_of
from SynthCore.dicom.deidentify.identifiers import Identifiers
from SynthCore.dicom.deidentify.options import DeidentifyOptions
from SynthCore.dicom.deidentify.words import synthetic_words
from SynthCore.dicom.headers import is_synthetic, text
from SynthCore.dicom.marks import MANUFACTURER, MODEL_NAME, PREFIX, code_item
from SynthCore.dicom.texts import LO, ST, value_text

DEIDENTIFYING_EQUIPMENT = ("109104", "DCM", "De-identifying Equipment")

METHOD = f"{MODEL_NAME} {__version__}, DICOM PS3.15 annex E"
DESCRIPTION = "Identifying attributes removed or replaced."
COMMENT = f"{PREFIX} image, de-identified; not acquired from the patient."

_TEMPORAL = {"keep": "UNMODIFIED", "shift": "MODIFIED", "remove": "REMOVED"}
"""From the dates that say most to those that say least."""

_DATES_RETAINED = {"UNMODIFIED": "113106", "MODIFIED": "113107"}
_CLEANED = frozenset(("113101", "113102", "113103", "113104", "113105"))
"""What was once cleaned is clean in every copy; what was once retained may go in the next."""


def temporal(source: Dataset, options: DeidentifyOptions) -> str:
    """LongitudinalTemporalInformationModified of a copy: no truer than that of its source."""
    states = list(_TEMPORAL.values())
    stated = text(source, "LongitudinalTemporalInformationModified")
    shifted = "113107" in methods_of(source)
    earlier = (stated if stated in states else "UNMODIFIED", "MODIFIED" if shifted else "")
    return max(filter(None, (*earlier, _TEMPORAL[options.dates])), key=states.index)


def method_codes(
    source: Dataset, options: DeidentifyOptions, *, face_done: bool
) -> list[tuple[str, str, str]]:
    """The codes of CID 7050 for what was done with an object, here and before."""
    codes = {"113100", "113103", "113104"} | (_CLEANED & set(methods_of(source)))
    if face_done:
        codes.add("113102")
    if options.keep_words:
        codes.add("113105")
    if dates := _DATES_RETAINED.get(temporal(source, options)):
        codes.add(dates)
    if options.keep_characteristics:
        codes.add("113108")
    return [method(value) for value in sorted(codes)]


def written_texts() -> tuple[str, ...]:
    """Every text that is written here whatever the object."""
    return (
        METHOD, DESCRIPTION, COMMENT, MANUFACTURER, DEIDENTIFYING_EQUIPMENT[2], *METHODS.values(),
        "REMOVED UNMODIFIED MODIFIED 19000101 19000101000000 DERIVED SECONDARY RESEARCH",
    )  # fmt: skip


def identify(
    source: Dataset,
    target: Dataset,
    pseudonym: str,
    options: DeidentifyOptions,
    *,
    face_done: bool,
) -> None:
    """Write the pseudonym and the attributes that tell of the de-identification.

    A source that was de-identified before tells of that as well.
    """
    target.PatientName = target.PatientID = pseudonym
    target.PatientIdentityRemoved = "YES"
    target.DeidentificationMethod = METHOD
    codes = method_codes(source, options, face_done=face_done)
    target.DeidentificationMethodCodeSequence = [code_item(code) for code in codes]
    target.LongitudinalTemporalInformationModified = temporal(source, options)
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
