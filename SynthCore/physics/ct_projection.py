"""Parallel-beam projection and filtered back-projection of CT slices.

Geometry, the same everywhere: a slice is indexed ``[j, i]`` with its center at the center of
rotation; view `v` of `n` looks along the direction at angle ``pi * v / n``, and a ray is named by
that angle and its signed distance `s` (mm) from the center, ``s = x cos(angle) + y sin(angle)``
with x along i and y along j. Views cover half a turn: a fan-beam scan over a full turn carries the
same lines, each twice, and is thought of as rebinned to this geometry.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

Float = npt.NDArray[np.float32]

KERNEL_CUTOFF_PER_MM = {"soft": 0.6, "standard": 0.8, "sharp": 1.4}
"""Frequency (cycles/mm) at which each kernel's Hann window reaches zero.

The window's 50% and 10% points lie at 0.50 and 0.80 of it, so that ``standard`` has 0.40 and
0.64 cycles/mm, in the range measured for body kernels (B30f, FC08, STANDARD); ``soft`` is below and
``sharp`` near lung and bone kernels.
"""

_OVERSAMPLING = 4


def slice_coordinates(
    shape: tuple[int, int], spacing_mm: tuple[float, float]
) -> tuple[Float, Float]:
    """Distances (mm) of the pixel centers of a slice from its center.

    Parameters
    ----------
    shape : tuple of int
        Pixels along (j, i).
    spacing_mm : tuple of float
        Distance of pixels along (i, j).

    Returns
    -------
    tuple of numpy.ndarray
        x of every column (shape ``(i,)``) and y of every row (shape ``(j,)``).
    """
    rows, columns = shape
    x = (np.arange(columns, dtype=np.float32) - (columns - 1) / 2) * np.float32(spacing_mm[0])
    y = (np.arange(rows, dtype=np.float32) - (rows - 1) / 2) * np.float32(spacing_mm[1])
    return x, y


def project(
    mu: npt.NDArray[Any], spacing_mm: tuple[float, float], distances_mm: Float, views: int
) -> Float:
    """Line integrals of a slice, sampled by bilinear interpolation along each ray.

    Parameters
    ----------
    mu : numpy.ndarray
        Shape ``(j, i)``, attenuation per mm; zero outside.
    spacing_mm : tuple of float
        Distance of pixels along (i, j).
    distances_mm : numpy.ndarray
        Shape ``(d,)``, the rays' distances from the center.
    views : int
        Number of angles over half a turn.

    Returns
    -------
    numpy.ndarray
        Shape ``(views, d)``, float32, no unit.
    """
    rows, columns = mu.shape
    step = min(spacing_mm)
    reach = _farthest(mu, spacing_mm) + max(spacing_mm)
    along = np.arange(-reach, reach + step, step, dtype=np.float32)
    hit = np.abs(distances_mm) <= reach
    distances_mm = distances_mm[hit]
    padded = np.pad(np.asarray(mu, dtype=np.float32), 1)  # rays fade out within the outermost pixel
    sinogram = np.zeros((views, hit.size), dtype=np.float32)
    for view, angle in enumerate(np.pi * np.arange(views) / views):
        cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        x = distances_mm[:, None] * cosine - along[None, :] * sine
        y = distances_mm[:, None] * sine + along[None, :] * cosine
        i = x / np.float32(spacing_mm[0]) + np.float32((columns - 1) / 2 + 1)
        j = y / np.float32(spacing_mm[1]) + np.float32((rows - 1) / 2 + 1)
        samples = ndimage.map_coordinates(padded, [j, i], order=1, mode="constant", prefilter=False)
        sinogram[view, hit] = samples.sum(axis=1) * step
    return sinogram


def _farthest(mu: npt.NDArray[Any], spacing_mm: tuple[float, float]) -> float:
    """Distance (mm) from the center of the farthest pixel that is not empty."""
    x, y = slice_coordinates((mu.shape[0], mu.shape[1]), spacing_mm)
    filled = np.hypot(x[None, :], y[:, None])[mu != 0]
    return float(filled.max(initial=0.0))


def filter_rows(sinogram: Float, pitch_mm: float, kernel: str) -> Float:
    """Ramp-filter every view with the kernel's Hann window, and interpolate it four times finer.

    Parameters
    ----------
    sinogram : numpy.ndarray
        Shape ``(views, d)``.
    pitch_mm : float
        Distance of neighboring rays.
    kernel : str
        A key of `KERNEL_CUTOFF_PER_MM`.

    Returns
    -------
    numpy.ndarray
        Shape ``(views, 4 d)``, per mm; sample ``4 n`` lies where sample ``n`` lay.
    """
    count = sinogram.shape[1]
    length = fft.next_fast_len(2 * count, real=True)
    frequency = fft.rfftfreq(length, d=pitch_mm).astype(np.float32)
    cutoff = KERNEL_CUTOFF_PER_MM[kernel]
    window = np.where(frequency < cutoff, 0.5 * (1 + np.cos(np.pi * frequency / cutoff)), 0.0)
    response = (_OVERSAMPLING * frequency * window).astype(np.float32)
    spectrum = fft.rfft(sinogram.astype(np.float32, copy=False), n=length, axis=1) * response
    fine: Float = fft.irfft(spectrum, n=length * _OVERSAMPLING, axis=1)
    return fine[:, : count * _OVERSAMPLING].astype(np.float32, copy=False)


def back_project(
    filtered: Float,
    first_distance_mm: float,
    pitch_mm: float,
    shape: tuple[int, int],
    spacing_mm: tuple[float, float],
) -> Float:
    """Back-project what `filter_rows` returns onto a slice.

    The rows are fine enough (a quarter of the ray pitch) for the nearest sample to be taken.

    Parameters
    ----------
    filtered : numpy.ndarray
        Shape ``(views, 4 d)``.
    first_distance_mm : float
        Distance of the first ray from the center.
    pitch_mm : float
        Distance of neighboring rays before `filter_rows`.
    shape : tuple of int
        Pixels of the slice along (j, i).
    spacing_mm : tuple of float
        Distance of pixels along (i, j).

    Returns
    -------
    numpy.ndarray
        Shape ``(j, i)``, float32, attenuation per mm.
    """
    views = filtered.shape[0]
    x, y = slice_coordinates(shape, spacing_mm)
    scale = np.float32(_OVERSAMPLING / pitch_mm)
    offset = np.float32(0.5 - first_distance_mm * _OVERSAMPLING / pitch_mm)
    image = np.zeros(shape, dtype=np.float32)
    for row, angle in zip(filtered, np.pi * np.arange(views) / views, strict=True):
        across = x * (np.float32(np.cos(angle)) * scale) + offset
        down = y * (np.float32(np.sin(angle)) * scale)
        index = (down[:, None] + across[None, :]).astype(np.intp)
        image += row.take(index, mode="clip")
    image *= np.float32(np.pi / views)
    return image
