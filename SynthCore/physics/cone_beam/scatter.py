"""Scattered radiation by convolution of what the primary beam leaves in the patient.

Model. Along a ray with primary intensity `I` and line integral `p`, photons are scattered toward
the detector in proportion to ``I p**b``, and arrive spread by a wide Gaussian: the form of the
scatter kernels of Sun and Star-Lack, Phys Med Biol 2010;55:6695 (one Gaussian here, two there, and
no asymmetry). The strength is named by the ratio of scatter to primary behind 300 mm of water in a
wide beam: above 1 behind a pelvis without a grid, 0.1 to 0.5 behind a head (Siewerdsen and Jaffray,
Med Phys 2001;28:220), and less with a grid or a bowtie filter.

Scatter is smooth, so it is computed on a coarse grid of views, rays and slices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from SynthCore.physics.ct_scanner import MU_WATER_PER_MM

REFERENCE_MM = 300.0
_COARSE_MM = 8.0
_COARSE_VIEWS = 48


@dataclass(frozen=True)
class Scatter:
    """The scatter of a scan, and what the scanner takes away of it.

    Attributes
    ----------
    ratio : float
        Scatter over primary behind `REFERENCE_MM` of water in a wide beam.
    power : float
        Exponent of the line integral.
    width_mm : float
        Standard deviation of the spread, at the center of rotation.
    corrected : float
        Share that the scanner subtracts; above 1 it subtracts too much.
    guess_mm : float
        Further blur of the scanner's estimate: it knows scatter only roughly.
    """

    ratio: float = 0.0
    power: float = 1.2
    width_mm: float = 60.0
    corrected: float = 0.0
    guess_mm: float = 60.0

    def behind(self, water_mm: float) -> float:
        """Scatter over primary behind a slab of water, before any correction."""
        return self.ratio * math.pow(water_mm / REFERENCE_MM, self.power)


def scattered(
    primary: Tensor,
    integrals: Tensor,
    spacing_mm: tuple[float, float],
    scatter: Scatter,
    lit: Tensor,
) -> tuple[Tensor, Tensor]:
    """Scatter that arrives, and the scanner's estimate of it.

    Parameters
    ----------
    primary, integrals : Tensor
        Shape ``(views, rays, slices)``: intensity behind the patient (1 without him) and line
        integrals. Neighboring rows of the detector are the slices; the patient goes on beyond the
        first and the last as he is there.
    spacing_mm : tuple of float
        Of rays and slices.
    scatter : Scatter
        Strength and spread.
    lit : Tensor
        Shape ``(slices,)``: share of the spread along the slices that the collimated beam feeds.

    Returns
    -------
    tuple of Tensor
        Each of the shape of `primary`; the second is already multiplied by `corrected`.
    """
    if scatter.ratio == 0:
        nothing = torch.zeros_like(primary)
        return nothing, nothing
    per_line = scatter.ratio / (MU_WATER_PER_MM * REFERENCE_MM) ** scatter.power
    source = per_line * primary * integrals.clamp(min=0) ** scatter.power * lit
    size = tuple(source.shape)
    coarse = (
        min(size[0], _COARSE_VIEWS),
        max(1, math.ceil(size[1] * spacing_mm[0] / _COARSE_MM)),
        max(1, math.ceil(size[2] * spacing_mm[1] / _COARSE_MM)),
    )
    small = functional.interpolate(source[None, None], size=coarse, mode="area")[0, 0]
    steps = (spacing_mm[0] * size[1] / coarse[1], spacing_mm[1] * size[2] / coarse[2])
    arrived = _spread(small, steps, scatter.width_mm)
    guessed = scatter.corrected * _spread(arrived, steps, scatter.guess_mm)
    return _fine(arrived, size), _fine(guessed, size)


def lit_share(slices: int, spacing_mm: float, extent_mm: float, width_mm: float) -> Tensor:
    """Share of a Gaussian around each slice that lies in the collimated beam, shape ``(slices,)``.

    Parameters
    ----------
    slices : int
        Centered in the beam.
    spacing_mm : float
        Distance of slices.
    extent_mm : float
        Length of the beam at the center of rotation.
    width_mm : float
        Standard deviation.
    """
    z = (torch.arange(slices) - (slices - 1) / 2) * spacing_mm
    root = math.sqrt(2) * max(width_mm, 1e-3)
    above, below = (extent_mm / 2 - z) / root, (-extent_mm / 2 - z) / root
    return 0.5 * (torch.erf(above) - torch.erf(below))


def _spread(field: Tensor, steps_mm: tuple[float, float], width_mm: float) -> Tensor:
    """Blur along rays (nothing beyond the ends) and slices (ends repeated)."""
    if width_mm <= 0:
        return field
    views, rays, slices = field.shape
    for axis, step in ((1, steps_mm[0]), (2, steps_mm[1])):
        size = field.shape[axis]
        index = torch.arange(size, device=field.device)
        reach = math.ceil(4 * width_mm / step)
        beyond = torch.arange(-reach, size + reach, device=field.device)
        kernel = torch.exp(-0.5 * (((index[:, None] - beyond[None]) * step) / width_mm) ** 2)
        kernel /= kernel[size // 2].sum()
        if axis == 2:  # what lies beyond counts for the end slices
            matrix = torch.zeros(size, size, device=field.device)
            matrix.index_add_(1, beyond.clamp(0, size - 1), kernel)
            field = field @ matrix.T
        else:
            field = torch.einsum("ur,vrk->vuk", kernel[:, reach : reach + size], field)
    return field.reshape(views, rays, slices)


def _fine(field: Tensor, size: tuple[int, ...]) -> Tensor:
    return functional.interpolate(field[None, None], size=size, mode="trilinear")[0, 0]
