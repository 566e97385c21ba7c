"""A lesion's mask and its parts as a segmentation node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import slicer

from SlicerSynthLib.geometry import RAS_TO_LPS, matrix_of
from SlicerSynthLib.scalars import image_data
from SynthCore.image import Affine, Array

COLORS = (
    (1.0, 0.85, 0.2), (0.35, 0.7, 0.9), (0.9, 0.35, 0.25), (0.55, 0.4, 0.8), (0.4, 0.75, 0.4),
)  # fmt: skip


def segmentation_node(scene: Any, name: str, masks: Mapping[str, Array], affine: Affine) -> Any:
    """A segmentation with a segment for each mask, shown as outlines.

    Parameters
    ----------
    scene : vtkMRMLScene
        Where it is added.
    name : str
        Of the node.
    masks : mapping of str to numpy.ndarray of bool
        [k, j, i], all of one shape, by the segments' names; none of them is empty.
    affine : numpy.ndarray
        LPS millimeters of their voxels.
    """
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetVisibility2DFill(False)  # an outline hides nothing of the lesion
    box, place = _box(masks, affine)
    for number, (segment, mask) in enumerate(masks.items()):
        data = slicer.vtkOrientedImageData()
        data.DeepCopy(image_data(mask[box].astype(np.uint8)))
        data.SetImageToWorldMatrix(matrix_of(RAS_TO_LPS @ place))
        color = COLORS[number % len(COLORS)]
        node.AddSegmentFromBinaryLabelmapRepresentation(data, segment, color)
    return node


def _box(masks: Mapping[str, Array], affine: Affine) -> tuple[tuple[slice, ...], Affine]:
    """The part of the grid that all of them lie in, and its own affine."""
    found = np.argwhere(np.logical_or.reduce(list(masks.values())))
    low, high = found.min(axis=0), found.max(axis=0) + 1
    place = np.array(affine, dtype=float)
    place[:3, 3] += place[:3, :3] @ low[::-1]
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True)), place
