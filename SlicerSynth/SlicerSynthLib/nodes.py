"""Volume nodes to images and back, exactly: the same voxels at the same place in the patient.

An `Image` made of a node is a snapshot in world coordinates: its voxels are a copy, and linear
transforms over the node are applied to its affine (what Slicer calls hardening) while the node
itself stays as it is. A node made of an image is complete before it enters the scene.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk

from SlicerSynthLib.attributes import mark_of
from SlicerSynthLib.geometry import (
    RAS_TO_LPS,
    array_of,
    check_right_angles,
    local_to_world,
    matrix_of,
)
from SlicerSynthLib.scalars import array_of_data, image_data
from SynthCore.errors import InputError
from SynthCore.image import Affine, Array, Image, Source
from SynthCore.tasks import unit_of

TRANSFORMED = "The linear transform of the volume was applied to its geometry."


def image_from_node(node: Any, role: str, source: Source | None = None) -> Image:
    """A copy of the node's voxels with their place in the world.

    Parameters
    ----------
    node : vtkMRMLScalarVolumeNode
        Is not changed, but for a mark that its file carries and that is noted on it.
    role : str
        A role of the catalogue (``T1``, ``CT``, ...).
    source : Source, optional
        Where the volume came from; nothing is known of it by default.

    Returns
    -------
    Image
        Voxels of the node's own scalar type; the affine in LPS, with linear transforms applied.

    Raises
    ------
    InputError
        If the node holds no single gray-value volume of finite numbers, lies under a transform
        that is not linear, or its axes are not at right angles.
    """
    voxels, affine = grid_of(node, role)
    check_right_angles(affine, voxels.shape, node)
    _check_finite(voxels, node.GetName())
    moved = node.GetParentTransformNode() is not None
    return Image(
        voxels.copy(),
        affine,
        role,
        unit_of(role),
        source or Source(),
        (TRANSFORMED,) if moved else (),
        mark_of(node),
    )


def grid_of(node: Any, role: str = "") -> tuple[Array, Affine]:
    """The node's own voxels [k, j, i] (not a copy) and its affine in LPS world coordinates.

    Raises
    ------
    InputError
        If the node holds no single gray-value volume, or lies under a transform that is not
        linear.
    """
    voxels = _own_voxels(node, role)
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    affine = RAS_TO_LPS @ local_to_world(node) @ array_of(matrix)
    first = node.GetImageData().GetExtent()[::2]
    affine[:3, 3] += affine[:3, :3] @ first
    affine[3] = (0.0, 0.0, 0.0, 1.0)
    return voxels, affine + 0.0


def node_from_image(scene: Any, image: Image, name: str, take_over: bool = False) -> Any:
    """A new scalar volume node in `scene` with the voxels and the place of `image`.

    With `take_over` the node may keep the image's own voxels: nobody else needs them any more.

    Raises
    ------
    InputError
        If no scalar type of a volume node holds the voxels exactly.
    """
    node = slicer.vtkMRMLScalarVolumeNode()
    node.SetName(name)
    update_node(node, image, take_over)
    return scene.AddNode(node)


def update_node(node: Any, image: Image, take_over: bool = False) -> None:
    """Give `node` the voxels and the place of `image`, at once and in world coordinates.

    A transform over the node is taken off it: the image's place is already that in the world.

    Raises
    ------
    InputError
        If no scalar type of a volume node holds the voxels exactly; the node is unchanged then.
    """
    data = image_data(image.voxels, take_over)
    modifying = node.StartModify()
    try:
        node.SetAndObserveTransformNodeID(None)
        node.SetIJKToRASMatrix(matrix_of(RAS_TO_LPS @ image.affine))
        node.SetAndObserveImageData(data)
    finally:
        node.EndModify(modifying)


def remove_volume(scene: Any, node: Any) -> None:
    """Take a volume or a segmentation out of the scene with all that only shows or stores it."""
    kept = [node.GetNthDisplayNode(n) for n in range(node.GetNumberOfDisplayNodes())]
    kept += [node.GetNthStorageNode(n) for n in range(node.GetNumberOfStorageNodes())]
    scene.RemoveNode(node)
    for one in kept:
        if one is not None and scene.IsNodePresent(one):
            scene.RemoveNode(one)


def _own_voxels(node: Any, role: str) -> Array:
    if node is None:
        raise InputError(f"No volume is chosen{f' for {role}' if role else ''}; choose one.")
    name = node.GetName()
    if node.IsA("vtkMRMLLabelMapVolumeNode"):
        raise InputError(f"{name} is a label map; choose an image, or give it as the mask.")
    if not node.IsA("vtkMRMLScalarVolumeNode"):
        raise InputError(f"{name} is not a volume; choose an image volume.")
    sequence = _sequence_of(node)
    if sequence is not None:
        raise InputError(
            f"{name} is one frame of the sequence {sequence.GetName()}; "
            "clone the frame in the Data module and choose the copy."
        )
    data = node.GetImageData()
    scalars = data.GetPointData().GetScalars() if data is not None else None
    if scalars is None or scalars.GetNumberOfTuples() == 0:
        raise InputError(f"{name} holds no image; choose a volume with voxels.")
    count = scalars.GetNumberOfComponents()
    if count != 1 or node.IsA("vtkMRMLTensorVolumeNode"):
        raise InputError(
            f"{name} holds {count} values in each voxel (color, vectors or time points); "
            "choose a volume of one gray value."
        )
    voxels = array_of_data(data)
    if voxels is None:
        raise InputError(
            f"{name} holds single bits; convert it with the Cast Scalar Volume module."
        )
    return voxels


def _sequence_of(node: Any) -> Any | None:
    """The sequence whose current frame `node` shows, None where it is a volume of its own."""
    scene = node.GetScene()
    if scene is None:
        return None
    for index in range(scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode")):
        browser = scene.GetNthNodeByClass(index, "vtkMRMLSequenceBrowserNode")
        sequence = browser.GetSequenceNode(node)
        if sequence is not None:
            return sequence
    return None


def _check_finite(voxels: Array, name: str) -> None:
    if voxels.dtype.kind != "f":
        return
    with np.errstate(over="ignore", invalid="ignore"):
        # the sum is finite for almost every volume, and half the price of asking each voxel
        if np.isfinite(voxels.sum()):
            return
        bad = voxels.size - int(np.count_nonzero(np.isfinite(voxels)))
    if bad:
        raise InputError(
            f"{name} holds {bad} NaN or infinite values; replace them with finite ones."
        )
