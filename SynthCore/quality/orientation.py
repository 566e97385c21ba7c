"""Planes of a volume as a radiologist sees them.

Axial and coronal planes show the patient's left on the right of the picture; coronal and sagittal
planes have superior up, axial and sagittal ones have anterior up and to the left. Axes of an
oblique volume are taken to the nearest axis of the patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from SynthCore.image import Affine

Voxels = npt.NDArray[Any]
PlaneName = Literal["axial", "coronal", "sagittal"]

PLANES: tuple[PlaneName, ...] = ("axial", "coronal", "sagittal")
LETTERS: dict[PlaneName, tuple[str, str, str, str]] = {
    "axial": ("R", "L", "A", "P"),
    "coronal": ("R", "L", "S", "I"),
    "sagittal": ("A", "P", "S", "I"),
}
"""What lies at the left, right, top and bottom of the picture."""


@dataclass(frozen=True)
class Axes:
    """How the axes of an array are turned so that it reads (superior, posterior, left).

    Attributes
    ----------
    order : tuple of int
        Array axes that run along z, y and x of the patient.
    flipped : tuple of bool
        Which of them run the other way.
    spacing : tuple of float
        Millimeters along z, y and x.
    oblique : float
        Largest angle in degrees between an axis and the patient's.
    """

    order: tuple[int, int, int]
    flipped: tuple[bool, bool, bool]
    spacing: tuple[float, float, float]
    oblique: float

    def turn(self, voxels: Voxels) -> Voxels:
        """Turn an array ``[k, j, i]`` so that its axes run to superior, posterior and left."""
        steps = tuple(slice(None, None, -1 if flip else 1) for flip in self.flipped)
        turned: Voxels = np.transpose(voxels, self.order)[steps]
        return turned


def axes_of(affine: Affine) -> Axes:
    """Find the patient's axis nearest to each array axis, no axis twice.

    Parameters
    ----------
    affine : numpy.ndarray
        4 x 4, indices (i, j, k, 1) to LPS millimeters.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    cosines = affine[:3, :3] / spacing  # rows x, y, z; columns i, j, k
    left = np.abs(cosines)
    pairs: dict[int, int] = {}
    for _ in range(3):  # the clearest axis first
        row, column = np.unravel_index(int(np.argmax(left)), left.shape)
        pairs[int(row)] = int(column)
        left[row, :] = left[:, column] = -1
    columns = [pairs[axis] for axis in (2, 1, 0)]  # along z, y, x
    along = [float(cosines[axis, pairs[axis]]) for axis in (2, 1, 0)]
    order = [2 - column for column in columns]  # i is the last array axis
    flipped = [value < 0 for value in along]
    steps = [float(spacing[column]) for column in columns]
    return Axes(
        (order[0], order[1], order[2]),
        (flipped[0], flipped[1], flipped[2]),
        (steps[0], steps[1], steps[2]),
        float(np.degrees(np.arccos(min(1.0, min(abs(v) for v in along))))),
    )


def cut(turned: Voxels, plane: PlaneName, index: int) -> Voxels:
    """Take one plane of a turned array, first row at the top of the picture."""
    if plane == "axial":
        picture: Voxels = turned[index]
    elif plane == "coronal":
        picture = turned[::-1, index, :]
    else:
        picture = turned[::-1, :, index]
    return picture


def pixel_size(axes: Axes, plane: PlaneName) -> tuple[float, float]:
    """Millimeters of a pixel's height and width in a plane."""
    z, y, x = axes.spacing
    return {"axial": (y, x), "coronal": (z, x), "sagittal": (z, y)}[plane]
