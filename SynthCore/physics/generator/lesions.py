"""Lesions of the brain: what they change in every sequence and in CT.

A lesion is a set of zones, each a tissue of `tissue_values` within a ragged ellipsoid or around it;
so T1, T2, density, contrast agent and CT number agree. Appearance by kind: Osborn's Brain, Elsevier
2017; hemorrhage by age: Bradley, Radiology 1993;189:15.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.physics.generator.mixture import Mixture, Part, below

KINDS: dict[str, int] = {
    "infiltrating tumor": 1,
    "enhancing tumor": 2,
    "plaque": 3,
    "acute infarct": 4,
    "chronic infarct": 5,
    "hemorrhage": 6,
    "edema": 7,
}
"""Number of every kind in `TissueMaps.lesion`; edema and gliosis around others are ``edema``."""

_STAGE_OF = {
    "hyperacute blood": "hyperacute",
    "acute blood": "acute",
    "subacute blood": "subacute",
    "hemosiderin": "chronic",
}

STAGES = tuple(_STAGE_OF.values())
"""Ages of a hemorrhage; they decide its signal in every sequence."""

Where = Literal["white", "periventricular", "cortical"]

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Zone:
    """A tissue between two radii, as a share of the lesion's own.

    Attributes
    ----------
    tissue : str
        Of `tissue_values`.
    start, end : float
        Relative radii.
    edge : float
        Width of the border, relative.
    gray : float
        Share that it takes in gray matter; 1 in white matter.
    marks : str
        Kind in the map of lesions.
    """

    tissue: str
    start: float
    end: float
    edge: float
    gray: float
    marks: str


@dataclass(frozen=True)
class Lesion:
    """One drawn lesion.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    where : {'white', 'periventricular', 'cortical'}
        What it starts from.
    place : float
        0 to 1, which of the anatomy's voxels of that kind.
    radii_mm : tuple of float
        Along (k, j, i).
    ragged : float
        How far its border follows the random field, relative to its radius.
    strength : float
        Share of every zone's tissue.
    shift : tuple of float
        Of the field, in its voxels.
    zones : tuple of Zone
        In order; later ones go over earlier ones.
    """

    kind: str
    where: Where
    place: float
    radii_mm: Triple
    ragged: float
    strength: float
    shift: Triple
    zones: tuple[Zone, ...]

    @property
    def reach_mm(self) -> float:
        """Nothing changes beyond."""
        return max(self.radii_mm) * (
            max(z.end + 2.5 * z.edge for z in self.zones) + 2.0 * self.ragged
        )


def draw_lesions(rng: np.random.Generator, healthy: float = 0.5) -> tuple[Lesion, ...]:
    """No lesion (`healthy` of all), one tumor, infarct or hemorrhage, or 1 to 14 plaques."""
    if rng.random() < healthy:
        return ()
    kinds = ("infiltrating tumor", "enhancing tumor", "plaque", "acute infarct",
             "chronic infarct", "hemorrhage")  # fmt: skip
    return lesions_of(rng, str(rng.choice(kinds, p=(0.2, 0.3, 0.2, 0.08, 0.1, 0.12))))


def lesions_of(rng: np.random.Generator, kind: str) -> tuple[Lesion, ...]:
    """One lesion of one of `KINDS` but edema, or 1 to 14 plaques.

    Raises
    ------
    KeyError
        If there is no such kind.
    """
    if kind != "plaque":
        return (draw_lesion(rng, kind),)
    return tuple(draw_lesion(rng, kind) for _ in range(int(rng.integers(1, 15))))


def draw_lesion(rng: np.random.Generator, kind: str) -> Lesion:
    """A lesion of one of `KINDS` but edema, which comes with others.

    Raises
    ------
    KeyError
        If there is no such kind.
    """
    low, high, where, zones = {
        "infiltrating tumor": (8.0, 30.0, "white", _infiltrating),
        "enhancing tumor": (6.0, 24.0, "white", _enhancing),
        "plaque": (1.5, 7.0, "periventricular", _plaque),
        "acute infarct": (5.0, 35.0, "cortical", _acute),
        "chronic infarct": (4.0, 30.0, "cortical", _chronic),
        "hemorrhage": (5.0, 22.0, "white", _hemorrhage),
    }[kind]
    size = math.exp(rng.uniform(math.log(low), math.log(high)))
    radii = size * np.exp(rng.normal(0, 0.2, 3))
    if kind == "plaque" and rng.random() < 0.35:
        where = "white"
    return Lesion(
        kind,
        where,  # type: ignore[arg-type]
        float(rng.random()),
        (float(radii[0]), float(radii[1]), float(radii[2])),
        float(rng.uniform(0.08, 0.3)),
        float(rng.uniform(0.75, 1.0)),
        (float(rng.uniform(0, 64)), float(rng.uniform(0, 64)), float(rng.uniform(0, 64))),
        zones(rng),
    )


def _infiltrating(rng: np.random.Generator) -> tuple[Zone, ...]:
    kind = "infiltrating tumor"
    zones = [Zone(kind, -1, 1.0, float(rng.uniform(0.05, 0.2)), float(rng.uniform(0.5, 1)), kind)]
    if rng.random() < 0.4:
        zones.insert(0, Zone("edema", -1, float(rng.uniform(1.1, 1.6)), 0.12, 0.25, "edema"))
    if rng.random() < 0.2:
        zones.append(Zone("calcification", -1, float(rng.uniform(0.1, 0.25)), 0.04, 1.0, kind))
    return tuple(zones)


def _enhancing(rng: np.random.Generator) -> tuple[Zone, ...]:
    kind = "enhancing tumor"
    zones = [
        Zone("edema", -1, float(rng.uniform(1.1, 2.4)), 0.1, float(rng.uniform(0.1, 0.4)), "edema"),
        Zone("tumor", -1, 1.0, 0.05, 1.0, kind),
    ]
    if rng.random() < 0.75:
        zones.append(Zone("necrosis", -1, float(rng.uniform(0.3, 0.85)), 0.06, 1.0, kind))
    if rng.random() < 0.15:
        zones.append(Zone("subacute blood", -1, float(rng.uniform(0.15, 0.4)), 0.05, 1.0, kind))
    return tuple(zones)


def _plaque(rng: np.random.Generator) -> tuple[Zone, ...]:
    if rng.random() < 0.2:
        zones = [Zone("active plaque", -1, 1.0, 0.15, 0.7, "plaque")]
        if rng.random() < 0.5:
            zones.append(Zone("plaque", -1, float(rng.uniform(0.4, 0.7)), 0.1, 0.7, "plaque"))
        return tuple(zones)
    return (Zone("plaque", -1, 1.0, float(rng.uniform(0.1, 0.3)), 0.7, "plaque"),)


def _acute(rng: np.random.Generator) -> tuple[Zone, ...]:
    return (Zone("acute infarct", -1, 1.0, float(rng.uniform(0.05, 0.15)), 1.0, "acute infarct"),)


def _chronic(rng: np.random.Generator) -> tuple[Zone, ...]:
    rim = float(rng.uniform(1.1, 1.5))
    return (
        Zone("gliosis", -1, rim, 0.12, float(rng.uniform(0.4, 0.9)), "edema"),
        Zone("chronic infarct", -1, 1.0, 0.1, 1.0, "chronic infarct"),
    )


def _hemorrhage(rng: np.random.Generator) -> tuple[Zone, ...]:
    kind = "hemorrhage"
    age = int(rng.integers(4))
    edema = Zone("edema", -1, float(rng.uniform(1.1, 1.6)), 0.1, 0.3, "edema")
    if age == 0:
        return (edema, Zone("hyperacute blood", -1, 1.0, 0.04, 1.0, kind))
    if age == 1:
        return (edema, Zone("acute blood", -1, 1.0, 0.04, 1.0, kind))
    if age == 2:
        zones = [edema, Zone("subacute blood", -1, 1.0, 0.05, 1.0, kind)]
        if rng.random() < 0.5:
            zones.append(Zone("acute blood", -1, float(rng.uniform(0.3, 0.7)), 0.1, 1.0, kind))
        return tuple(zones)
    return (
        Zone("hemosiderin", -1, 1.0, 0.06, 1.0, kind),
        Zone("chronic infarct", -1, float(rng.uniform(0.5, 0.85)), 0.08, 1.0, kind),
    )


def stage_of(lesion: Lesion) -> str:
    """Age of a hemorrhage, one of `STAGES`; empty of other kinds, whose names tell it."""
    if lesion.kind != "hemorrhage":
        return ""
    # a later zone lies within an earlier one: the rim is what is oldest
    return next((_STAGE_OF[z.tissue] for z in lesion.zones if z.tissue in _STAGE_OF), "")


def stages_of(lesions: Sequence[Lesion], kind: str) -> tuple[str, ...]:
    """Ages of the lesions of a kind, each once, where its name does not tell them."""
    ages = (stage_of(one) for one in lesions if one.kind == kind)
    return tuple(dict.fromkeys(age for age in ages if age))


def center_of(lesion: Lesion, anatomy: Anatomy) -> Triple | None:
    """Where it lies: crop voxel (k, j, i) of the anatomy, None if there is no such tissue."""
    places: Tensor = getattr(anatomy, lesion.where)
    if len(places) == 0:
        return None
    k, j, i = places[min(int(lesion.place * len(places)), len(places) - 1)].tolist()
    return float(k), float(j), float(i)


def add_lesion(
    mixture: Mixture,
    kinds: Tensor,
    lesion: Lesion,
    distance: list[Tensor],
    field: Tensor,
    part: Part,
) -> None:
    """Put a lesion into a mixture.

    Parameters
    ----------
    mixture : Mixture
        What it replaces: brain tissue alone, little of the gray matter where a zone says so.
    kinds : Tensor
        uint8 [k, j, i], map of lesions to mark.
    lesion : Lesion
        Drawn.
    distance : list of Tensor
        mm from its center along (k, j, i), in the part of the grid.
    field : Tensor
        Random field of standard deviation 1, in the part.
    part : tuple of slice
        Of the grid.
    """
    scaled = [d / r for d, r in zip(distance, lesion.radii_mm, strict=True)]
    radius = torch.sqrt(sum(s * s for s in scaled)) + lesion.ragged * field  # type: ignore[arg-type]
    gray = mixture.is_any("gray matter", "caudate", "putamen", "thalamus", "hippocampus", part=part)
    white = mixture.is_any("white matter", "brainstem", "pallidum", part=part)
    # what fills the ventricles and sulci stays, but in the middle of what grows or bleeds
    fluid = mixture.is_any("csf", "choroid plexus", "venous blood", part=part)
    for zone in lesion.zones:
        share = below(radius, zone.end, max(zone.edge, 0.02) / 2)
        allowed = white.float() + zone.gray * gray.float()
        if zone.gray >= 1.0 and lesion.kind in ("enhancing tumor", "hemorrhage"):
            allowed += below(radius, 0.8, 0.05) * fluid.float()
        share = share * allowed * lesion.strength
        mixture.replace(share, zone.tissue, part)
        kinds[part].masked_fill_(share > 0.5, KINDS[zone.marks])
