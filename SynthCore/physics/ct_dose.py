"""CT at a lower dose: noise inserted in the projection domain, back-projected and added.

The image given already carries the noise of its own dose. Only the noise that a lower dose would
add is made: the slice is turned into attenuation and projected, every line integral gets Gaussian
noise of the additional variance, that noise alone is filtered and back-projected, and added to the
slice. Resolution, artifacts and noise of the original are kept as they are.

Model. With `N` photons sent along a ray at full dose and line integral `p`, the count has mean
``N exp(-p)``, Poisson variance and electronic variance ``e**2``, so that at dose fraction `a`

    var(p) = exp(p) / (a N) + e**2 exp(2 p) / (a N)**2

(Whiting et al., Med Phys 2006;33:3290; the logarithm to first order), and the variance to add is
the difference between two doses. Insertion in this form: Zabic et al., Med Phys 2013;40:031102;
Yu et al., J Comput Assist Tomogr 2012;36:477; Zeng et al., IEEE Trans Nucl Sci 2015;62:2226.

What it is not: one effective energy, no scatter, no detector cross-talk, no helical interpolation;
neighboring slices get independent noise.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.physics.ct_projection import (
    KERNEL_CUTOFF_PER_MM,
    Float,
    back_project,
    filter_rows,
    project,
)
from SynthCore.physics.ct_scanner import MU_WATER_PER_MM, Scanner, added_variance, photons_sent

_ATTENUATION_PIXELS = 128  # line integrals are smooth; this grid gives them within 1%
_ATTENUATION_VIEWS = 60
_RAY_PITCH_MM = 0.6
_EMPTY = 0.02 * MU_WATER_PER_MM  # noise in air adds up along a ray where it is cut at vacuum


def simulate_low_dose(
    hu: npt.NDArray[Any],
    pixel_spacing_mm: tuple[float, float],
    dose_fraction: float,
    *,
    seed: int,
    kernel: str = "standard",
    slice_thickness_mm: float = 1.0,
    scanner: Scanner | None = None,
    from_dose: float = 1.0,
) -> Float:
    """Lower the dose of a CT image to a fraction of the full dose.

    Parameters
    ----------
    hu : numpy.ndarray
        Shape ``(k, j, i)``, Hounsfield units.
    pixel_spacing_mm : tuple of float
        Distance of pixels along (i, j).
    dose_fraction : float
        Dose of the result, in (0, `from_dose`]; 1 is the full dose.
    seed : int
        Slice k draws from the stream (seed, k): same seed, same noise.
    kernel : str
        ``soft``, ``standard`` or ``sharp``: texture and strength of the added noise.
    slice_thickness_mm : float
        Photons grow in proportion to it.
    scanner : Scanner, optional
        Fluence, electronic noise, bowtie filter, modulation.
    from_dose : float
        Dose of the image given; ``math.inf`` for one without noise.

    Returns
    -------
    numpy.ndarray
        Shape ``(k, j, i)``, float32, HU. Equal to the input where the two doses are equal.

    Raises
    ------
    InputError
        If an argument is out of its range.
    """
    scanner = scanner or Scanner()
    _check(hu, pixel_spacing_mm, dose_fraction, kernel, slice_thickness_mm, scanner, from_dose)
    result = np.array(hu, dtype=np.float32)
    if dose_fraction == from_dose:
        return result
    for k, original in enumerate(hu):
        generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(k,)))
        result[k] += _added_noise(
            original, pixel_spacing_mm, (dose_fraction, from_dose), kernel, slice_thickness_mm,
            scanner, generator,
        )  # fmt: skip
    return result


def _check(
    hu: npt.NDArray[Any],
    pixel_spacing_mm: tuple[float, float],
    dose: float,
    kernel: str,
    thickness: float,
    scanner: Scanner,
    from_dose: float,
) -> None:
    if hu.ndim != 3 or not np.all(np.isfinite(hu)):
        raise InputError("The CT image must have three axes and finite values only.")
    if min(pixel_spacing_mm) <= 0 or thickness <= 0:
        raise InputError("Pixel spacing and slice thickness must be above 0 mm.")
    if not 0 < dose <= from_dose or math.isinf(dose):
        raise InputError(f"The dose fraction must lie in (0, {from_dose:g}], not {dose:g}.")
    if kernel not in KERNEL_CUTOFF_PER_MM:
        raise InputError(f"There is no kernel {kernel!r}; use {', '.join(KERNEL_CUTOFF_PER_MM)}.")
    if scanner.fluence <= 0 or scanner.electronic_noise < 0 or scanner.views < 1:
        raise InputError("A scanner needs photons, views and no negative electronic noise.")


def _added_noise(
    hu: npt.NDArray[Any],
    spacing: tuple[float, float],
    doses: tuple[float, float],
    kernel: str,
    thickness: float,
    scanner: Scanner,
    generator: np.random.Generator,
) -> Float:
    """Noise of one slice in HU."""
    rows, columns = hu.shape
    # rays fine enough for the kernel's highest frequency
    pitch = min(_RAY_PITCH_MM, 0.5 / KERNEL_CUTOFF_PER_MM[kernel])
    reach = 0.5 * float(np.hypot(columns * spacing[0], rows * spacing[1])) + 2 * pitch
    rays = 2 * int(np.ceil(reach / pitch)) + 1
    distances = (np.arange(rays, dtype=np.float32) - rays // 2) * np.float32(pitch)
    integrals = line_integrals(hu, spacing, distances, scanner.views)
    photons = photons_sent(integrals, distances, thickness, scanner)
    deviation = np.sqrt(added_variance(integrals, photons, scanner.electronic_noise, doses))
    noise = generator.standard_normal(integrals.shape, dtype=np.float32) * deviation
    mu = back_project(
        filter_rows(noise, pitch, kernel), float(distances[0]), pitch, (rows, columns), spacing
    )
    return mu * np.float32(1000.0 / MU_WATER_PER_MM)


def line_integrals(
    hu: npt.NDArray[Any], spacing_mm: tuple[float, float], distances_mm: Float, views: int
) -> Float:
    """Line integrals of a slice, projected on a coarser grid and interpolated.

    Parameters
    ----------
    hu : numpy.ndarray
        Shape ``(j, i)``, Hounsfield units; -1000 and less count as vacuum.
    spacing_mm : tuple of float
        Distance of pixels along (i, j).
    distances_mm : numpy.ndarray
        Shape ``(d,)``, evenly spaced.
    views : int
        Number of angles over half a turn.

    Returns
    -------
    numpy.ndarray
        Shape ``(views, d)``, float32.
    """
    mu = MU_WATER_PER_MM * (1.0 + np.clip(np.asarray(hu, dtype=np.float32), -1000, 3071) / 1000.0)
    mu[mu < _EMPTY] = 0.0
    factor = math.ceil(max(mu.shape) / _ATTENUATION_PIXELS)
    coarse_spacing = (spacing_mm[0] * factor, spacing_mm[1] * factor)
    coarse = _block_mean(mu, factor)
    samples = min(distances_mm.size, int(np.ceil(np.ptp(distances_mm) / min(coarse_spacing))) + 1)
    coarse_distances = np.linspace(distances_mm[0], distances_mm[-1], samples, dtype=np.float32)
    few = min(views, _ATTENUATION_VIEWS)
    sinogram = project(coarse, coarse_spacing, coarse_distances, few)
    # after half a turn the first view comes again, mirrored: distances are symmetric about 0
    closed = np.concatenate([sinogram, sinogram[:1, ::-1]])
    view = np.arange(views) * (few / views)
    ray = np.linspace(0, samples - 1, distances_mm.size)
    grid = np.meshgrid(view, ray, indexing="ij")
    integrals: Float = ndimage.map_coordinates(closed, grid, order=1, mode="nearest").astype(
        np.float32
    )
    return integrals


def _block_mean(image: Float, factor: int) -> Float:
    """Mean over blocks; the remainder is shared evenly between both sides as vacuum."""
    if factor == 1:
        return image
    pads = [(-n) % factor for n in image.shape]
    padded = np.pad(image, [(p // 2, p - p // 2) for p in pads])
    rows, columns = (n // factor for n in padded.shape)
    mean: Float = padded.reshape(rows, factor, columns, factor).mean(axis=(1, 3))
    return mean
