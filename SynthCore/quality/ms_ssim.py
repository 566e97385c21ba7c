"""Multi-scale structural similarity (MS-SSIM) of volumes inside a mask.

References
----------
Wang, Simoncelli, Bovik, Asilomar Conf. Signals, Systems and Computers, 1398 (2003): five scales
with the weights below, contrast and structure at every scale, luminance at the coarsest.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
_Values = npt.NDArray[np.float64]

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
WINDOW = 7
LEAST = (WINDOW - 1) * 2 ** (len(WEIGHTS) - 1) + 1
"""97 voxels: the coarsest of five scales then still holds one window."""


def ms_ssim(synthetic: Voxels, reference: Voxels, mask: Mask, data_range: float) -> float:
    """MS-SSIM over five scales with a uniform window of 7 voxels.

    The volume is padded with zeros, half at either end, to at least 97 voxels along every axis.
    At every scale the map is averaged over the mask, which is halved with the images: a coarse
    voxel weighs as much as the share of it that lies in the mask, so that a thin mask does not
    vanish at the coarse scales. Negative means count as zero.

    Parameters
    ----------
    synthetic, reference : numpy.ndarray
        Shape ``(k, j, i)``, clipped and shifted so that zero is the smallest value.
    mask : numpy.ndarray of bool
        The same shape.
    data_range : float
        In the images' unit.

    Returns
    -------
    float
        NaN where the mask is empty, or an axis holds no window: padding agrees with padding.
    """
    missing = [max(0, LEAST - n) for n in mask.shape]
    margin = [(n // 2, n - n // 2) for n in missing]
    a = np.pad(np.asarray(synthetic, dtype=np.float64), margin)
    b = np.pad(np.asarray(reference, dtype=np.float64), margin)
    share = np.pad(mask.astype(np.float64), margin)
    if not mask.any() or min(mask.shape) < WINDOW:
        return math.nan
    product = 1.0
    for scale, weight in enumerate(WEIGHTS):
        luminance, contrast = _similarity(a, b, data_range)
        last = scale == len(WEIGHTS) - 1
        values = luminance * contrast if last else contrast
        product *= max(float(np.average(values, weights=share)), 0.0) ** weight
        if not last:
            a, b, share = _halve(a), _halve(b), _halve(share)
    return product


def _similarity(a: _Values, b: _Values, data_range: float) -> tuple[_Values, _Values]:
    """Maps of the luminance term and of the contrast and structure term."""
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    count = WINDOW**a.ndim
    mean_a, mean_b = _window_mean(a), _window_mean(b)
    unbiased = count / (count - 1)
    variance_a = unbiased * (_window_mean(a * a) - mean_a**2)
    variance_b = unbiased * (_window_mean(b * b) - mean_b**2)
    covariance = unbiased * (_window_mean(a * b) - mean_a * mean_b)
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    contrast = (2 * covariance + c2) / (variance_a + variance_b + c2)
    return luminance, contrast


def _window_mean(values: _Values) -> _Values:
    return np.asarray(ndimage.uniform_filter(values, size=WINDOW, mode="reflect"))


def _halve(values: _Values) -> _Values:
    """Means of blocks of two voxels along every axis; an odd last voxel stands for itself."""
    for axis in range(values.ndim):
        even = np.take(values, range(0, values.shape[axis], 2), axis=axis)
        odd = np.take(values, range(1, values.shape[axis], 2), axis=axis)
        if odd.shape != even.shape:
            odd = np.concatenate([odd, np.take(even, [-1], axis=axis)], axis=axis)
        values = (even + odd) / 2
    return values
