"""What makes an object legal that was not: empty or missing attributes that must be there.

Only where the standard leaves no choice, or one value says that nothing is known.
"""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, MRImageStorage

from SynthCore.dicom.deidentify.classes import SUPPORTED
from SynthCore.dicom.deidentify.uids import UidMap
from SynthCore.dicom.deidentify.values import REMOVED

TYPE_2 = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
    "StudyID", "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip
"""Present, if only empty, in every object of a patient (PS3.3, C.7.1.1 and C.7.2.1)."""

_OF_IMAGES: dict[str, dict[str, Any]] = {
    CTImageStorage: {"ImageType": ["DERIVED", "SECONDARY", "AXIAL"]},
    MRImageStorage: {
        "ImageType": ["DERIVED", "SECONDARY", "OTHER"], "ScanningSequence": "RM",
        "SequenceVariant": "NONE",
    },
}  # fmt: skip
_NEUTRAL_RESCALE = {"RescaleSlope": "1", "RescaleIntercept": "0"}
_COLOR_PRESENTATION = "1.2.840.10008.5.1.4.1.1.11.2"
_EMPTY_2 = {
    CTImageStorage: ("KVP", "AcquisitionNumber"),
    MRImageStorage: ("ScanOptions", "RepetitionTime", "EchoTime", "EchoTrainLength"),
}
_NOT_EMPTY = (
    "BurnedInAnnotation", "RecognizableVisualFeatures", "LossyImageCompression",
    "QualityControlSubject", "SpatialResolution", "ContentQualification", "PresentationLUTShape",
)  # fmt: skip
"""Type 3 with enumerated values, or type 1C: gone where empty."""

_ENUMERATED = {
    "PatientSex": ("M", "F", "O"), "BurnedInAnnotation": ("YES", "NO"),
    "RecognizableVisualFeatures": ("YES", "NO"), "LossyImageCompression": ("00", "01"),
    "QualityControlSubject": ("YES", "NO"), "Laterality": ("R", "L"),
    "ImageLaterality": ("R", "L", "U", "B"),
}  # fmt: skip


def repair(target: Dataset, sop_class: str, uids: UidMap) -> int:
    """Fill in what must be there; the number of attributes that were."""
    before = sum(1 for _ in target)
    for keyword, allowed in _ENUMERATED.items():
        if target.get(keyword) and str(target.get(keyword)) not in allowed:
            setattr(target, keyword, "")
    for keyword in TYPE_2:
        if keyword not in target:
            setattr(target, keyword, "")
    for keyword in _NOT_EMPTY:
        if keyword in target and not target.get(keyword):
            delattr(target, keyword)
    changed = _uids(target, uids) + _unscaled(target, sop_class)
    for keyword, value in _OF_IMAGES.get(sop_class, {}).items():
        if target.get(keyword) in (None, ""):
            setattr(target, keyword, value)
            changed += 1
    for keyword in _EMPTY_2.get(sop_class, ()):
        if keyword not in target:
            setattr(target, keyword, None)
    if not target.get("Modality"):
        target.Modality = SUPPORTED[sop_class]
        changed += 1
    if sop_class == _COLOR_PRESENTATION and "ICCProfile" not in target:
        target.ICCProfile = _neutral_profile()
    _fill_conditional(target)
    _drop_empty_items(target)
    return changed + sum(1 for _ in target) - before


def drop_injection_times(target: Dataset) -> None:
    """Take out when a tracer was given: a dummy would make every uptake (SUV) silently wrong.

    They are type 3 in a PET image; in an enhanced one the start is type 1C and stays a dummy.
    """
    for item in target.get("RadiopharmaceuticalInformationSequence") or ():
        for event in ("Start", "Stop"):
            for kind in ("Time", "DateTime"):
                keyword = f"Radiopharmaceutical{event}{kind}"
                if keyword in item:
                    delattr(item, keyword)


def _neutral_profile() -> bytes:
    """sRGB: type 1 in a color presentation state, where the file's own may hold any text."""
    from PIL import ImageCms

    data: bytes = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return data + b"\0" * (len(data) % 2)


def _unscaled(target: Dataset, sop_class: str) -> int:
    """A rescaling for a CT image that has none, and that its numbers are then no HU."""
    missing = [
        keyword for keyword in _NEUTRAL_RESCALE if target.get(keyword) in (None, "")
    ]  # fmt: skip
    if sop_class != CTImageStorage or not missing or "ModalityLUTSequence" in target:
        return 0
    for keyword in missing:
        setattr(target, keyword, _NEUTRAL_RESCALE[keyword])
    target.RescaleType = "US"
    return len(missing)


def _fill_conditional(target: Dataset) -> None:
    """Type 2 and 2C attributes that validators ask for where nothing makes them unnecessary."""
    if "FrameOfReferenceUID" in target and "PositionReferenceIndicator" not in target:
        target.PositionReferenceIndicator = ""
    if str(target.Modality).startswith("RT") and "OperatorsName" not in target:
        target.OperatorsName = ""
    if target.get("BodyPartExamined") == REMOVED:
        target.BodyPartExamined = ""
    sides = ("BodyPartExamined", "Laterality", "ImageLaterality", "AnatomicRegionSequence")
    if target.Modality in ("CT", "MR", "PT", "CR", "PR") and not any(
        target.get(side) for side in sides
    ):
        target.Laterality = ""
    for keyword, neutral in _NEUTRAL_RESCALE.items():
        if keyword in target and target.get(keyword) in (None, ""):
            setattr(target, keyword, neutral)
    for keyword in ("InversionTime", "TriggerTime"):
        if keyword in target and target.get(keyword) in (None, ""):
            delattr(target, keyword)


def _uids(target: Dataset, uids: UidMap) -> int:
    changed = 0
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        if not target.get(keyword):
            # objects that lack it stay together: one study and one series of their own
            setattr(target, keyword, uids.new(f"no {keyword}"))
            changed += 1
    if "FrameOfReferenceUID" in target and not target.FrameOfReferenceUID:
        target.FrameOfReferenceUID = uids.new(f"frame of {target.SeriesInstanceUID}")
        changed += 1
    return changed


def _drop_empty_items(target: Dataset) -> None:
    """Items of code sequences that say nothing are not legal; sequences of them become empty."""
    for element in list(target):
        if element.VR != "SQ" or not element.value:
            continue
        for item in element.value:
            _drop_empty_items(item)
        if element.keyword.endswith("CodeSequence"):
            codes = ("CodeValue", "LongCodeValue", "URNCodeValue")
            kept = [i for i in element.value if any(i.get(c) for c in codes)]
            if len(kept) < len(element.value):
                element.value = kept
            for item in kept:
                if not item.get("CodeMeaning"):
                    item.CodeMeaning = REMOVED
