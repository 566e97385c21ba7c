"""Where a node lies: from MRML's RAS and its transforms to LPS millimeters, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk

from SynthCore.errors import InputError
from SynthCore.image import Affine

RAS_TO_LPS = np.diag((-1.0, -1.0, 1.0, 1.0))
"""Its own inverse: MRML counts to the right and front, DICOM to the left and back."""

SHEAR_DEGREES = 0.1
SHEAR_VOXELS = 0.25
"""A grid whose axes lean by more than both (angle, and drift over the volume) is sheared."""


def array_of(matrix: Any) -> Affine:
    """A `vtkMatrix4x4` as an array."""
    return np.array([[matrix.GetElement(r, c) for c in range(4)] for r in range(4)])


def matrix_of(array: Affine) -> Any:
    """An array as a `vtkMatrix4x4`."""
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy([float(value) for value in np.asarray(array).ravel()])
    return matrix


def local_to_world(node: Any) -> Affine:
    """The linear transform (RAS to RAS) that `node` lies under; identity where there is none.

    Raises
    ------
    InputError
        If a transform over the node is not linear, or cannot be undone.
    """
    parent = node.GetParentTransformNode()
    if parent is None:
        return np.eye(4)
    bent = _first_bent(parent)
    if bent is not None:
        raise InputError(
            f"{node.GetName()} lies under the transform {bent.GetName()}, which is not linear; "
            "harden it in the Transforms module, then try again."
        )
    matrix = vtk.vtkMatrix4x4()
    parent.GetMatrixTransformToWorld(matrix)
    world = array_of(matrix)
    if not np.all(np.isfinite(world)) or abs(float(np.linalg.det(world[:3, :3]))) < 1e-12:
        raise InputError(
            f"{node.GetName()} lies under the transform {parent.GetName()}, which flattens space; "
            "correct it in the Transforms module."
        )
    return world


def check_right_angles(affine: Affine, shape: tuple[int, int, int], node: Any) -> None:
    """Refuse a grid with leaning axes: MRML can hold one, DICOM and most tools cannot.

    Parameters
    ----------
    affine : numpy.ndarray
        4 x 4, indices (i, j, k, 1) to millimeters.
    shape : tuple of int
        Voxels along (k, j, i).
    node : vtkMRMLVolumeNode
        The node the grid belongs to.

    Raises
    ------
    InputError
        If two axes lean by more than `SHEAR_DEGREES` and `SHEAR_VOXELS`.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    axes = affine[:3, :3] / spacing
    extent = spacing * np.array(shape[::-1])
    for a, b in ((0, 1), (0, 2), (1, 2)):
        lean = min(1.0, abs(float(axes[:, a] @ axes[:, b])))
        angle = float(np.degrees(np.arcsin(lean)))
        drift = lean * float(max(extent[a], extent[b]))
        if angle > SHEAR_DEGREES and drift > SHEAR_VOXELS * float(spacing.min()):
            why = " under its transform" if node.GetParentTransformNode() is not None else ""
            raise InputError(
                f"{node.GetName()} has axes that are {90 - angle:.1f} degrees apart{why}, not at "
                "right angles; resample it to a straight grid in the Resample Scalar/Vector/DWI "
                "Volume module."
            )


def _first_bent(transform: Any) -> Any | None:
    """The nearest transform of the chain that is not linear."""
    while transform is not None:
        if not transform.IsLinear():
            return transform
        transform = transform.GetParentTransformNode()
    return None
