"""Objects that stand beside a synthetic series: segmentations, maps, reports, teaching objects.

They carry no record of their own (the series' do) but the same marks as far as they apply, and a
digest of all their tags, so that `synthcore verify` finds a changed one.
"""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.uid import (
    BasicTextSRStorage,
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    EnhancedSRStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    KeyObjectSelectionDocumentStorage,
    ParametricMapStorage,
    SegmentationStorage,
)

from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.marks import MANUFACTURER, PREFIX, SYNTHESIZING_EQUIPMENT, has_code
from SynthCore.dicom.texts import value_text

CLASSES = (
    SegmentationStorage,
    ParametricMapStorage,
    EnhancedSRStorage,
    ComprehensiveSRStorage,
    Comprehensive3DSRStorage,
    # what a teaching file has beside its images
    BasicTextSRStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    KeyObjectSelectionDocumentStorage,
)


def is_companion(header: Dataset) -> bool:
    """Whether the object is a segmentation, parametric map, report, key image or selection."""
    return header.get("SOPClassUID") in CLASSES


def missing_companion_marks(header: Dataset) -> tuple[str, ...]:
    """One sentence for each mark that a companion lacks or carries wrongly."""
    found = []
    if not is_synthetic(header):
        found.append("SyntheticData (0008,001C) is not YES.")
    if value_text(header.get("ContentQualification")) != "RESEARCH":
        found.append("ContentQualification (0018,9004) is not RESEARCH.")
    if not value_text(header.get("SeriesDescription")).startswith(PREFIX):
        found.append(f"SeriesDescription (0008,103E) does not begin with {PREFIX}.")
    if value_text(header.get("Manufacturer")) != MANUFACTURER:
        found.append(f"Manufacturer (0008,0070) is not {MANUFACTURER}.")
    if not any(
        has_code(item.get("PurposeOfReferenceCodeSequence"), SYNTHESIZING_EQUIPMENT)
        for item in header.get("ContributingEquipmentSequence") or ()
    ):
        found.append("ContributingEquipmentSequence (0018,A001) names no synthesizing equipment.")
    return tuple(found)
