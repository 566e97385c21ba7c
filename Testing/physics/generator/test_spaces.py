"""Wide fluid spaces take the place of brain, where they are drawn and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.person import Person, apply_person, draw_person
from SynthCore.physics.generator.spaces import Spaces, draw_spaces
from SynthCore.physics.generator.tissue_values import INDEX
from SynthCore.physics.generator.window import Window
from Testing.physics.generator.head_map import small_head

BRAIN_MM = 23.0
"""Radius of the brain in the label map; the cavity of the skull is 2 mm wider."""

WHOLE = Window((47.0, 47.0, 47.0), (93, 93, 93), (1.0, 1.0, 1.0))


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    return replace(read_anatomy(torch.from_numpy(small_head())), vault=47.0 - 8.0)


@pytest.fixture(scope="module")
def person() -> Person:
    drawn = draw_person(np.random.default_rng(2), healthy=1.0, strength=0.0)
    texture = replace(drawn.texture, strength=0.0, vessels=9.0)
    still = replace(drawn.deformation, scale=(1.0,) * 3, degrees=(0.0,) * 3, shear=(0.0,) * 3,
                    shift_mm=(0.0,) * 3)  # fmt: skip
    return replace(drawn, texture=texture, deformation=still)


def made(person: Person, anatomy: Anatomy, spaces: Spaces) -> TissueMaps:
    return apply_person(replace(person, spaces=spaces), anatomy, WHOLE)


def radius() -> torch.Tensor:
    axis = torch.arange(93) - 46.5 + 0.5
    k, j, i = torch.meshgrid(axis, axis, axis, indexing="ij")
    return torch.sqrt(k**2 + j**2 + i**2)


def fluid(maps: TissueMaps) -> torch.Tensor:
    return maps.tissue == INDEX["csf"]


def test_no_wide_space_is_drawn_where_none_is_wanted_and_nothing_else_changes() -> None:
    rng, other = np.random.default_rng(4), np.random.default_rng(4)
    assert draw_spaces(rng, 0.0) == Spaces()
    assert rng.random() == other.random()
    with_none, with_all = (
        draw_person(np.random.default_rng(4), wide_spaces=share) for share in (0.0, 1.0)
    )
    assert with_all.spaces != Spaces() and with_none == replace(with_all, spaces=Spaces())


def test_the_share_of_people_with_wide_spaces_is_as_asked() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw_spaces(rng, 0.3) for _ in range(2000)]
    wide = sum(any((s.rim_mm, s.low_mm, s.fissure_mm, s.cyst_mm)) for s in drawn)
    assert 520 < wide < 680
    assert wide == sum(s != Spaces() for s in drawn)
    assert Person.from_json(draw_person(rng, wide_spaces=1.0).to_json()).spaces != Spaces()


def test_a_rim_of_fluid_is_as_wide_as_drawn_and_leaves_skull_and_depth_alone(
    person: Person, anatomy: Anatomy
) -> None:
    before = made(person, anatomy, Spaces())
    after = made(person, anatomy, Spaces(rim_mm=9.0))
    away = radius()
    # 9 mm from the cavity's wall at 25 mm: brain from 16 mm inward
    shell = (away > 17) & (away < BRAIN_MM - 1)
    assert fluid(before)[shell].float().mean() < 0.02
    assert fluid(after)[shell].float().mean() > 0.95
    for name in ("hu", "t1", "density"):
        one, two = getattr(before, name), getattr(after, name)
        for kept in (away < 11, away > 29):
            assert torch.allclose(one[kept], two[kept], rtol=0.02, atol=0.5), name
    assert torch.equal(before.hu > 300, after.hu > 300)


def test_low_spaces_widen_below_the_orbits_alone(person: Person, anatomy: Anatomy) -> None:
    more = fluid(made(person, anatomy, Spaces(low_mm=8.0))) & ~fluid(
        made(person, anatomy, Spaces())
    )
    by_slice = more.sum(dim=(1, 2))
    assert by_slice[:20].sum() == 0  # no brain there
    assert by_slice[25:33].min() > 100
    assert by_slice[60:].sum() == 0


def test_fissures_fill_their_share_of_the_folded_depth(person: Person, anatomy: Anatomy) -> None:
    spaces = Spaces(fissure_mm=2.0, apart_mm=6.0, deep_mm=8.0)
    more = fluid(made(person, anatomy, spaces)) & ~fluid(made(person, anatomy, Spaces()))
    away = radius()
    folded = (away < BRAIN_MM - 1) & (away > 20)
    # about a third; the field that folds them is not equally steep everywhere
    assert 0.15 < more[folded].float().mean() < 0.55
    assert more[(away < 13) & (away > 6)].float().mean() < 0.02
    low = fluid(made(person, anatomy, replace(spaces, low_only=True)))
    low &= ~fluid(made(person, anatomy, Spaces()))
    assert low[60:].sum() == 0 and low[25:33].sum() > 0.5 * more[25:33].sum()


def test_a_cyst_lies_where_and_is_as_large_as_drawn(person: Person, anatomy: Anatomy) -> None:
    spaces = Spaces(cyst_mm=6.0, cyst_at=(0.0, 0.0, 13.0))
    more = fluid(made(person, anatomy, spaces)) & ~fluid(made(person, anatomy, Spaces()))
    at = torch.nonzero(more).double().mean(dim=0)
    assert torch.allclose(at, torch.tensor([46.0, 46.0, 59.0], dtype=torch.float64), atol=2.0)
    assert 0.5 < float(more.sum()) / (4 / 3 * np.pi * 6**3) < 1.6
