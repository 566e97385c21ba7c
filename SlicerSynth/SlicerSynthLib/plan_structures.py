"""Structures of a plan check, out of a segmentation or a label map: their names and masks.

One that nobody drew, or that lies outside the synthetic CT as those of a planning CT may, is left
out, and the check says so; such a target is refused, as nothing would have been checked in it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from SlicerSynthLib.masks import EmptyMaskError, OutsideMaskError, mask_image
from SynthCore.dicom.rt.target_names import is_target
from SynthCore.errors import InputError
from SynthCore.image import Image

OUTSIDE_SHARE = 0.01
"""Of a structure, beyond the synthetic CT: with more it is no longer the structure that is judged.
As of an RTSTRUCT's contours."""

LABEL_MAP = "label map"
"""In place of a segment's id: a label map is one structure."""


def structures_in(node: Any) -> list[tuple[str, str]]:
    """Name and id of every structure of a segmentation, or of a label map, which is one."""
    if node is None:
        return []
    if not node.IsA("vtkMRMLSegmentationNode"):
        return [(node.GetName() or LABEL_MAP, LABEL_MAP)]
    segmentation = node.GetSegmentation()
    ids = [segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments())]
    return [(segmentation.GetSegment(one).GetName() or one, one) for one in ids]


def add_masks(node: Any, target: str, volumes: dict[str, Image]) -> list[dict[str, Any]]:
    """Put a mask for every structure beside the volumes of a request, and say which is which.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode or vtkMRMLLabelMapVolumeNode
        None where there are no structures.
    target : str
        Id of the structure that is to be treated; empty where their names say it.
    volumes : dict
        The synthetic CT gives the grid; it takes a note of what was left out.

    Raises
    ------
    InputError
        If the target is empty, or a mask cannot be given to the engine.
    """
    told, onto = [], volumes["synthetic"]
    for number, (name, identity) in enumerate(structures_in(node)):
        volume = f"structure {number}"
        try:
            segment = None if identity == LABEL_MAP else identity
            mask = mask_image(node, segment, onto, most_outside=OUTSIDE_SHARE)
        except (EmptyMaskError, OutsideMaskError) as error:
            if identity == target or (not target and is_target(name)):
                if isinstance(error, OutsideMaskError):
                    raise
                raise InputError(
                    f"The target {name} is empty; draw it, or choose the target that is meant."
                ) from None
            volumes["synthetic"] = _without(name, error, volumes["synthetic"])
            continue
        volumes[volume] = mask
        told.append({"volume": volume, "name": name, "target": identity == target})
    return told


def _without(name: str, error: InputError, synthetic: Image) -> Image:
    """The synthetic CT with a note that a structure was left out."""
    why = "is empty" if isinstance(error, EmptyMaskError) else "does not lie in the synthetic CT"
    note = f"The structure {name} {why} and is left out."
    return replace(synthetic, notes=(*synthetic.notes, note))
