"""Fluid around the brain wider than the label map's: atrophy, large cisterns, cysts, deep sulci.

Fluid is as dark as bone in T1 and lies against it: a network that saw the narrow spaces of young
heads alone takes wide ones for bone. Ranges are estimates that reach beyond what is common; a
cisterna magna is called large from 10 mm on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from SynthCore.physics.generator.mixture import Mixture, below
from SynthCore.physics.generator.soft import Place

Triple = tuple[float, float, float]

_SHRINKING = ("gray matter", "white matter", "hippocampus")
"""What gives way to fluid; nuclei, brainstem, nerves and vessels stay."""

MOST_MM = 25.0

_PER_MM = 0.05
"""About by how much a field with a grain of 40 mm changes along one millimeter."""


@dataclass(frozen=True)
class Spaces:
    """Drawn spaces; mm. All is 0 where the label map's own are kept.

    Attributes
    ----------
    rim_mm : float
        Between brain and skull, everywhere.
    rim_varies : float
        Standard deviation of its logarithm from place to place.
    low_mm : float
        Added below the roofs of the orbits: round the cerebellum and the temporal lobes.
    fissure_mm : float
        Width of fluid between folds.
    apart_mm : float
        Distance of those fissures.
    deep_mm : float
        How deep they reach.
    low_only : bool
        Whether only what lies below the roofs of the orbits (the cerebellum) is folded so.
    cyst_mm : float
        Radius of a cyst.
    cyst_at : tuple of float
        Of its center from the middle of the cerebrum, along (k, j, i).
    """

    rim_mm: float = 0.0
    rim_varies: float = 0.0
    low_mm: float = 0.0
    fissure_mm: float = 0.0
    apart_mm: float = 1.0
    deep_mm: float = 0.0
    low_only: bool = False
    cyst_mm: float = 0.0
    cyst_at: Triple = (0.0, 0.0, 0.0)


def draw_spaces(rng: np.random.Generator, wide: float) -> Spaces:
    """Wide spaces in a share `wide` of people, those of the label map in all others.

    Nothing is drawn where `wide` is 0.
    """
    if wide <= 0 or rng.random() >= wide:
        return Spaces()
    rim = float(np.exp(rng.uniform(np.log(0.8), np.log(9.0)))) if rng.random() < 0.6 else 0.0
    low = float(rng.uniform(1.0, 14.0)) if rng.random() < 0.4 else 0.0
    folded = rng.random() < 0.6
    cyst = float(rng.uniform(8.0, 32.0)) if rng.random() < 0.2 else 0.0
    if not (rim or low or folded or cyst):
        rim = float(rng.uniform(2.0, 6.0))
    direction = rng.normal(0, 1, 3)
    away = rng.uniform(35.0, 75.0) * direction / max(float(np.linalg.norm(direction)), 1e-6)
    return Spaces(
        rim,
        float(rng.uniform(0.2, 0.7)),
        low,
        float(rng.uniform(0.4, 1.8)) if folded else 0.0,
        float(rng.uniform(2.5, 7.0)),
        float(rng.uniform(3.0, 22.0)),
        bool(rng.random() < 0.6),
        cyst,
        (float(away[0]), float(away[1]), float(away[2])),
    )


def add_spaces(
    mixture: Mixture, known: Tensor, place: Place, spaces: Spaces, middle: Triple
) -> None:
    """Let fluid take the place of brain.

    Parameters
    ----------
    mixture : Mixture
        Of the label map's known tissues alone, before bone and soft tissue are added.
    known : Tensor
        [k, j, i], their share of every voxel, 0 to 1.
    place : Place
        Of every voxel.
    spaces : Spaces
        Drawn.
    middle : tuple of float
        Middle of the cerebrum (k, j, i), mm of the label map.
    """
    if not (spaces.rim_mm or spaces.low_mm or spaces.fissure_mm or spaces.cyst_mm):
        return
    depth = -place.inner
    low = torch.sigmoid((-place.above - 6.0) * 0.3)
    rim = (spaces.rim_mm + spaces.low_mm * low) * torch.exp(spaces.rim_varies * place.wide[6])
    # depths are known to 32 mm
    fluid = below(depth, rim.clamp(max=MOST_MM), 0.4) * (rim > 0.3)
    if spaces.fissure_mm:
        phase = (place.wide[7] + 0.15 * place.middle[3]) * (1 / (_PER_MM * spaces.apart_mm))
        beside = (phase - phase.round()).abs() * spaces.apart_mm
        fissure = below(beside, spaces.fissure_mm / 2, 0.12) * below(depth, spaces.deep_mm, 1.0)
        fluid = torch.maximum(fluid, fissure * (low if spaces.low_only else 1.0))
    if spaces.cyst_mm:
        away = [p - m - c for p, m, c in zip(place.points, middle, spaces.cyst_at, strict=True)]
        radius = torch.sqrt(away[0] ** 2 + away[1] ** 2 + away[2] ** 2)
        radius = radius + 0.12 * spaces.cyst_mm * place.wide[8]
        fluid = torch.maximum(fluid, below(radius, spaces.cyst_mm, 0.5))
    mixture.replace(fluid * mixture.is_any(*_SHRINKING).float(), "csf", of=known)
