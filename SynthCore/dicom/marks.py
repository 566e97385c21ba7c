"""The marks of a synthetic object: what makes it impossible to take it for an acquired image.

Standard attributes first (SyntheticData since DICOM 2024b), then those that a person reads in a
list of series. `stamp` writes the ones that are the same for every object, `missing_marks` checks
all of them on a data set from anywhere.
"""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset

from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.texts import value_text

PREFIX = "SYNTHETIC"
"""SeriesDescription and ImageComments begin with it."""

MANUFACTURER = "SlicerSynth"
MODEL_NAME = "SynthCore"
SCHEME = "99SYNTHCORE"
"""Coding scheme of the derivation code; the standard has no code for AI synthesis."""

CT_IMAGE_TYPE = ("DERIVED", "SECONDARY", "AXIAL", "", PREFIX)
MR_IMAGE_TYPE = ("DERIVED", "SECONDARY", "OTHER", PREFIX)

ACQUISITION_EQUIPMENT = ("109101", "DCM", "Acquisition Equipment")
SYNTHESIZING_EQUIPMENT = ("109100", "DCM", "Synthesizing Equipment")
SOURCE_IMAGE = ("121322", "DCM", "Source image for image processing operation")


def code_item(code: tuple[str, str, str]) -> Dataset:
    """A code sequence item from (value, scheme, meaning)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code
    return item


def has_code(items: Any, code: tuple[str, str, str]) -> bool:
    """Whether one of the code items has the value and scheme of `code`."""
    return any(
        value_text(item.get("CodeValue")) == code[0]
        and value_text(item.get("CodingSchemeDesignator")) == code[1]
        for item in items or ()
    )


def stamp(header: Dataset, *, burned_in: bool = False) -> None:
    """Write the marks that do not depend on the model into `header`."""
    header.SyntheticData = "YES"
    header.ContentQualification = "RESEARCH"
    header.BurnedInAnnotation = "YES" if burned_in else "NO"


def missing_marks(header: Dataset) -> tuple[str, ...]:
    """One sentence for each mark that `header` lacks or carries wrongly."""
    found = []
    if not is_synthetic(header):
        found.append("SyntheticData (0008,001C) is not YES.")
    if value_text(header.get("ContentQualification")) != "RESEARCH":
        found.append("ContentQualification (0018,9004) is not RESEARCH.")
    if _image_type(header)[:2] != ["DERIVED", "SECONDARY"]:
        found.append("ImageType (0008,0008) does not begin with DERIVED, SECONDARY.")
    if value_text(header.get("BurnedInAnnotation")) not in ("YES", "NO"):
        found.append("BurnedInAnnotation (0028,0301) is missing.")
    if value_text(header.get("LossyImageCompression")) not in ("00", "01"):
        found.append("LossyImageCompression (0028,2110) is missing.")
    for keyword, tag in (("SeriesDescription", "(0008,103E)"), ("ImageComments", "(0020,4000)")):
        if not value_text(header.get(keyword)).startswith(PREFIX):
            found.append(f"{keyword} {tag} does not begin with {PREFIX}.")
    if value_text(header.get("Manufacturer")) != MANUFACTURER:
        found.append(f"Manufacturer (0008,0070) is not {MANUFACTURER}.")
    if not value_text(header.get("DerivationDescription")):
        found.append("DerivationDescription (0008,2111) is missing.")
    if not any(
        value_text(item.get("CodingSchemeDesignator")) == SCHEME
        for item in header.get("DerivationCodeSequence") or ()
    ):
        found.append(f"DerivationCodeSequence (0008,9215) holds no {SCHEME} code.")
    if not any(
        has_code(item.get("PurposeOfReferenceCodeSequence"), SYNTHESIZING_EQUIPMENT)
        for item in header.get("ContributingEquipmentSequence") or ()
    ):
        found.append("ContributingEquipmentSequence (0018,A001) names no synthesizing equipment.")
    sources = header.get("SourceImageSequence") or ()
    if not all(
        has_code(item.get("PurposeOfReferenceCodeSequence"), SOURCE_IMAGE) for item in sources
    ):
        found.append("SourceImageSequence (0008,2112) holds an item without its purpose.")
    return tuple(found)


def _image_type(header: Dataset) -> list[str]:
    value = header.get("ImageType")
    return [] if value is None else [str(v) for v in value]
