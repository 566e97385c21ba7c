"""The X-ray beam: several energies, and what a scanner makes of them as if there were one."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from SynthCore.physics.ct_scanner import MU_WATER_PER_MM

WATER_AT = (1.176, 1.067, 0.952, 0.885)
BONE_AT = (1.613, 1.197, 0.848, 0.705)
"""Attenuation of water and of cortical bone at 50, 60, 80 and 100 keV over that at 70 keV.

NIST, tables of X-ray mass attenuation coefficients (Hubbell and Seltzer, NISTIR 5632): water
0.2269, 0.2059, 0.1837, 0.1707 cm2/g and 0.193 at 70 keV; ICRU-44 cortical bone 0.4242, 0.3148,
0.2229, 0.1855 and 0.263 (between 60 and 80 keV by its logarithm).
"""

_SOFT_BEAM = (0.35, 0.35, 0.25, 0.05)
_HARD_BEAM = (0.18, 0.27, 0.33, 0.22)
"""Shares of these energies in the signal, from a 100 kV beam to a 125 kV beam through a bowtie."""

_BONE_HU = (100.0, 1500.0)
_TABLE = 256
_LONGEST = 24.0


def materials(hu: Tensor) -> Tensor:
    """Attenuation per mm at 70 keV, shared between water and bone.

    The share of bone grows from 0 at 100 HU to 1 at 1500 HU; what is denser, metal too, hardens the
    beam as bone does.

    Parameters
    ----------
    hu : Tensor
        Any shape, Hounsfield units; -1000 and less is vacuum.

    Returns
    -------
    Tensor
        Shape ``(2, *hu.shape)``: water, bone.
    """
    mu = MU_WATER_PER_MM * (1 + hu.clamp(min=-1000.0) / 1000)
    low, high = _BONE_HU
    bone = ((hu - low) / (high - low)).clamp(0, 1)
    return torch.stack([mu * (1 - bone), mu * bone])


def attenuate(
    water: Tensor,
    bone: Tensor,
    hardness: float,
    metal: Tensor | None = None,
    metal_at: tuple[float, ...] = BONE_AT,
) -> Tensor:
    """Minus the logarithm of what is left of the beam behind water, bone and metal.

    Parameters
    ----------
    water, bone : Tensor
        Line integrals at 70 keV.
    hardness : float
        0 (100 kV) to 1 (125 kV).
    metal : Tensor, optional
        Line integrals of a metal at 70 keV.
    metal_at : tuple of float
        Its attenuation at the energies of `WATER_AT` over that at 70 keV.
    """
    left = torch.zeros_like(water)
    energies = zip(_shares(hardness), WATER_AT, BONE_AT, metal_at, strict=True)
    for share, of_water, of_bone, of_metal in energies:
        depth = of_water * water + of_bone * bone
        left += share * torch.exp(-(depth if metal is None else depth + of_metal * metal))
    return -torch.log(left.clamp(min=1e-30))


def linearize(measured: Tensor, hardness: float, corrected: float) -> Tensor:
    """Line integrals of water at 70 keV from measured ones.

    Parameters
    ----------
    measured : Tensor
        What `attenuate` makes, with whatever a detector did to it.
    hardness : float
        As there.
    corrected : float
        1 for a scanner that corrects beam hardening of water exactly (bone still hardens the
        beam); 0 for one that only scales.
    """
    water = torch.linspace(0, _LONGEST, _TABLE, device=measured.device)
    known = attenuate(water, torch.zeros_like(water), hardness)
    slope = sum(s * w for s, w in zip(_shares(hardness), WATER_AT, strict=True))
    scaled = measured / slope
    upper = torch.searchsorted(known, measured.contiguous()).clamp(1, _TABLE - 1)
    share = (measured - known[upper - 1]) / (known[upper] - known[upper - 1])
    exact = water[upper - 1] + share * (water[upper] - water[upper - 1])
    return corrected * exact + (1 - corrected) * scaled


def _shares(hardness: float) -> tuple[float, ...]:
    if not (math.isfinite(hardness) and 0 <= hardness <= 1):
        raise ValueError("hardness must lie between 0 and 1")
    return tuple(
        (1 - hardness) * soft + hardness * hard
        for soft, hard in zip(_SOFT_BEAM, _HARD_BEAM, strict=True)
    )
