"""Errors in value: MAE, signed mean error, MSE, RMSE and PSNR.

The error is synthetic minus reference, so that a positive mean error is a synthetic image that is
too bright. Every function takes arrays of one shape and an optional mask of that shape.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


def error_in(
    synthetic: Voxels, reference: Voxels, mask: Mask | None = None
) -> npt.NDArray[np.float64]:
    """Subtract the reference from the synthetic image at the masked voxels, in double precision."""
    if mask is not None:
        synthetic, reference = synthetic[mask], reference[mask]
    return np.asarray(synthetic, dtype=np.float64) - np.asarray(reference, dtype=np.float64)


def mae(synthetic: Voxels, reference: Voxels, mask: Mask | None = None) -> float:
    """Mean absolute error, in the images' unit."""
    return _mean(np.abs(error_in(synthetic, reference, mask)))


def me(synthetic: Voxels, reference: Voxels, mask: Mask | None = None) -> float:
    """Mean signed error, synthetic minus reference, in the images' unit."""
    return _mean(error_in(synthetic, reference, mask))


def mse(synthetic: Voxels, reference: Voxels, mask: Mask | None = None) -> float:
    """Mean squared error, in the square of the images' unit."""
    return _mean(np.square(error_in(synthetic, reference, mask)))


def rmse(synthetic: Voxels, reference: Voxels, mask: Mask | None = None) -> float:
    """Root of the mean squared error, in the images' unit."""
    return math.sqrt(mse(synthetic, reference, mask))


def psnr(
    synthetic: Voxels, reference: Voxels, data_range: float, mask: Mask | None = None
) -> float:
    """Peak signal-to-noise ratio ``10 log10(data_range**2 / MSE)`` in dB.

    Infinite where the images are equal, NaN where there is no voxel.
    """
    squared = mse(synthetic, reference, mask)
    if squared == 0:
        return math.inf
    return 10 * math.log10(data_range**2 / squared)


def psnr_slices(synthetic: Voxels, reference: Voxels, data_range: float) -> float:
    """Mean of the PSNR of every slice (axis 0) in dB, slices that are equal left out."""
    values = [psnr(a, b, data_range) for a, b in zip(synthetic, reference, strict=True)]
    finite = [value for value in values if math.isfinite(value)]
    return sum(finite) / len(finite) if finite else math.inf


def rmse_slices(synthetic: Voxels, reference: Voxels) -> float:
    """Mean of the RMSE of every slice (axis 0), in the images' unit."""
    values = [rmse(a, b) for a, b in zip(synthetic, reference, strict=True)]
    return sum(values) / len(values)


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else math.nan
