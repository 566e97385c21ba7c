"""Skin, fat, muscle, glands and mucosa out of one label "soft tissue".

Where each lies follows from depth under the skin, distance from bone and from air, and the eyes;
thicknesses and boundaries are random fields, wider than people differ, so that a network cannot
learn one layout. Thickness of the scalp (3 to 9 mm, of which 2 mm are skin): Hori et al., Okajimas
Folia Anat Jpn 1972;49:229; subcutaneous fat of face and neck differs by more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from SynthCore.physics.generator.mixture import Mixture, below


@dataclass(frozen=True)
class Layers:
    """A drawn layout; thicknesses in mm, shares 0 to 1.

    Attributes
    ----------
    skin_mm, fat_mm, galea_mm : float
        Skin; how deep fat reaches under the surface; tendon and muscle on the skull.
    fat_varies : float
        Standard deviation of the logarithm of the fat's depth from place to place.
    lower_fat_mm : float
        How much deeper fat reaches in face and neck.
    planes : float
        Half width of fat planes between muscles, in standard deviations of their field.
    pads : float
        Level of the field above which deep tissue is fat; large for none.
    glands : float
        As `pads`, for glands.
    mucosa : float
        Share of air nearby from which on tissue is mucosa.
    nasal_air : float
        Share of the nasal cavity that is air.
    opaque : float
        Level of the field above which sinuses are filled; large for none.
    """

    skin_mm: float
    fat_mm: float
    galea_mm: float
    fat_varies: float
    lower_fat_mm: float
    planes: float
    pads: float
    glands: float
    mucosa: float
    nasal_air: float
    opaque: float


def draw_layers(rng: np.random.Generator) -> Layers:
    """Thin to thick scalps, lean to fat faces, one person in six with filled sinuses."""
    return Layers(
        skin_mm=float(rng.uniform(1.0, 2.6)),
        fat_mm=float(np.exp(rng.uniform(np.log(2.5), np.log(9.0)))),
        galea_mm=float(rng.uniform(0.3, 1.8)),
        fat_varies=float(rng.uniform(0.1, 0.5)),
        lower_fat_mm=float(rng.uniform(0.0, 10.0)),
        planes=float(rng.uniform(0.05, 0.35)),
        pads=float(rng.uniform(0.7, 2.2)),
        glands=float(rng.uniform(1.2, 2.2)),
        mucosa=float(rng.uniform(0.06, 0.2)),
        nasal_air=float(rng.uniform(0.3, 0.75)),
        opaque=float(rng.uniform(0.3, 1.2)) if rng.random() < 0.17 else 9.0,
    )


@dataclass(frozen=True)
class Place:
    """What `add_soft` and others know of every voxel; tensors [k, j, i].

    Attributes
    ----------
    depth, outer, inner : Tensor
        mm under the skin; under the surface of bone and what it encloses; from the cavity.
    air : Tensor
        Share of air nearby.
    points : list of Tensor
        mm along (k, j, i) of the label map.
    wide, middle, fine : list of Tensor
        Random fields of standard deviation 1 and a grain of about 40, 6 and 3 mm.
    above : Tensor
        mm above the level from which on the skull is a shell.
    """

    depth: Tensor
    outer: Tensor
    inner: Tensor
    air: Tensor
    points: list[Tensor]
    wide: list[Tensor]
    middle: list[Tensor]
    fine: list[Tensor]
    above: Tensor


def add_soft(
    mixture: Mixture,
    share: Tensor,
    place: Place,
    layers: Layers,
    eyes: tuple[tuple[float, float, float], ...],
) -> None:
    """Divide `share` of soft tissue among its tissues.

    Parameters
    ----------
    mixture : Mixture
        What is added to.
    share : Tensor
        [k, j, i], 0 to 1.
    place : Place
        Of every voxel.
    layers : Layers
        Drawn.
    eyes : tuple
        Centers of the eyeballs, mm.
    """
    gap = -place.outer
    left = share
    skin = left * below(place.depth, layers.skin_mm * torch.exp(0.15 * place.wide[0]), 0.35)
    left = left - skin
    mixture.add(skin, "skin")
    lining = left * torch.sigmoid((place.air - layers.mucosa) * 30.0)
    lining = lining * torch.sigmoid(place.depth - 4.0)
    left = left - lining
    mixture.add(lining, "mucosa")
    galea = left * below(gap, layers.galea_mm * torch.exp(0.3 * place.wide[1]), 0.3)
    left = left - galea
    mixture.add(galea, "fibrous")
    lower = torch.sigmoid(-place.above * 0.1)
    reach = (layers.fat_mm + layers.lower_fat_mm * lower) * torch.exp(
        layers.fat_varies * place.wide[2]
    )
    fat = below(place.depth, reach, 0.6)
    plane = below((place.middle[0] + 0.5 * place.wide[3]).abs(), layers.planes, 0.08)
    pad = torch.sigmoid((place.wide[4] + 0.6 * place.middle[1] - layers.pads) * 8.0)
    fat = torch.maximum(torch.maximum(fat, plane), pad)
    for eye in eyes:
        fat = torch.maximum(fat, _orbit(place.points, eye))
    # fat holds thin septa and vessels, muscle a little fat
    fat = (fat * (1 - 0.15 * torch.sigmoid((place.fine[0] - 1.2) * 4.0))).clamp(max=1.0)
    fat_share = left * fat
    left = left - fat_share
    mixture.add(fat_share, "fat")
    gland = left * torch.sigmoid((place.middle[2] + 0.5 * place.wide[5] - layers.glands) * 6.0)
    gland = gland * torch.sigmoid(-place.above * 0.3)
    mixture.add(gland, "gland")
    mixture.add(left - gland, "muscle")


def _orbit(points: list[Tensor], eye: tuple[float, float, float]) -> Tensor:
    """A cone behind and around an eyeball, 34 mm deep and 19 mm wide at the front."""
    behind = points[1] - eye[1]
    radius = torch.sqrt((points[0] - eye[0]) ** 2 + (points[2] - eye[2]) ** 2)
    wide = below(radius, 19.0 - 0.4 * behind.clamp(min=0), 0.8)
    return wide * below(behind, 34.0, 1.0) * torch.sigmoid((behind + 8.0) * 1.2)


def add_nasal(mixture: Mixture, share: Tensor, place: Place, layers: Layers) -> None:
    """Divide `share` of nasal cavity among air, mucosa and thin bone."""
    field = place.middle[3] + 0.25 * place.fine[1]
    level = 1.03 * _normal_quantile(1 - layers.nasal_air)
    air = share * torch.sigmoid((field - level) * 5.0)
    bone = (share - air) * below((field - level + 0.6).abs(), 0.12, 0.05)
    mixture.add(air, "air")
    mixture.add(bone, "compact bone")
    mixture.add(share - air - bone, "mucosa")


def _normal_quantile(share: float) -> float:
    return float(torch.special.ndtri(torch.tensor(share)))


def add_air(mixture: Mixture, share: Tensor, place: Place, layers: Layers) -> None:
    """Air; inside of the head mucosa or fluid where sinuses are filled."""
    filled = torch.sigmoid((place.wide[4] - layers.opaque) * 6.0) * torch.sigmoid(
        (place.depth - 8.0) * 0.8
    )
    filled = filled * torch.sigmoid((place.air - 0.25) * 20.0) * share
    mixture.add(share - filled, "air")
    mixture.add(filled, "mucosa")
