"""Structural similarity (SSIM): of volumes inside a mask, and of slices.

The map is scikit-image's, with K1 = 0.01 and K2 = 0.03: either a uniform window of 7 voxels with
sample covariances, or the Gaussian of Wang et al. (sigma 1.5, 11 voxels) with population
covariances. An image thinner than the window has no SSIM: NaN.

References
----------
Wang, Bovik, Sheikh, Simoncelli, IEEE Trans. Image Process. 13, 600 (2004).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from skimage.metrics import structural_similarity

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

UNIFORM, GAUSSIAN = 7, 11
"""Window widths in voxels."""


def ssim_map(
    synthetic: Voxels, reference: Voxels, data_range: float, *, gaussian: bool = False
) -> npt.NDArray[np.float64]:
    """Map of the SSIM, of the images' shape and for any number of axes."""
    options: dict[str, Any] = (
        {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
        if gaussian
        else {"win_size": UNIFORM}
    )
    _, values = structural_similarity(
        np.asarray(reference, dtype=np.float64),
        np.asarray(synthetic, dtype=np.float64),
        data_range=data_range,
        full=True,
        **options,
    )
    return np.asarray(values)


def ssim_in_mask(
    synthetic: Voxels,
    reference: Voxels,
    mask: Mask,
    data_range: float,
    *,
    crop: int = 3,
    gaussian: bool = False,
) -> float:
    """Mean of the three-dimensional SSIM map inside a mask.

    Parameters
    ----------
    synthetic, reference : numpy.ndarray
        Shape ``(k, j, i)``, clipped and set outside the mask as the preset says.
    mask : numpy.ndarray of bool
        The same shape.
    data_range : float
        In the images' unit.
    crop : int
        Voxels at the edge of the volume that do not count.
    gaussian : bool
        The Gaussian window instead of the uniform one.

    Returns
    -------
    float
        NaN where the volume is thinner than the window or no voxel of the mask is left.
    """
    width = GAUSSIAN if gaussian else UNIFORM
    if min(mask.shape) < width:
        return math.nan
    counted = np.zeros_like(mask)
    inner = tuple(slice(crop, n - crop) for n in mask.shape)
    counted[inner] = mask[inner]
    if not counted.any():
        return math.nan
    # the map inside the mask depends on half a window around it: the rest is not computed
    box = _bounding_box(counted, width // 2, width)
    values = ssim_map(synthetic[box], reference[box], data_range, gaussian=gaussian)
    return float(values[counted[box]].mean())


def ssim_slices(
    synthetic: Voxels, reference: Voxels, data_range: float, *, gaussian: bool = False
) -> float:
    """Mean over the slices (axis 0) of the two-dimensional SSIM, half a window cropped."""
    width = GAUSSIAN if gaussian else UNIFORM
    if min(synthetic.shape[1:]) < width:
        return math.nan
    edge = width // 2
    means = [
        ssim_map(a, b, data_range, gaussian=gaussian)[edge:-edge, edge:-edge].mean()
        for a, b in zip(synthetic, reference, strict=True)
    ]
    return float(np.mean(means))


def _bounding_box(mask: Mask, margin: int, least: int) -> tuple[slice, ...]:
    """Slices around the mask with a margin, at least so many voxels along every axis."""
    box = []
    for axis, length in enumerate(mask.shape):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        hits = np.flatnonzero(mask.any(axis=others))
        low, high = max(int(hits[0]) - margin, 0), min(int(hits[-1]) + margin + 1, length)
        low = max(min(low, high - least), 0)
        box.append(slice(low, max(high, min(low + least, length))))
    return tuple(box)
