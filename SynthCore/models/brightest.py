"""Bring the brightest of a synthetic image to where the brightest of an acquired one lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Brightest:
    """Where a percentile of the body is to lie, at least.

    A network that is trained for the least error makes a mean of what may be: a vessel that is
    bright here or there comes out gray at both places. Where its ``percentile`` of the body lies
    below ``value``, what is brighter than the percentile ``above`` is stretched until it does.
    Order is kept, and what is darker stays as it is.

    Attributes
    ----------
    percentile, above : float
        In percent of the voxels in the body.
    value : float
        In the image's unit.
    """

    percentile: float
    value: float
    above: float


def stretch(voxels: Float32, body: npt.NDArray[np.bool_], brightest: Brightest) -> Float32:
    """An image [k, j, i] whose brightest voxels in `body` lie where `brightest` says."""
    if not body.any():
        return voxels
    start, end = np.percentile(voxels[body], [brightest.above, brightest.percentile])
    if not 0 < start < end < brightest.value:
        return voxels
    # beyond the percentile as steep as before: a single voxel is not thrown far out
    far = float(voxels.max()) - float(end) + 1.0
    known = [start, end, end + far]
    wanted = [start, brightest.value, brightest.value + far]
    made = voxels.copy()
    bright = voxels > start
    made[bright] = np.interp(voxels[bright], known, wanted)
    return made
