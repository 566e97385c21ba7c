"""Visual information fidelity in the pixel domain (VIF).

How much of the information an observer could take from the reference is still there in the
other image. It is not symmetric: the reference is the source of the information.

References
----------
Sheikh, Bovik, IEEE Trans. Image Process. 15, 430 (2006), in the pixel-domain form the authors
published with it: four scales with Gaussian windows of 17, 9, 5 and 3 pixels whose sigma is a
fifth of their width, and visual noise of variance 2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Voxels = npt.NDArray[Any]
_Plane = npt.NDArray[np.float64]

WINDOWS = (17, 9, 5, 3)
NOISE_VARIANCE = 2.0
LEAST = 41
"""Pixels along either axis, below which the coarsest scale is empty."""
_TINY = 1e-10


def vif_slices(synthetic: Voxels, reference: Voxels) -> float:
    """Mean over the slices (axis 0) of `vif`; NaN where the slices are under 41 pixels wide."""
    if min(synthetic.shape[1:]) < LEAST:
        return math.nan
    values = [vif(a, b) for a, b in zip(synthetic, reference, strict=True)]
    finite = [value for value in values if math.isfinite(value)]
    return sum(finite) / len(finite) if finite else math.nan


def vif(synthetic: Voxels, reference: Voxels) -> float:
    """VIF of one plane against its reference.

    Parameters
    ----------
    synthetic, reference : numpy.ndarray
        Shape ``(j, i)``, at least 41 x 41, in a unit in which noise of variance 2 is small (HU).

    Returns
    -------
    float
        1 for equal images, near 0 where the information is lost, above 1 where contrast is
        enhanced; NaN for a constant reference.
    """
    a, b = np.asarray(synthetic, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    kept = available = 0.0
    for scale, width in enumerate(WINDOWS):
        kernel = _gaussian(width)
        if scale:
            a, b = _smooth(a, kernel)[::2, ::2], _smooth(b, kernel)[::2, ::2]
        gain, residual, variance = _channel(a, b, kernel)
        kept += float(np.log2(1 + gain**2 * variance / (residual + NOISE_VARIANCE)).sum())
        available += float(np.log2(1 + variance / NOISE_VARIANCE).sum())
    return kept / available if available > 0 else math.nan


def _channel(a: _Plane, b: _Plane, kernel: _Plane) -> tuple[_Plane, _Plane, _Plane]:
    """Gain and residual variance of ``a = gain * b + residual``, and the variance of b, locally."""
    mean_a, mean_b = _smooth(a, kernel), _smooth(b, kernel)
    variance_a = np.maximum(_smooth(a * a, kernel) - mean_a**2, 0)
    variance_b = np.maximum(_smooth(b * b, kernel) - mean_b**2, 0)
    covariance = _smooth(a * b, kernel) - mean_a * mean_b
    gain = covariance / (variance_b + _TINY)
    residual = variance_a - gain * covariance
    flat_b, flat_a, opposed = variance_b < _TINY, variance_a < _TINY, gain < 0
    gain = np.where(flat_b | flat_a | opposed, 0, gain)
    residual = np.where(flat_b | opposed, variance_a, residual)
    residual = np.where(flat_a, 0, residual)
    variance_b = np.where(flat_b, 0, variance_b)
    return gain, np.maximum(residual, _TINY), variance_b


def _gaussian(width: int) -> _Plane:
    """One-dimensional Gaussian window that sums to one; the window of the plane is its square."""
    offset = np.arange(width) - (width - 1) / 2
    weights = np.exp(-(offset**2) / (2 * (width / 5) ** 2))
    return np.asarray(weights / weights.sum())


def _smooth(plane: _Plane, kernel: _Plane) -> _Plane:
    """Weighted means where the whole window lies inside the plane."""
    edge = len(kernel) // 2
    smooth = ndimage.correlate1d(ndimage.correlate1d(plane, kernel, axis=0), kernel, axis=1)
    return np.asarray(smooth[edge:-edge, edge:-edge])
