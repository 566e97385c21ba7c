"""The frame of a reader study: what part of every image is shown, on which pixels.

All images of a study have the same number of slices, pixels and millimeters, in one orientation,
so that nothing but what they show differs. A stack is an array (slice, row, column) as a
radiologist sees it: first row at the top, see `SynthCore.quality.orientation`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.quality.orientation import PlaneName, axes_of
from SynthCore.readers.table import Point

Stack = npt.NDArray[Any]
Field = tuple[float, float, float]
"""Millimeters along slices, rows and columns, about a center."""

MOST_PIXELS, MOST_SLICES = 512, 64
SAME = 0.01
"""Spacings that differ by less are one."""

# of a turned array (z, y, x): which axes are slices, rows and columns, and whether rows run back
_AXES: dict[PlaneName, tuple[tuple[int, int, int], bool]] = {
    "axial": ((0, 1, 2), False),
    "coronal": ((1, 0, 2), True),
    "sagittal": ((2, 0, 1), True),
}


@dataclass(frozen=True)
class Shape:
    """What a frame needs to know of an image: slices, rows and columns, and their millimeters."""

    counts: tuple[int, int, int]
    spacing: tuple[float, float, float]
    oblique: float = 0.0


@dataclass(frozen=True)
class Frame:
    """What is shown of every image.

    Attributes
    ----------
    plane : {'axial', 'coronal', 'sagittal'}
        Orientation of the slices.
    counts : tuple of int
        Slices, rows and columns.
    slice_mm, pixel_mm : float
        Distance of the slices, and of the (square) pixels.
    """

    plane: PlaneName
    counts: tuple[int, int, int]
    slice_mm: float
    pixel_mm: float


def shape_of(image: Image, plane: PlaneName) -> Shape:
    """Slices, rows and columns of an image in a plane."""
    axes = axes_of(image.affine)
    order, _ = _AXES[plane]
    turned = [image.shape[axis] for axis in axes.order]
    counts = [turned[axis] for axis in order]
    spacing = [axes.spacing[axis] for axis in order]
    return Shape(
        (counts[0], counts[1], counts[2]), (spacing[0], spacing[1], spacing[2]), axes.oblique
    )


def stack_of(image: Image, plane: PlaneName) -> Stack:
    """The voxels as a stack (slice, row, column)."""
    order, back = _AXES[plane]
    stack: Stack = np.transpose(axes_of(image.affine).turn(image.voxels), order)
    return stack[:, ::-1] if back else stack


def place_in(image: Image, plane: PlaneName, point: Point) -> tuple[float, float, float]:
    """Where a point (LPS mm) lies in the stack of an image: slice, row, column."""
    axes = axes_of(image.affine)
    inverse = np.asarray(np.linalg.inv(image.affine))
    k, j, i = (float(v) for v in (inverse @ np.array([*point, 1.0]))[2::-1])
    turned = []
    for axis, flip in zip(axes.order, axes.flipped, strict=True):
        value = (k, j, i)[axis]
        turned.append(image.shape[axis] - 1 - value if flip else value)
    order, back = _AXES[plane]
    s, row, column = (turned[axis] for axis in order)
    rows = shape_of(image, plane).counts[1]
    return s, rows - 1 - row if back else row, column


def frame_for(
    shapes: Sequence[Shape],
    fields: Sequence[Field],
    plane: PlaneName,
    *,
    slices: int,
    slice_mm: float | None = None,
    pixel_mm: float | None = None,
    field_mm: float | None = None,
) -> Frame:
    """The frame of a study: as wide as the smallest field, as fine as the coarsest image.

    Parameters
    ----------
    shapes, fields : sequence of Shape, sequence of tuple
        Of every image.
    plane : {'axial', 'coronal', 'sagittal'}
        Orientation.
    slices : int
        At most so many.
    slice_mm, pixel_mm : float, optional
        Instead of the coarsest image's; where its pixels are not square, their shorter side.
    field_mm : float, optional
        Width and height instead of the smallest field's; what is smaller gets black margins.

    Raises
    ------
    InputError
        If a number is not positive, or the field is less than eight pixels wide.
    """
    if not 1 <= slices <= MOST_SLICES:
        raise InputError(f"A study shows 1 to {MOST_SLICES} slices of an image, not {slices}.")
    between = slice_mm or max(shape.spacing[0] for shape in shapes)
    pixel = pixel_mm or max(min(shape.spacing[1:]) for shape in shapes)
    deep, high, wide = np.min(fields, axis=0) if field_mm is None else (
        min(field[0] for field in fields), field_mm, field_mm)  # fmt: skip
    if not (0 < between < math.inf and 0 < pixel < math.inf and 0 <= min(high, wide) < math.inf):
        raise InputError("The distance of slices and pixels, and the field, are positive, in mm.")
    pixel = max(pixel, max(high, wide) / MOST_PIXELS)
    rows, columns = (int(extent / pixel + SAME) for extent in (high, wide))
    if min(rows, columns) < 8:
        raise InputError(
            f"The field that all images share is {wide:.0f} by {high:.0f} mm, which is less than 8 "
            f"pixels of {pixel:.3g} mm: give --field-mm, or leave out the image that is so small."
        )
    count = min(slices, max(1, int(deep / between + SAME)))
    return Frame(plane, (count, rows, columns), between, float(pixel))


def differing(shapes: dict[str, Sequence[Shape]]) -> bool:
    """Whether the voxel sizes of two sets of images (real, synthetic) differ."""
    sizes = [np.median([shape.spacing for shape in some], axis=0) for some in shapes.values()]
    return bool(np.any(np.ptp(np.log(sizes), axis=0) > 2 * SAME))
