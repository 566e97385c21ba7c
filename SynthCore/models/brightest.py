"""Bring the brightest of a synthetic image to where the brightest of an acquired one lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Brightest:
    """Where a percentile of the body is to lie, at least.

    A network that is trained for the least error makes a mean of what may be: a vessel that is
    bright here or there comes out gray at both places. Where its ``percentile`` of the body lies
    below ``value``, as many voxels as lie above the percentile ``above`` are stretched until it
    does. Their order is kept, and what is darker stays as it is.

    Attributes
    ----------
    percentile, above : float
        In percent of the voxels in the body.
    value : float
        In the image's unit.
    outer_mm : mapping
        Role that is made to mm: there only what lies so near to the body's surface is stretched.
        For roles in which what is brighter than its surroundings may be taken for disease: deep in
        a brain there is no bright spot then that the network did not make.
    """

    percentile: float
    value: float
    above: float
    outer_mm: Mapping[str, float] = field(default_factory=dict)


def stretch(
    voxels: Float32, body: Bools, brightest: Brightest, spacing: Sequence[float], role: str
) -> Float32:
    """An image [k, j, i] whose brightest voxels in `body` lie where `brightest` says.

    Parameters
    ----------
    voxels : numpy.ndarray
        [k, j, i], of the role `role`.
    body : numpy.ndarray of bool
        [k, j, i].
    brightest : Brightest
        What is wanted.
    spacing : sequence of float
        mm along (k, j, i).
    role : str
        As the catalogue names it.
    """
    if not body.any():
        return voxels
    shares = [brightest.above, brightest.percentile]
    start, end = np.percentile(voxels[body], shares)
    if not 0 < start < end < brightest.value:
        return voxels
    where: Bools = np.ones_like(body)
    if (depth := brightest.outer_mm.get(role)) is not None:
        if body.all():  # its surface lies outside of the image
            return voxels
        from scipy import ndimage  # cards are read where nothing heavy may be loaded

        where = body & (ndimage.distance_transform_edt(body, sampling=spacing) <= depth)
        # as many voxels as in the whole body
        among = [100 - (100 - share) * body.sum() / max(where.sum(), 1) for share in shares]
        if among[0] <= 0:
            return voxels
        start, end = np.percentile(voxels[where], among)
        if not 0 < start < end:
            return voxels
    # beyond the percentile as steep as before: a single voxel is not thrown far out
    far = float(voxels.max()) - float(end) + 1.0
    known = [start, end, end + far]
    wanted = [start, brightest.value, brightest.value + far]
    made = voxels.copy()
    bright = (voxels > start) & where
    made[bright] = np.interp(voxels[bright], known, wanted)
    return made
