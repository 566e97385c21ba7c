"""Smooth random fields on a grid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import fft

from SynthCore.physics.phantom.shapes import Field


def smooth_noise(
    shape: tuple[int, int, int], spacing_mm: float, scale_mm: float, random: np.random.Generator
) -> Field:
    """Cubic B-spline through random knots: mean near 0, standard deviation near 1.

    Parameters
    ----------
    shape : tuple of int
        Voxels along (k, j, i).
    spacing_mm : float
        Voxel size.
    scale_mm : float
        Distance of the knots, about the radius of the blobs.
    random : numpy.random.Generator
        Where the knots come from.

    Returns
    -------
    numpy.ndarray
        Of that shape, float32.
    """
    weights = [_spline_weights(n, spacing_mm / scale_mm) for n in shape]
    knots = random.standard_normal([w.shape[1] for w in weights], dtype=np.float32)
    field = np.tensordot(weights[0], knots, axes=(1, 0))
    field = np.einsum("jb,kbc->kjc", weights[1], field, optimize=True)
    field = field @ weights[2].T
    # the mean square of a cubic B-spline's weights is 151 / 315 an axis
    result: Field = field / np.float32((151 / 315) ** 1.5)
    return result


def _spline_weights(count: int, step: float) -> npt.NDArray[np.float32]:
    position = np.arange(count) * step
    knot = np.arange(int(np.ceil(position[-1])) + 4) - 1.5
    distance = np.abs(position[:, None] - knot[None, :])
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.clip(2 - distance, 0, None) ** 3 / 6
    return np.where(distance < 1, near, far).astype(np.float32)


def labyrinth(
    shape: tuple[int, int, int],
    spacing_mm: float,
    wavelength_mm: float,
    random: np.random.Generator,
    rounds: int = 6,
) -> Field:
    """Band-limited field whose zero surfaces wind at an even distance of half a wavelength.

    White noise is filtered to a band about the wavelength, then squashed and filtered again a few
    times, which evens out the distance of its surfaces as a Swift-Hohenberg system would.

    Parameters
    ----------
    shape : tuple of int
        Voxels along (k, j, i).
    spacing_mm : float
        Voxel size.
    wavelength_mm : float
        Of the band's center.
    random : numpy.random.Generator
        Where the noise comes from.
    rounds : int
        How often it is squashed and filtered.

    Returns
    -------
    numpy.ndarray
        Of that shape, float32, standard deviation 1.
    """
    axes = [fft.fftfreq(n, spacing_mm) for n in shape[:2]] + [fft.rfftfreq(shape[2], spacing_mm)]
    square = axes[0][:, None, None] ** 2 + axes[1][None, :, None] ** 2 + axes[2][None, None, :] ** 2
    offset = np.sqrt(square) * wavelength_mm - 1
    band = np.exp(-((offset / 0.22) ** 2)).astype(np.float32)
    field = random.standard_normal(shape, dtype=np.float32)
    for _ in range(rounds + 1):
        field = fft.irfftn(fft.rfftn(np.tanh(1.5 * field)) * band, s=shape).astype(np.float32)
        field /= field.std()
    return field
