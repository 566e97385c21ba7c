"""A synthetic volume minus a reference, as a volume of its own on the synthetic one's grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk

from SlicerSynthLib.attributes import is_synthetic, mark_derived
from SlicerSynthLib.display import DIFFERENCE, apply_display
from SlicerSynthLib.geometry import matrix_of
from SlicerSynthLib.hierarchy import place_beside
from SlicerSynthLib.nodes import grid_of, node_from_image, update_node
from SlicerSynthLib.results import UNCERTAINTY_REFERENCE
from SlicerSynthLib.scalars import array_of_data
from SynthCore.errors import InputError
from SynthCore.image import Affine, Array, Image

SYNTHETIC = "SynthCore.Minuend"
REFERENCE = "SynthCore.Subtrahend"
"""Node references of a difference to the volumes it was computed from."""


def difference_node(scene: Any, synthetic: Any, reference: Any) -> Any:
    """The volume ``synthetic - reference``, marked and shown in color.

    The reference is interpolated linearly where the grids differ; where it does not reach, the
    difference is 0. There is one such volume for each pair, computed anew at each call.

    Parameters
    ----------
    scene : vtkMRMLScene
        Holds both volumes.
    synthetic, reference : vtkMRMLScalarVolumeNode
        Of the same unit.

    Raises
    ------
    InputError
        If one of them is no single volume, lies under a transform that is not linear, or they
        do not overlap. The scene is unchanged then.
    """
    image = difference_image(synthetic, reference)
    name = f"{synthetic.GetName()} minus {reference.GetName()}"
    node = find_difference(scene, synthetic, reference)
    if node is None:
        node = node_from_image(scene, image, name, take_over=True)
        node.SetNodeReferenceID(SYNTHETIC, synthetic.GetID())
        node.SetNodeReferenceID(REFERENCE, reference.GetID())
        place_beside(scene, node, synthetic)
    else:
        update_node(node, image, take_over=True)
    if is_synthetic(synthetic) or is_synthetic(reference):
        mark_derived(node, synthetic if is_synthetic(synthetic) else reference)
    apply_display(node, DIFFERENCE)
    return node


def find_difference(scene: Any, synthetic: Any, reference: Any) -> Any | None:
    """The difference of this pair that is in the scene already."""
    for index in range(scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")):
        node = scene.GetNthNodeByClass(index, "vtkMRMLScalarVolumeNode")
        if (
            node.GetNodeReferenceID(SYNTHETIC) == synthetic.GetID()
            and node.GetNodeReferenceID(REFERENCE) == reference.GetID()
        ):
            return node
    return None


def is_of(node: Any, result: Any) -> bool:
    """Whether `node` is `result` itself or was computed from it, so that it says nothing of it."""
    if node is None or result is None:
        return False
    operands = [node.GetNodeReferenceID(role) for role in (SYNTHETIC, REFERENCE)]
    return (
        node is result
        or node is result.GetNodeReference(UNCERTAINTY_REFERENCE)
        or result.GetID() in operands
    )


def difference_image(synthetic: Any, reference: Any) -> Image:
    """``synthetic - reference`` as 32-bit floats on the synthetic one's grid.

    Raises
    ------
    InputError
        As `difference_node`.
    """
    minuend, onto = grid_of(synthetic)
    subtrahend, affine = grid_of(reference)
    target = Image(minuend, onto)
    if Image(subtrahend, affine).same_grid(target):
        return Image(np.subtract(minuend, subtrahend, dtype=np.float32), onto)
    moved = _linear(reference.GetImageData(), np.linalg.inv(affine) @ onto, target.shape)
    outside = np.isnan(moved)
    if outside.all():
        raise InputError(
            f"{reference.GetName()} does not overlap {synthetic.GetName()}; register them first."
        )
    result = np.subtract(minuend, moved, dtype=np.float32)
    result[outside] = 0.0
    return Image(result, onto)


def _linear(data: Any, place: Affine, shape: tuple[int, int, int]) -> Array:
    """`data` at the voxels of a grid that `place` maps to its own; NaN where it does not reach."""
    first = data.GetExtent()[::2]
    to_extent = place.copy()
    to_extent[:3, 3] += first
    plain = vtk.vtkImageData()
    plain.ShallowCopy(data)
    plain.SetSpacing(1.0, 1.0, 1.0)
    plain.SetOrigin(0.0, 0.0, 0.0)
    transform = vtk.vtkMatrixToLinearTransform()
    transform.SetInput(matrix_of(to_extent))
    reslice = vtk.vtkImageReslice()
    reslice.SetInputData(plain)
    reslice.SetResliceTransform(transform)
    reslice.SetInterpolationModeToLinear()
    reslice.SetOutputScalarType(vtk.VTK_FLOAT)
    reslice.SetBackgroundLevel(float("nan"))
    reslice.SetOutputSpacing(1.0, 1.0, 1.0)
    reslice.SetOutputOrigin(0.0, 0.0, 0.0)
    k, j, i = shape
    reslice.SetOutputExtent(0, i - 1, 0, j - 1, 0, k - 1)
    reslice.Update()
    voxels = array_of_data(reslice.GetOutput())
    assert voxels is not None  # noqa: S101 (the output has one value a voxel)
    return voxels
