"""The grid between thick slices: as deep as the slices together, its voxels nearly isotropic.

The acquired slices lie along the axis of the largest spacing. Along it the new grid begins and
ends at the faces of the first and last slice (half a distance beyond their centers), and has as
many slices as make its spacing nearest to that of the pixels; rows, columns, orientation and field
of view stay. With the acquired spacing s and a factor f, made slice 0 is centered s (1/f - 1) / 2
from the center of acquired slice 0, and for a whole f an acquired slice is the mean of f made ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from SynthCore.image import Affine, Array, Image
from SynthCore.physics.thick_slices import ThickStack
from SynthCore.physics.thin_samples import look_thin

MOST_MADE = 8
"""Made slices to an acquired one, at most: what lies farther from any acquired slice is invented.
Beyond it the made slices are that much farther apart than the pixels."""

OVERLAP = 1.02
"""Slices thicker than their distance by more than this overlap; less is rounding of a header."""

Known = Literal["stated", "overlap", "seen", "assumed"]


@dataclass(frozen=True)
class FineGrid:
    """Where the made slices lie.

    Attributes
    ----------
    axis : int
        Array axis of [k, j, i] that the slices follow.
    stack : ThickStack
        How acquired slices are made of the made ones.
    shape : tuple of int
        [k, j, i] of the new grid.
    affine : numpy.ndarray
        Of the new grid, as in `SynthCore.image`.
    thickness_mm : float
        Of an acquired slice.
    known : str
        How the thickness is known: ``stated`` by the image's headers, ``overlap`` where these say
        more than the slices are apart, ``seen`` where slices look like thin samples, and else
        ``assumed``. Those of ``overlap`` and ``assumed`` are taken to touch.
    """

    axis: int
    stack: ThickStack
    shape: tuple[int, int, int]
    affine: Affine
    thickness_mm: float
    known: Known

    def first(self, voxels: Array) -> Array:
        """A view of voxels [k, j, i], the slices' axis first."""
        return np.moveaxis(voxels, self.axis, 0)

    def back(self, voxels: Array) -> Array:
        """A view of voxels with the slices' axis first, in the order [k, j, i]."""
        return np.moveaxis(voxels, 0, self.axis)


def slice_axis(image: Image) -> int:
    """Array axis of [k, j, i] of the largest spacing; k where it is among the largest."""
    spacing = image.spacing[::-1]
    return int(np.argmax([s * (1 + 1e-3 * (axis == 0)) for axis, s in enumerate(spacing)]))


def fine_grid(image: Image) -> FineGrid:
    """The grid that the made slices of an image lie on."""
    axis = slice_axis(image)
    spacing = image.spacing[::-1]
    apart = spacing[axis]
    pixel = float(np.mean([s for n, s in enumerate(spacing) if n != axis]))
    slices = image.shape[axis]
    made = min(max(round(slices * apart / pixel), slices), MOST_MADE * slices)
    thickness, known = _thickness(image, axis, apart, pixel)
    stack = ThickStack(slices, made, thickness / apart)
    shape = [made if n == axis else length for n, length in enumerate(image.shape)]
    affine = image.affine.copy()
    column = 2 - axis  # array axes count from the other end
    step = affine[:3, column] / stack.factor
    affine[:3, 3] += (step - affine[:3, column]) / 2
    affine[:3, column] = step
    return FineGrid(axis, stack, (shape[0], shape[1], shape[2]), affine, thickness, known)


def _thickness(image: Image, axis: int, apart: float, pixel: float) -> tuple[float, Known]:
    stated = stated_thickness(image.source.headers[0]) if image.source.headers else None
    if stated is not None:
        if stated > OVERLAP * apart:
            # taken to touch: to undo an overlap would be to raise noise
            return apart, "overlap"
        return min(stated, apart), "stated"
    if look_thin(np.moveaxis(image.voxels, axis, 0), apart / pixel):
        return min(pixel, apart), "seen"
    return apart, "assumed"


def stated_thickness(header: Any) -> float | None:
    """SliceThickness in mm by a DICOM header, classic or enhanced; None where it says none."""
    for enhanced in (False, True):
        try:
            found = float((_measures(header) if enhanced else header).SliceThickness)
        except Exception:  # noqa: S112 (a header may be damaged anywhere)
            continue
        if np.isfinite(found) and found > 0:
            return found
    return None


def _measures(header: Any) -> Any:
    """The pixel measures of an enhanced object's first frame."""
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in (getattr(header, groups, None) or ())[:1]:
            for measures in (getattr(group, "PixelMeasuresSequence", None) or ())[:1]:
                return measures
    return None
