"""What a scan saw: a reconstruction fills the rest of its grid with one value."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]

CORNERS_ALIKE = 6
"""Of the eight corners of a volume, as many hold the filling where there is one: noise, and a
table that cuts a corner, do not."""


def filling_of(voxels: npt.NDArray[np.number]) -> float | None:
    """The value outside of a field of view; None where the corners do not agree on one."""
    value, count = Counter(float(v) for v in _corners(voxels)).most_common(1)[0]
    return value if count >= CORNERS_ALIKE else None


def seen_by_scan(voxels: npt.NDArray[np.number]) -> Mask:
    """Where a volume shows what was scanned.

    Not seen is what has exactly the filling and hangs together with a corner: air within the
    field of view may have the same CT number, or a lower one.

    Parameters
    ----------
    voxels : numpy.ndarray
        [k, j, i], in any order of axes.

    Returns
    -------
    numpy.ndarray of bool
        All true where nothing was filled in.
    """
    value = filling_of(voxels)
    if value is None:
        return np.ones(voxels.shape, dtype=bool)
    filled = voxels == value
    parts, _ = ndimage.label(filled)
    outside = np.unique(_corners(parts))
    seen: Mask = ~(filled & np.isin(parts, outside[outside > 0]))
    return seen


def _corners(voxels: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    ends: npt.NDArray[np.generic] = voxels[np.ix_(*((0, n - 1) for n in voxels.shape))].ravel()
    return ends
