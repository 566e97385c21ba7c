"""A CT scan of a generated person, fast enough for training: kernel, slices, noise, streaks.

In the image domain, by what filtered back-projection does to an image: the kernel multiplies
frequencies, noise has the power ``f H(f)**2`` of a ramp under the kernel H (Riederer, Pelc and
Chesler, Phys Med Biol 1978;23:446), slices average over their thickness. Noise differs from place
to place and is more in rows through dense bone. `SynthCore.physics.ct_dose` is the reference: noise
there is made in the projection domain from photons, bowtie and electronics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy import fft
from torch import Tensor

from SynthCore.physics.ct_scanner import MU_WATER_PER_MM
from SynthCore.physics.generator.bias import Waves, draw_waves, wave_field
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.resolution import Resolution, slice_matrices
from SynthCore.physics.generator.ringing import along

LOWEST, HIGHEST = -1024.0, 3071.0
"""HU that twelve bits hold."""

KERNELS = {"soft": (0.6, 0.0), "standard": (0.8, 0.0), "sharp": (1.2, 0.5), "bone": (1.5, 1.2)}
"""Frequency (cycles/mm) where a kernel's Hann window ends, and how much it lifts the middle of what
lies below, where the window alone leaves half.

The first two as in `SynthCore.physics.ct_projection`; bone and lung kernels enhance edges: with the
window their response rises to 1.06 and 1.42 (estimates from published modulation transfer
functions)."""

_BONE_HU = 200.0


@dataclass(frozen=True)
class CtLook:
    """One drawn CT scan.

    Attributes
    ----------
    kernel : str
        A key of `KERNELS`.
    resolution : Resolution
        Slices; its pixels are not used, the kernel limits the resolution.
    noise_hu : float
        Standard deviation of the noise in the middle of the body, HU; it belongs to the kernel,
        the dose and the thickness.
    uneven : Waves
        Logarithm of how the noise varies from place to place.
    streaks : float
        Of the noise, what rows through dense bone have besides, relative to their photons' loss.
    bone_gain : float
        CT number of what lies above 100 HU, relative to 120 kV.
    offset_hu : float
        Calibration error of water, HU.
    seed : int
        Of the noise's own stream.
    """

    kernel: str
    resolution: Resolution
    noise_hu: float
    uneven: Waves
    streaks: float
    bone_gain: float
    offset_hu: float
    seed: int


def draw_ct(
    rng: np.random.Generator,
    *,
    strength: float = 1.0,
    kernel: str | None = None,
    thickness: tuple[float, float] = (0.6, 5.0),
) -> CtLook:
    """Draw a CT scan.

    Parameters
    ----------
    rng : numpy.random.Generator
        What is random.
    strength : float
        From 0 (no noise, exact CT numbers) to 1: noise of 2 to 15 HU in the standard
        kernel, more in sharper ones; bone's CT number as between 140 and 90 kV; water off by
        about 2 HU.
    kernel : str, optional
        A key of `KERNELS`; drawn where not given.
    thickness : tuple of float
        Range of slice thickness, mm; slices follow each other without gap.
    """
    kernel = kernel or str(rng.choice(list(KERNELS), p=[0.3, 0.4, 0.15, 0.15]))
    thick = float(rng.uniform(*thickness))
    resolution = Resolution(0, thick, thick, rng.random(), (1.0, 1.0), 0.0)
    level = math.exp(rng.uniform(math.log(2.0), math.log(15.0)))
    sharper = {"soft": 0.8, "standard": 1.0, "sharp": 1.8, "bone": 2.5}[kernel]
    return CtLook(
        kernel,
        resolution,
        strength * level * sharper,
        draw_waves(rng, strength * rng.uniform(0.05, 0.3), (150.0, 500.0)),
        strength * rng.uniform(0, 1.5),
        1 + strength * rng.uniform(-0.06, 0.15),
        strength * float(rng.normal(0, 2.0)),
        int(rng.integers(2**31)),
    )


def apply_ct(look: CtLook, maps: TissueMaps) -> Tensor:
    """Make the image of a CT scan; see `ct_image`."""
    return ct_image(look, maps.hu, maps.spacing)


def ct_image(look: CtLook, hu: Tensor, spacing: tuple[float, float, float]) -> Tensor:
    """Make the image of a CT scan from true CT numbers.

    Parameters
    ----------
    look : CtLook
        As drawn.
    hu : torch.Tensor
        Shape ``(k, j, i)``, HU.
    spacing : tuple of float
        Along (k, j, i), mm.

    Returns
    -------
    torch.Tensor
        Shape ``(k, j, i)``, float32, HU in `LOWEST` to `HIGHEST`.
    """
    device = hu.device
    true = hu + (look.bone_gain - 1) * (hu - 100).clamp_min(0) if look.bone_gain != 1 else hu
    matrices = slice_matrices(look.resolution, hu.shape[0], spacing[0], device)
    slices = true if matrices is None else along(matrices[0], true, 0)
    response, power = _spectra(look.kernel, hu.shape[1], hu.shape[2], spacing[1], spacing[2])
    rows, columns = (_cosines(n).to(device) for n in hu.shape[1:])
    image = rows.T @ ((rows @ slices @ columns.T) * response.to(device)) @ columns
    if look.noise_hu > 0:
        stream = torch.Generator(device).manual_seed(look.seed)
        white = torch.randn(slices.shape, generator=stream, device=device)
        noise = rows.T @ (white * power.to(device)) @ columns
        if look.streaks > 0:
            noise = noise + _streaks(look, slices, spacing, stream)
        noise = noise * torch.exp(wave_field(look.uneven, slices.shape, spacing, device))
        image = image + look.noise_hu * noise
    if matrices is not None:
        image = along(matrices[1], image, 0)
    return (image + look.offset_hu).clamp_(LOWEST, HIGHEST)


def _streaks(
    look: CtLook, slices: Tensor, spacing: tuple[float, float, float], stream: torch.Generator
) -> Tensor:
    """Noise that is constant along rows, in rows whose photons are lost in bone.

    The variance of a line integral grows with the exponential of the attenuation.
    """
    dense = (slices - _BONE_HU).clamp_min_(0).sum(dim=2, keepdim=True) * (spacing[2] / 1000)
    loss = torch.exp((0.5 * MU_WATER_PER_MM) * dense) - 1
    size = (slices.shape[0], slices.shape[1], 1)
    white = torch.randn(size, generator=stream, device=slices.device)
    return look.streaks * loss.clamp_max_(4.0) * white


@lru_cache(maxsize=16)
def _cosines(count: int) -> Tensor:
    """Orthonormal cosine transform, as for a window continued by its mirror image."""
    matrix = fft.dct(np.eye(count), axis=0, norm="ortho")
    return torch.from_numpy(matrix.astype(np.float32))


@lru_cache(maxsize=16)
def _spectra(
    kernel: str, rows: int, columns: int, row_mm: float, column_mm: float
) -> tuple[Tensor, Tensor]:
    """What the kernel does to every frequency, and the noise's amplitude there, of deviation 1."""
    across = np.arange(rows) / (2 * rows * row_mm)
    along_row = np.arange(columns) / (2 * columns * column_mm)
    frequency = np.hypot(across[:, None], along_row[None, :])
    cutoff, lift = KERNELS[kernel]
    inside = np.clip(frequency / cutoff, 0, 1)
    response = 0.5 * (1 + np.cos(np.pi * inside)) * (1 + lift * np.sin(np.pi * inside) ** 2)
    power = np.sqrt(frequency) * response
    power *= math.sqrt(power.size / np.sum(power**2))
    return (
        torch.from_numpy(response.astype(np.float32)),
        torch.from_numpy(power.astype(np.float32)),
    )
