"""In-plane resolution by truncation of k-space, with the Gibbs ringing that comes of it.

A scanner measures a middle part of k-space and fills the rest with zeros. On a window cut out of a
body the Fourier transform would ring at the window's own borders, where left meets right; so the
window is continued by its mirror image, for which the transform is the cosine transform. Leaving
out frequencies is then one matrix per axis, and a constant stays what it is.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from scipy import fft
from torch import Tensor


@lru_cache(maxsize=64)
def _cosines(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Orthonormal cosine transform, one frequency a row."""
    result: np.ndarray[tuple[int, int], np.dtype[np.float64]] = fft.dct(
        np.eye(count), axis=0, norm="ortho"
    )
    return result


def frequency_window(count: int, keep: float, taper: float) -> np.ndarray[
    tuple[int], np.dtype[np.float64]
]:  # fmt: skip
    """What becomes of every frequency of `count` voxels: 1 up to a taper, 0 above `keep`.

    Parameters
    ----------
    count : int
        Voxels along the axis.
    keep : float
        Share of the grid's frequencies that is measured; 1 is all of them.
    taper : float
        Outer share of those that is lowered by half a Hann window against ringing; 0 is none.
    """
    frequency = (np.arange(count) + 0.5) / count / keep
    edge = np.clip((frequency - (1 - taper)) / max(taper, 1e-9), 0, 1)
    window = 0.5 * (1 + np.cos(np.pi * edge)) if taper > 0 else np.ones(count)
    window[frequency > 1] = 0
    window[0] = 1
    return np.asarray(window)


def truncation(count: int, keep: float, taper: float, device: torch.device) -> Tensor:
    """Matrix ``(count, count)`` that leaves frequencies out along one axis."""
    cosines = _cosines(count)
    matrix = cosines.T @ (frequency_window(count, keep, taper)[:, None] * cosines)
    return torch.from_numpy(matrix.astype(np.float32)).to(device)


def along(matrix: Tensor, values: Tensor, axis: int) -> Tensor:
    """Apply a matrix along one axis of values ``(k, j, i)``."""
    if axis == 2:
        return values @ matrix.T
    if axis == 1:
        return matrix @ values
    return (matrix @ values.flatten(1)).reshape(matrix.shape[0], *values.shape[1:])
