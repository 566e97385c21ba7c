"""Masks worked on slice by slice: eroded, dilated, opened, closed, filled; and their parts.

Arrays are indexed ``[k, j, i]``; slices are the planes of constant ``k``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]

COMPONENT_FRACTION = 0.1
"""Parts of at least this fraction of the largest are body too: two legs, or arms at the side."""


def large_components(mask: Mask, fraction: float = COMPONENT_FRACTION) -> Mask:
    """Keep the connected parts (6 neighbors) of at least `fraction` of the largest one."""
    labels, count = ndimage.label(mask)
    if count < 2:
        return np.asarray(mask, dtype=np.bool_)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return np.asarray((sizes >= fraction * sizes.max())[labels] & mask)


def fill_slices(mask: Mask) -> Mask:
    """Fill the holes of a mask slice by slice (a hole does not touch the slice's edge)."""
    filled = np.zeros(mask.shape, dtype=np.bool_)
    for k, plane in enumerate(mask):
        if plane.any():
            # a rim of background joins all that is outside: what is left of it are holes
            labels, _ = ndimage.label(np.pad(~plane, 1, constant_values=True))
            filled[k] = (labels != labels[0, 0])[1:-1, 1:-1]
    return filled


def eroded(mask: Mask, steps: int) -> Mask:
    """Erode by the 4-neighbor cross; beyond the slice's edge is background."""
    for _ in range(steps):
        mask = ~_beside(~mask, True)
    return mask


def dilated(mask: Mask, steps: int) -> Mask:
    """Dilate by the 4-neighbor cross."""
    for _ in range(steps):
        mask = _beside(mask, False)
    return mask


def _beside(mask: Mask, beyond: bool) -> Mask:
    """Where the mask or one of its 4 neighbors in the slice is true; `beyond` is at the edges."""
    out = mask.copy()
    out[:, 1:] |= mask[:, :-1]
    out[:, :-1] |= mask[:, 1:]
    out[:, :, 1:] |= mask[:, :, :-1]
    out[:, :, :-1] |= mask[:, :, 1:]
    if beyond:
        out[:, [0, -1]] = True
        out[:, :, [0, -1]] = True
    return out


def opened(mask: Mask, steps: int) -> Mask:
    """Open within the slices; unchanged where nothing would be left."""
    left = dilated(eroded(mask, steps), steps)
    return left if left.any() else mask


def closed(mask: Mask, steps: int) -> Mask:
    """Close within the slices; padded first, so that the image's edge does not eat into it."""
    if steps < 1 or not mask.any():
        return mask
    j, i = _span(mask, (0, 2)), _span(mask, (0, 1))
    margin = ((0, 0), (steps, steps), (steps, steps))
    out = mask.copy()
    grown = dilated(np.pad(mask[:, j, i], margin), steps)
    out[:, j, i] = eroded(grown, steps)[:, steps:-steps, steps:-steps]
    return out


def _span(mask: Mask, over: tuple[int, int]) -> slice:
    """From the first to the last plane that holds something."""
    where = np.flatnonzero(mask.any(axis=over))
    return slice(int(where[0]), int(where[-1]) + 1)
