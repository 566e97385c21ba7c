"""What a scan saw: a reconstruction fills the rest of its grid with one value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]

LEAST_SHARE = 0.002
"""Of a volume: a filling takes more. Corners may be alike by chance, and what hangs together with
them is then a few voxels."""

_AROUND, _MOSTLY, _NEAR = (1, 7, 7), 0.7, (1, 5, 5)
"""In a filling most voxels around one are alike, or beyond the grid; at its edge one such is near.
Where noisy air was clipped to the same value it is no more than half of them."""


def fillings(voxels: npt.NDArray[np.number]) -> Mapping[float, Mask]:
    """What was filled in, by its value; nothing where all of the grid was scanned.

    A filling is one value that hangs together with a corner of the volume. Air within the field of
    view may have the same CT number, or a lower one.

    Parameters
    ----------
    voxels : numpy.ndarray
        [k, j, i], in any order of axes.

    Returns
    -------
    mapping
        Masks [k, j, i].
    """
    corners = np.zeros(voxels.shape, dtype=bool)
    corners[np.ix_(*((0, n - 1) for n in voxels.shape))] = True
    found = {}
    for value in np.unique(voxels[corners]):
        alike = voxels == value
        if alike.mean() < LEAST_SHARE:
            continue
        share = ndimage.uniform_filter(alike.astype(np.float32), _AROUND, mode="constant", cval=1)
        solid = ndimage.binary_dilation(alike & (share >= _MOSTLY), np.ones(_NEAR))
        parts, _ = ndimage.label(alike & solid)
        at_corners = np.unique(parts[corners])
        filled = np.isin(parts, at_corners[at_corners > 0])
        if filled.mean() >= LEAST_SHARE:
            found[float(value)] = filled
    return found


def seen_by_scan(voxels: npt.NDArray[np.number]) -> Mask:
    """Where a volume [k, j, i] shows what was scanned: all that is no filling."""
    seen = np.ones(voxels.shape, dtype=bool)
    for filled in fillings(voxels).values():
        seen &= ~filled
    return seen
