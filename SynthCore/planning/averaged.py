"""Values of fine voxels as means over coarse ones: densities for a dose engine, organs' shares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.quality.grids import resample_to

Float32 = npt.NDArray[np.float32]


def averaged(values: Float32, image: Image, grid: Image, *, beyond: float | None = None) -> Float32:
    """Means over the voxels of a coarser grid, [k, j, i].

    Boxes as wide as a coarse voxel, centered on every fine one (their outer voxels count with the
    part that lies within), are read at the coarse centers by linear interpolation. So nothing is
    displaced, whatever the two spacings are, and the sum over the grid keeps what `values` holds.

    Parameters
    ----------
    values : numpy.ndarray
        [k, j, i], on the grid of `image`.
    image, grid : Image
        Where the values lie, and where they are wanted; no voxel of theirs is read.
    beyond : float, optional
        What lies outside of `image`; its nearest voxel where not given.
    """
    turned = np.abs(image.direction.T @ grid.direction) * np.asarray(grid.spacing)
    widths = turned.max(axis=1) / np.asarray(image.spacing)
    smooth = values.astype(np.float32)
    for axis, width in zip((2, 1, 0), widths, strict=True):
        smooth = ndimage.correlate1d(
            smooth, _box(float(width)), axis=axis,
            mode="nearest" if beyond is None else "constant", cval=beyond or 0.0,
        )  # fmt: skip
    moved, _ = resample_to(image.with_voxels(smooth, unit="1"), grid, outside=beyond or 0.0)
    return np.asarray(moved.voxels, dtype=np.float32)


def _box(width: float) -> npt.NDArray[np.float64]:
    """Weights of a box of so many voxels around the middle one; a narrow one is that voxel."""
    half = max(width, 1.0) / 2
    reach = int(np.ceil(half - 0.5))
    ends = np.arange(-reach, reach + 1)
    weights = np.minimum(ends + 0.5, half) - np.maximum(ends - 0.5, -half)
    return np.asarray(weights / weights.sum())
