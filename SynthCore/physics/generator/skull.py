"""Bone: two tables and the diploe between them, dense petrous bone, air cells of the mastoid.

The vault is a shell between the surface of the bone and the cavity. Moving both surfaces by random
fields makes skulls thin and thick; a least thickness closes what a label map left open. Thickness
of vault 4 to 9 mm, of its tables 1 to 2.5 mm: Lillie et al., J Bone Miner Res 2016;31:299.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from SynthCore.physics.generator.mixture import Mixture, below
from SynthCore.physics.generator.soft import Place

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Skull:
    """A drawn skull; mm.

    Attributes
    ----------
    thicker_mm : float
        Added at the outer surface, negative to thin it.
    outer_varies, inner_varies : float
        Standard deviation of both surfaces from place to place.
    least_mm : float
        Least thickness of the vault.
    outer_table_mm, inner_table_mm : float
        Compact bone on both sides of the diploe.
    tables_vary : float
        Standard deviation of the logarithm of both.
    sclerosis : float
        Level of the field below which the diploe is compact; very low for none.
    pneumatized : float
        Level of the field above which the mastoid holds air; large for none.
    """

    thicker_mm: float
    outer_varies: float
    inner_varies: float
    least_mm: float
    outer_table_mm: float
    inner_table_mm: float
    tables_vary: float
    sclerosis: float
    pneumatized: float


def draw_skull(rng: np.random.Generator) -> Skull:
    """Skulls from thin to thick, from wholly compact to mostly diploe."""
    return Skull(
        thicker_mm=float(np.clip(rng.normal(0.2, 1.2), -1.8, 3.0)),
        outer_varies=float(rng.uniform(0.1, 0.7)),
        inner_varies=float(rng.uniform(0.05, 0.4)),
        least_mm=float(rng.uniform(1.6, 3.0)),
        outer_table_mm=float(rng.uniform(1.0, 2.6)),
        inner_table_mm=float(rng.uniform(0.8, 2.0)),
        tables_vary=float(rng.uniform(0.1, 0.4)),
        sclerosis=float(rng.uniform(-3.0, 0.5)) if rng.random() < 0.6 else -9.0,
        pneumatized=float(rng.uniform(-0.6, 1.2)),
    )


def bone_share(place: Place, skull: Skull) -> tuple[Tensor, Tensor, Tensor]:
    """Share of bone, and the depth (mm) under its outer and inner surface."""
    shell = torch.sigmoid(place.above * 0.4)
    out = skull.thicker_mm * (0.4 + 0.6 * shell) + skull.outer_varies * place.wide[3]
    within = skull.inner_varies * place.wide[5]
    outer, inner = place.outer + out, place.inner + within
    # a shell of the least thickness: what lacks is added outside
    lacks = (skull.least_mm - (outer + inner)).clamp(min=0) * shell
    # only beside the cavity; away from it the sum of both depths says nothing of a thickness
    outer = outer + lacks * below(place.inner, 3.0, 0.5)
    # elsewhere nothing may grow between cavity and soft tissue where the label map has no bone
    grown = (outer - place.outer).clamp(min=0) * (1 - shell) * below(place.inner, 2.0, 0.4)
    outer = outer - grown
    bone = torch.sigmoid(outer * 3.5) * torch.sigmoid(inner * 3.5)
    return bone, outer, inner


def add_bone(
    mixture: Mixture,
    share: Tensor,
    spongy: Tensor,
    surfaces: tuple[Tensor, Tensor],
    place: Place,
    skull: Skull,
    ears: tuple[Triple, ...],
) -> None:
    """Divide `share` of bone among its tissues.

    Parameters
    ----------
    mixture : Mixture
        What is added to.
    share : Tensor
        [k, j, i], 0 to 1.
    spongy : Tensor
        Share of the label map's bone that has marrow.
    surfaces : tuple of Tensor
        Depth (mm) under the outer and the inner surface, as `bone_share` gives them.
    place : Place
        Of every voxel.
    skull : Skull
        Drawn.
    ears : tuple
        Middle of the temporal bones, mm.
    """
    outer, inner = surfaces
    shell = torch.sigmoid(place.above * 0.4) * below(place.inner, 18.0, 2.0)
    vary = torch.exp(skull.tables_vary * place.wide[1])
    tables = torch.sigmoid((outer - skull.outer_table_mm * vary) * 2.5) * torch.sigmoid(
        (inner - skull.inner_table_mm * vary) * 2.5
    )
    loose = tables * torch.sigmoid((place.middle[1] + place.wide[0] - skull.sclerosis) * 4.0)
    diploe = share * shell * loose
    marrow = share * (1 - shell) * spongy
    compact = share - diploe - marrow
    dense, cells = torch.zeros_like(share), torch.zeros_like(share)
    for ear in ears:
        aside = 1.0 if ear[2] > sum(e[2] for e in ears) / len(ears) else -1.0
        dense = torch.maximum(dense, _ball(place, (ear[0], ear[1], ear[2] - 10 * aside), 13.0))
        mastoid = _ball(place, (ear[0] - 6, ear[1] + 8, ear[2] + 8 * aside), 15.0)
        cells = torch.maximum(cells, mastoid)
    level = skull.pneumatized + 3.0 * (1 - cells)
    air = torch.sigmoid((place.fine[2] - level) * 4.0) * torch.sigmoid((outer - 1.0) * 3.0)
    air = air * torch.sigmoid((inner - 1.0) * 3.0) * (cells > 0.2)
    air_share = (compact + marrow) * air
    keep = 1 - air
    mixture.add(air_share, "air")
    mixture.add(diploe, "diploe")
    mixture.add(marrow * keep, "marrow")
    mixture.add(compact * keep * dense, "dense bone")
    mixture.add(compact * keep * (1 - dense), "compact bone")


def _ball(place: Place, center: Triple, radius: float) -> Tensor:
    k, j, i = (p - c for p, c in zip(place.points, center, strict=True))
    away = k * k + j * j + i * i
    return torch.exp(-away * (0.5 / radius**2))
