"""Padding of a CT, which says nothing of what is there, kept out of finer slices.

Its edge may lie elsewhere in each slice, as where the gantry was tilted. Taken for something
measured it is a step of a thousand HU and more along the slices, and the tissue beside it comes out
far too bright. So tissue goes on into it while slices are made, and the padding is put back.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.physics.field_of_view import fillings
from SynthCore.physics.fine_grid import FineGrid, fine_grid

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

VACUUM_HU = -1024.0
"""The lowest CT number of 12 bits: what is filled in lower was not measured."""

_MIXED = np.ones((3, 3, 3), dtype=bool)
_REACH = 2
"""Voxels beside padding that an interpolation mixed with it."""


def beyond_padding(image: Image) -> tuple[Image, Mask | None, list[str]]:
    """A CT whose padding continues what lies beside it, where it is no padding, and what to tell.

    Padding is a filling below `VACUUM_HU` and what lies below it beside that; noise and streaks of
    air are not. It takes the value of the nearest slice that shows something at the same place of
    the plane; vacuum where none does. The mask is None where nothing is padding.
    """
    low = image.voxels < VACUUM_HU
    if not low.any():
        return image, None, []
    filled = [mask for value, mask in fillings(image.voxels).items() if value < VACUUM_HU]
    if not filled:
        return image, None, []
    near = ndimage.binary_dilation(np.any(filled, axis=0), _MIXED, iterations=_REACH)
    seen = ~(low & near)
    grid = fine_grid(image)
    shown = grid.first(seen)
    places = np.arange(len(shown), dtype=np.int32).reshape(-1, 1, 1)
    none = np.int32(-2 * len(shown))
    before = np.maximum.accumulate(np.where(shown, places, none), axis=0)
    after = -np.maximum.accumulate(np.where(shown, -places, none)[::-1], axis=0)[::-1]
    nearest = np.where(places - before <= after - places, before, after)
    known = np.clip(nearest, 0, len(shown) - 1)
    voxels = np.take_along_axis(grid.first(image.voxels), known, axis=0)
    known_there = np.take_along_axis(shown, known, axis=0)
    voxels = np.where(known_there, voxels, voxels.dtype.type(VACUUM_HU))
    told = (
        f"{1 - seen.mean():.2%} of the CT image is padding, down to "
        f"{float(image.voxels.min()):g} HU: in the result it is {VACUUM_HU:g} HU."
    )
    return image.with_voxels(np.ascontiguousarray(grid.back(voxels))), seen, [told]


def put_back(made: Float32, seen: Mask, grid: FineGrid) -> None:
    """Set made slices [m, a, b] to vacuum where all acquired ones that they lie in are padding."""
    shown = grid.first(seen)
    ends = np.arange(len(made) + 1) / grid.stack.factor
    first = (ends[:-1] + 1e-6).astype(int)
    last = np.ceil(ends[1:] - 1e-6).astype(int) - 1
    for m, (one, other) in enumerate(zip(first, last, strict=True)):
        made[m][~(shown[one] | shown[other])] = VACUUM_HU
