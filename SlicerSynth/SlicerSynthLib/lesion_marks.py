"""What the nodes of one placed lesion say of each other, and of the DICOM study they belong to.

``SynthCore.Lesion``
    JSON: ``group`` (the same for all nodes of one lesion), ``number`` (0 for the first date),
    ``date`` (YYYY-MM-DD, empty where there is but one) and ``study`` (uid, date, frame of
    reference and patient's ID).
``SynthCore.Outlines``
    JSON, on the segmentation: ``finding`` and ``tissues`` as a report and DICOM Segmentations
    tell of them, ``whole`` (ID of its segment) and ``parts`` (IDs by values).

A scene may come from anywhere: what it says is checked before it is believed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import slicer

from SlicerSynthLib.attributes import TARGET

LESION, OUTLINES = "SynthCore.Lesion", "SynthCore.Outlines"
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")
_DATE = re.compile(r"([0-9]{8})?")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBERED = 1000


@dataclass(frozen=True)
class Study:
    """A DICOM study of a lesion's own, as `SynthCore.dicom.series_plan.NewStudy`."""

    uid: str
    date: str
    frame_of_reference: str
    patient_id: str

    @classmethod
    def from_json(cls, data: Any) -> Study:
        """Raises ValueError where it is none."""
        found = cls(**{name: str(value) for name, value in dict(data).items()})
        uids = (found.uid, found.frame_of_reference)
        if not all(len(uid) <= 64 and _UID.fullmatch(uid) for uid in uids):
            raise ValueError
        if not _DATE.fullmatch(found.date) or not _ID.fullmatch(found.patient_id):
            raise ValueError
        return found


@dataclass(frozen=True)
class LesionMark:
    """Which lesion a node belongs to."""

    group: str
    number: int
    date: str
    study: Study


def mark_lesion(node: Any, mark: LesionMark) -> None:
    """Say on an image or on the outlines which lesion they belong to."""
    node.SetAttribute(LESION, json.dumps(asdict(mark), sort_keys=True))


def lesion_mark_of(node: Any) -> LesionMark | None:
    """What `mark_lesion` said, None where nothing is said, or nothing to be believed."""
    try:
        data = json.loads(node.GetAttribute(LESION) or "null")
        number = int(data["number"])
        if not _ID.fullmatch(data["group"]) or not 0 <= number < _NUMBERED:
            raise ValueError
        study = Study.from_json(data["study"])
        return LesionMark(str(data["group"]), number, str(data["date"])[:10], study)
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def mark_outlines(node: Any, told: Mapping[str, Any], values: Mapping[str, str]) -> None:
    """Say on a segmentation what its segments are.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode
        The whole lesion first, then its parts, if there are several.
    told : mapping
        The engine's answer: ``finding`` and ``tissues``.
    values : mapping
        Name of a part to its value.
    """
    segmentation = node.GetSegmentation()
    ids = [segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments())]
    names = {one: segmentation.GetSegment(one).GetName() for one in ids[1:]}
    data = {
        "finding": told.get("finding"),
        "tissues": told.get("tissues"),
        "whole": ids[0],
        "parts": {values[name]: one for one, name in names.items() if name in values},
    }
    node.SetAttribute(OUTLINES, json.dumps(data, sort_keys=True))


def outlines_of(node: Any) -> dict[str, Any] | None:
    """What `mark_outlines` said, None where it cannot be read."""
    try:
        data = json.loads(node.GetAttribute(OUTLINES) or "null")
    except (ValueError, RecursionError):
        return None
    named = isinstance(data, dict) and {"finding", "tissues", "whole", "parts"} <= set(data)
    return data if named else None


def show_outlines_of(scene: Any, node: Any) -> None:
    """Show the outlines of the lesion in an image, and of the same lesion at no other date."""
    mark = lesion_mark_of(node)
    for number, (_images, outlines) in same_lesion(scene, node).items():
        display = None if outlines is None else outlines.GetDisplayNode()
        if display is not None:
            display.SetVisibility(mark is not None and number == mark.number)


def same_lesion(scene: Any, node: Any) -> dict[int, tuple[list[Any], Any]]:
    """Images and outlines of the lesion that a node belongs to, by number, in the scene's order.

    Of a role there is one image at each date: of several, as after one was cloned, `node` itself
    if it is among them, else the first. Outlines are None where they were removed.
    """
    mark = lesion_mark_of(node)
    images: dict[int, dict[str, Any]] = {}
    outlines: dict[int, Any] = {}
    if mark is None:
        return {}
    for kind in ("vtkMRMLScalarVolumeNode", "vtkMRMLSegmentationNode"):
        for one in slicer.util.getNodesByClass(kind, scene):
            other = lesion_mark_of(one)
            if other is None or other.group != mark.group:
                continue
            if kind == "vtkMRMLSegmentationNode":
                outlines.setdefault(other.number, one)
                continue
            of_date = images.setdefault(other.number, {})
            role = str(one.GetAttribute(TARGET) or one.GetID())
            if one is node or role not in of_date:
                of_date[role] = one
    numbers = sorted({*images, *outlines})
    return {n: (list(images.get(n, {}).values()), outlines.get(n)) for n in numbers}
