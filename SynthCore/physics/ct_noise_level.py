"""How noisy a CT image is, and the scanner fluence that explains it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.physics.ct_dose import simulate_low_dose
from SynthCore.physics.ct_scanner import Scanner

_SOFT_TISSUE_HU = (-150.0, 150.0)
_WINDOW_MM = 6.0
_FEWEST_PIXELS = 200


def noise_level(hu: npt.NDArray[Any], pixel_spacing_mm: tuple[float, float]) -> float:
    """Global noise level: the most frequent local standard deviation in soft tissue.

    The standard deviation in a small window around every pixel is collected where the window holds
    soft tissue only; its histogram peaks at the noise of homogeneous tissue, and structure makes
    the tail (Christianson et al., AJR 2015;205:W93).

    Parameters
    ----------
    hu : numpy.ndarray
        Shape ``(k, j, i)``, Hounsfield units.
    pixel_spacing_mm : tuple of float
        Distance of pixels along (i, j).

    Returns
    -------
    float
        HU; 0 where all soft tissue is of one value around every pixel. What is filled with a value
        like that of soft tissue does not count beside tissue that has noise.

    Raises
    ------
    InputError
        If there is too little soft tissue to measure in.
    """
    size = [1, *(max(3, round(_WINDOW_MM / s) | 1) for s in reversed(pixel_spacing_mm))]
    # the offset keeps the difference of squares exact in single precision
    voxels = np.clip(np.asarray(hu, dtype=np.float32), -1000, 1000)
    mean = ndimage.uniform_filter(voxels, size)
    square = ndimage.uniform_filter(voxels.astype(np.float64) ** 2, size)
    deviation = np.sqrt(np.clip(square - mean.astype(np.float64) ** 2, 0, None))
    count = size[1] * size[2]
    deviation *= math.sqrt(count / (count - 1))
    # judged after smoothing, so that noise does not decide what is soft tissue
    soft = (mean > _SOFT_TISSUE_HU[0]) & (mean < _SOFT_TISSUE_HU[1])
    inside = ndimage.binary_erosion(soft, np.ones([1, *size[1:]], dtype=bool))
    if np.count_nonzero(inside) < _FEWEST_PIXELS:
        raise InputError("There is too little soft tissue in the CT image to measure its noise in.")
    values = deviation[inside & ~all_alike(voxels, size)]
    if values.size < _FEWEST_PIXELS:
        return 0.0
    bins = np.linspace(0, float(np.percentile(values, 90)) + 1e-6, 65)
    histogram = ndimage.gaussian_filter1d(np.histogram(values, bins)[0].astype(float), 2.0)
    peak = int(np.argmax(histogram))
    return float(0.5 * (bins[peak] + bins[peak + 1]))


def all_alike(voxels: npt.NDArray[Any], size: list[int]) -> npt.NDArray[np.bool_]:
    """Where all voxels of a window have one value: it was filled in there, and nothing measured."""
    alike: npt.NDArray[np.bool_] = ndimage.maximum_filter(voxels, size) == ndimage.minimum_filter(
        voxels, size
    )
    return alike


def match_fluence(
    hu: npt.NDArray[Any],
    pixel_spacing_mm: tuple[float, float],
    *,
    seed: int,
    kernel: str = "standard",
    slice_thickness_mm: float = 1.0,
    scanner: Scanner | None = None,
    slices: int = 3,
) -> Scanner:
    """Find the scanner whose full dose would give an image its measured noise.

    Parameters
    ----------
    hu : numpy.ndarray
        Shape ``(k, j, i)``, Hounsfield units.
    pixel_spacing_mm : tuple of float
        Distance of pixels along (i, j).
    seed : int
        For the trial noise.
    kernel : str
        As in `simulate_low_dose`.
    slice_thickness_mm : float
        As in `simulate_low_dose`.
    scanner : Scanner, optional
        What to start from; all but the fluence is kept.
    slices : int
        Number of slices, spread over the middle half, to measure in.

    Returns
    -------
    Scanner
        With the fitted fluence.

    Raises
    ------
    InputError
        If there is too little soft tissue to measure noise in, or no noise at all.
    """
    scanner = scanner or Scanner()
    count = hu.shape[0]
    chosen = np.unique(np.linspace(count / 4, 3 * count / 4, slices).astype(int).clip(0, count - 1))
    part = np.asarray(hu, dtype=np.float32)[chosen]
    measured = noise_level(part, pixel_spacing_mm)
    if measured < 0.1:
        raise InputError("The CT image has no noise to fit a fluence to; it may be simulated.")
    # where tissue is soft in the original, seen through the trial noise alone
    for _ in range(2):  # electronic noise makes the relation not quite a square root
        noisy = simulate_low_dose(
            part, pixel_spacing_mm, 1.0, seed=seed, kernel=kernel,
            slice_thickness_mm=slice_thickness_mm, scanner=scanner, from_dose=math.inf,
        )  # fmt: skip
        total = noise_level(noisy, pixel_spacing_mm)
        simulated = math.sqrt(max(total**2 - measured**2, (0.05 * measured) ** 2))
        scanner = replace(scanner, fluence=scanner.fluence * (simulated / measured) ** 2)
    return scanner
