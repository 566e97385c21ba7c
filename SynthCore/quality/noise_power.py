"""Noise power spectrum (NPS): how much noise there is at which spatial frequency.

A filter that smooths lowers the noise and looks like one that removes it; the spectrum tells them
apart. Smoothing leaves only low frequencies (the mean frequency falls, noise looks blotchy);
denoising that keeps the texture lowers the whole curve. Use it two ways:

difference to a reference
    ``synthetic - reference``: what is wrong, and at which scale.
uniform regions
    the image itself where the anatomy is flat: its own texture, with no reference at hand.

Definition, in HU² mm², for regions of ``nj x ni`` pixels of ``dj x di`` mm, detrended::

    NPS(fj, fi) = dj di / (nj ni) * mean over regions of |DFT2(region)|²

so that its integral over both frequencies is the variance. The difference of two scans of equal
noise has twice the NPS of either; this module does not halve it.

References
----------
ICRU Report 87 (2012), Radiation dose and image-quality assessment in computed tomography.
AAPM Report 233 (2019), Performance evaluation of computed tomography systems: radial average,
mean frequency.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import InputError

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
_Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NoisePower:
    """A radially averaged noise power spectrum.

    Attributes
    ----------
    frequency : numpy.ndarray
        Centers of the bins in cycles per millimeter, zero frequency left out.
    power : numpy.ndarray
        HU² mm² (the image's unit squared times mm²).
    noise : float
        Standard deviation in the regions after detrending, in HU.
    mean_frequency : float
        ``sum(f NPS(f)) / sum(NPS(f))`` of the radial curve, in cycles per millimeter.
    regions : int
        How many were averaged.
    """

    frequency: _Values
    power: _Values
    noise: float
    mean_frequency: float
    regions: int


def noise_power(
    voxels: Voxels,
    spacing: tuple[float, float, float],
    mask: Mask | None = None,
    *,
    size: int = 32,
    detrend: int = 1,
) -> NoisePower:
    """Measure the NPS in square regions in the mask, overlapping by half, slice by slice.

    Parameters
    ----------
    voxels : numpy.ndarray
        Shape ``(k, j, i)``: a difference to a reference, or an image.
    spacing : tuple of float
        Millimeters along (i, j, k).
    mask : numpy.ndarray of bool, optional
        Regions lie wholly inside it, every slice on its own.
    size : int
        Pixels along either side of a region.
    detrend : int
        Order of the polynomial taken from every region: 0 its mean, 1 a plane, 2 a second-order
        surface for images with slow shading.

    Returns
    -------
    NoisePower

    Raises
    ------
    InputError
        If no region fits into the mask.
    """
    regions = np.stack(list(_tiles(voxels, mask, size)) or [np.zeros((0, 0))])
    if regions.size == 0:
        raise InputError(
            f"No region of {size} x {size} pixels fits into the mask for a noise power spectrum: "
            "use a smaller region or a larger mask."
        )
    flat = _detrended(regions, detrend)
    plane = noise_power_plane(flat, (spacing[0], spacing[1]))
    frequency, power = _radial(plane, (spacing[0], spacing[1]))
    total = float(power.sum())
    return NoisePower(
        frequency=frequency,
        power=power,
        noise=float(np.sqrt(np.mean(flat**2))),
        mean_frequency=float((frequency * power).sum() / total) if total > 0 else 0.0,
        regions=len(regions),
    )


def spectral_distance(one: NoisePower, other: NoisePower, *, shape: bool = False) -> float:
    """How far two spectra lie apart: root mean square over frequency of their ratio in decibels.

    Parameters
    ----------
    one, other : NoisePower
        At the same frequencies (same pixels and size of region).
    shape : bool
        Bring both to the same area first: texture alone, whatever its strength.

    Returns
    -------
    float
        dB of power; 0 for equal spectra, 3 where one has half the power of the other everywhere
        (Gray and Markel, IEEE Trans Acoust 1976;24:380: log spectral deviation).

    Raises
    ------
    InputError
        If the frequencies differ, or an image has no noise at one of them.
    """
    if not np.array_equal(one.frequency, other.frequency):
        raise InputError("Two noise power spectra can only be compared at the same frequencies.")
    if one.power.min() <= 0 or other.power.min() <= 0:
        raise InputError("A noise power spectrum is zero at a frequency; there is no ratio to it.")
    level = other.power.sum() / one.power.sum() if shape else 1.0
    ratio = 10 * np.log10(level * one.power / other.power)
    return float(np.sqrt(np.mean(ratio**2)))


def uniform_soft_tissue(voxels: Voxels, *, sigma: float = 2.0, slope: float = 10.0) -> Mask:
    """Find soft tissue without structure, where the texture of a CT image can be measured.

    Parameters
    ----------
    voxels : numpy.ndarray
        Shape ``(k, j, i)``, HU.
    sigma : float
        Pixels of the Gaussian, in each slice, that takes the noise away first.
    slope : float
        Steepest slope of the smoothed image that still counts as uniform, in HU per pixel.

    Returns
    -------
    numpy.ndarray of bool
        Shape ``(k, j, i)``: smoothed CT number between 0 and 180 HU (organs with contrast
        agent included), and not steep.
    """
    if min(voxels.shape[1:]) < 2:
        return np.zeros(voxels.shape, dtype=np.bool_)
    smooth = ndimage.gaussian_filter(np.asarray(voxels, dtype=np.float32), (0, sigma, sigma))
    steep = np.hypot(*np.gradient(smooth, axis=(1, 2)))
    return np.asarray((smooth > 0) & (smooth < 180) & (steep < slope))


def noise_power_plane(regions: Voxels, spacing: tuple[float, float]) -> _Values:
    """Average the two-dimensional NPS of detrended regions.

    Parameters
    ----------
    regions : numpy.ndarray
        Shape ``(n, j, i)``, zero mean each.
    spacing : tuple of float
        Millimeters along (i, j).

    Returns
    -------
    numpy.ndarray
        Shape ``(j, i)`` in the order of `numpy.fft.fft2`, HU² mm².
    """
    pixels = regions.shape[1] * regions.shape[2]
    spectrum = np.abs(np.fft.fft2(regions)) ** 2
    return np.asarray(spectrum.mean(axis=0) * spacing[0] * spacing[1] / pixels)


def _tiles(voxels: Voxels, mask: Mask | None, size: int) -> Iterator[_Values]:
    for k, plane in enumerate(voxels):
        for j in range(0, plane.shape[0] - size + 1, size // 2):
            for i in range(0, plane.shape[1] - size + 1, size // 2):
                window = (slice(j, j + size), slice(i, i + size))
                if mask is None or mask[k][window].all():
                    yield np.asarray(plane[window], dtype=np.float64)


def _detrended(regions: _Values, order: int) -> _Values:
    """Take a least-squares polynomial surface from every region."""
    n, nj, ni = regions.shape
    j, i = np.meshgrid(np.linspace(-1, 1, nj), np.linspace(-1, 1, ni), indexing="ij")
    terms = [j**a * i**b for a in range(order + 1) for b in range(order + 1 - a)]
    basis, _ = np.linalg.qr(np.stack([term.ravel() for term in terms], axis=1))
    values = regions.reshape(n, -1)
    return np.asarray((values - (values @ basis) @ basis.T).reshape(regions.shape))


def _radial(plane: _Values, spacing: tuple[float, float]) -> tuple[_Values, _Values]:
    """Average over rings one frequency step wide, up to the lower of the Nyquist frequencies."""
    nj, ni = plane.shape
    fj, fi = np.fft.fftfreq(nj, spacing[1]), np.fft.fftfreq(ni, spacing[0])
    radius = np.hypot(fj[:, np.newaxis], fi[np.newaxis, :])
    step = max(1 / (nj * spacing[1]), 1 / (ni * spacing[0]))
    count = int(min(0.5 / spacing[0], 0.5 / spacing[1]) / step + 0.5)
    ring = np.rint(radius / step).astype(int)
    used = (ring >= 1) & (ring <= count)
    members = np.bincount(ring[used], minlength=count + 1)[1:]
    power = np.bincount(ring[used], weights=plane[used], minlength=count + 1)[1:] / members
    return np.arange(1, count + 1) * step, power
