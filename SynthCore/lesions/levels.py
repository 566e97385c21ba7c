"""Gray values of healthy tissue around a place, and the noise upon them, in one image."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.lesions.grids import broad

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Triple = tuple[float, float, float]

NEAR_MM = 14.0
"""Standard deviation of what counts as near: shading of coils is smoother than this."""

_PURE = 0.85
_FEW = 200


@dataclass(frozen=True)
class Levels:
    """Levels in a block of an image.

    Attributes
    ----------
    white, gray, fluid : numpy.ndarray
        float32 [k, j, i]: what a voxel of pure tissue would have there.
    medians : tuple of float
        Of white matter, gray matter and fluid in the block; not a number where there is none.
    noise, correlation : float
        Standard deviation of noise in white matter, and its correlation with the next voxel in
        the slice.
    """

    white: Floats = field(repr=False)
    gray: Floats = field(repr=False)
    fluid: Floats = field(repr=False)
    medians: Triple
    noise: float
    correlation: float


def local_levels(voxels: Floats, shares: tuple[Floats, Floats, Floats], spacing: Triple) -> Levels:
    """Levels of an image's block from shares of white matter, gray matter and fluid in it."""
    fields, medians = [], []
    for share in shares:
        pure = share > _PURE
        if pure.sum() < _FEW:
            pure = share > 0.6
        middle = float(np.median(voxels[pure])) if pure.sum() >= 20 else math.nan
        medians.append(middle)
        fields.append(_near(voxels, pure, middle, spacing))
    noise, correlation = noise_of(voxels, shares[0] > _PURE)
    white, gray, fluid = fields
    return Levels(white, gray, fluid, (medians[0], medians[1], medians[2]), noise, correlation)


def _near(voxels: Floats, pure: Mask, middle: float, spacing: Triple) -> Floats:
    """Weighted means of pure tissue nearby; far from all, the median."""
    if math.isnan(middle):
        return np.zeros(voxels.shape, dtype=np.float32)
    spread = 1.4826 * float(np.median(np.abs(voxels[pure] - middle)))
    usual = pure & (np.abs(voxels - middle) < 2.5 * max(spread, 1e-6))
    weight = broad(usual, NEAR_MM, spacing)
    total = broad(np.where(usual, voxels, 0), NEAR_MM, spacing)
    faint = np.float32(0.005)
    return np.asarray((total + faint * middle) / (weight + faint), dtype=np.float32)


def flat_half(voxels: Floats, region: Mask) -> Mask:
    """The half of a region where the image is least steep within its slices."""
    if not region.any():
        return region
    smooth = ndimage.gaussian_filter(voxels, (0, 1, 1))
    steep = np.hypot(*np.gradient(smooth, axis=(1, 2)))
    return np.asarray(region & (steep <= np.median(steep[region])))


def noise_of(voxels: Floats, flat: Mask) -> tuple[float, float]:
    """Standard deviation and neighbor correlation of what is finer than two voxels in a slice."""
    inner = ndimage.binary_erosion(flat, np.ones((1, 3, 3)))
    if inner.sum() < _FEW:
        inner = flat
    if inner.sum() < 20:
        return 0.0, 0.0
    fine = voxels - ndimage.gaussian_filter(voxels, (0, 1.5, 1.5))
    values = fine[inner]
    sigma = 1.4826 * float(np.median(np.abs(values - np.median(values))))
    both = inner[:, :, 1:] & inner[:, :, :-1]
    limit = 3 * max(sigma, 1e-9)
    a, b = (
        np.clip(fine[:, :, 1:][both], -limit, limit),
        np.clip(fine[:, :, :-1][both], -limit, limit),
    )
    correlation = float(np.mean(a * b) / max(float(np.mean(a * a)), 1e-12)) if both.any() else 0.0
    # what is smoother than the filter is lost; of white noise it keeps 93%
    return sigma / 0.93, float(np.clip(correlation + 0.05, 0.0, 0.85))


def make_noise(shape: tuple[int, ...], noise: float, correlation: float, seed: int) -> Floats:
    """Noise of that standard deviation and correlation within the slice [k, j, i]."""
    rng = np.random.default_rng(seed)
    white = rng.standard_normal(shape, dtype=np.float32)
    if correlation > 0.03:
        width = 1 / (2 * math.sqrt(-math.log(correlation)))
        white = ndimage.gaussian_filter(white, (0, width, width), mode="wrap")
        white /= max(float(white.std()), 1e-9)
    return np.asarray(white * np.float32(noise), dtype=np.float32)


def whole_numbers(values: Floats) -> Floats:
    """Rounded, and 0 for -0: a file of integers has no -0, and is to hold what its record says."""
    return np.asarray(np.rint(values) + np.float32(0.0), dtype=np.float32)
