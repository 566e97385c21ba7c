"""Values of fine voxels as means over coarse ones: densities for a dose engine, organs' shares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.quality.grids import resample_to

Float32 = npt.NDArray[np.float32]


def averaged(values: Float32, image: Image, grid: Image, *, beyond: float | None = None) -> Float32:
    """Means over the voxels of a coarser grid, [k, j, i], as `resample_to` takes them.

    The sum over the grid keeps what `values` holds.

    Parameters
    ----------
    values : numpy.ndarray
        [k, j, i], on the grid of `image`.
    image, grid : Image
        Where the values lie, and where they are wanted; no voxel of theirs is read.
    beyond : float, optional
        What lies outside of `image`; its nearest voxel where not given.
    """
    given = image.with_voxels(values.astype(np.float32), unit="1")
    moved, _ = resample_to(given, grid, outside=beyond or 0.0, beyond=beyond)
    return np.asarray(moved.voxels, dtype=np.float32)
