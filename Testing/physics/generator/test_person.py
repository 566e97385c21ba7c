"""A drawn person: replayed, written and read, made in any window, on a made label map."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from SynthCore.errors import InputError
from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.physics.generator.deformation import displacement, draw_deformation
from SynthCore.physics.generator.lesions import KINDS, Lesion, center_of, draw_lesion
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.person import Person, apply_person, draw_person
from SynthCore.physics.generator.tissue_values import INDEX, TABLE
from SynthCore.physics.generator.window import AXES, Window
from Testing.physics.generator.head_map import small_head

MIDDLE = (47.0, 47.0, 47.0)


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    return read_anatomy(torch.from_numpy(small_head()))


def still(seed: int = 0, lesions: tuple[Lesion, ...] = ()) -> Person:
    """A person who is not deformed, with mean tissues, no texture and no vessels."""
    drawn = draw_person(np.random.default_rng(seed), field_t=3.0, spread=0.0, strength=0.0)
    texture = dataclasses.replace(drawn.texture, strength=0.0, vessels=9.0)
    skull = dataclasses.replace(
        drawn.skull, thicker_mm=0.0, outer_varies=0.0, inner_varies=0.0, pneumatized=9.0
    )
    return dataclasses.replace(drawn, lesions=lesions, texture=texture, skull=skull)


def tensors(maps: TissueMaps) -> dict[str, torch.Tensor]:
    return {k: v for k, v in vars(maps).items() if isinstance(v, torch.Tensor)}


def test_a_person_goes_to_json_and_back_and_makes_the_same_voxels(anatomy: Anatomy) -> None:
    drawn = draw_person(np.random.default_rng(5), healthy=0.0)
    again = Person.from_json(drawn.to_json())
    assert again == drawn
    window = Window(MIDDLE, (5, 64, 64), (1.0, 1.0, 1.0))
    first, second = apply_person(drawn, anatomy, window), apply_person(again, anatomy, window)
    for name, value in tensors(first).items():
        assert torch.equal(value, tensors(second)[name]), name


def test_another_text_is_no_person() -> None:
    with pytest.raises(InputError, match="Person"):
        Person.from_json("[1, 2]")


def test_every_map_is_a_finite_property_on_the_window(anatomy: Anatomy) -> None:
    window = Window(MIDDLE, (6, 70, 60), (2.0, 1.2, 0.9), "sagittal")
    for seed in range(4):
        maps = apply_person(draw_person(np.random.default_rng(seed)), anatomy, window)
        assert maps.spacing == window.spacing
        for name, value in tensors(maps).items():
            assert value.shape == window.shape, name
            assert torch.isfinite(value.float()).all(), name
        assert (maps.t2_star <= maps.t2 * 1.001).all()
        assert (maps.t2 <= maps.t1 * 1.6).all()
        assert maps.density.min() >= 0
        assert maps.agent.min() >= 0
        assert maps.brain.any()


@pytest.mark.parametrize("seed", range(6))
def test_the_deformation_never_folds(seed: int) -> None:
    drawn = draw_deformation(np.random.default_rng(seed), strength=1.5)
    extent = (240.0, 220.0, 180.0)
    field = displacement(drawn, extent)[0].numpy()
    step = [mm / (n - 1) for mm, n in zip(extent, field.shape[1:], strict=True)]
    gradient = np.stack([np.stack(np.gradient(part, *step)) for part in field])
    jacobian = np.linalg.det(np.moveaxis(gradient, (0, 1), (-2, -1)) + np.eye(3))
    assert np.abs(field).max() > 1.0
    assert jacobian.min() > 0.2


def test_windows_of_one_person_show_the_same_anatomy(anatomy: Anatomy) -> None:
    drawn = draw_person(np.random.default_rng(3))
    axial = Window(MIDDLE, (41, 41, 41), (1.0, 1.0, 1.0))
    whole = apply_person(drawn, anatomy, axial)
    for orientation in AXES:
        window = Window(MIDDLE, (41, 41, 41), (1.0, 1.0, 1.0), orientation)
        other = window.to_label_axes(apply_person(drawn, anatomy, window).hu)
        assert (other - whole.hu).abs().median() < 2.0
        smaller = Window(MIDDLE, (21, 21, 21), (1.0, 1.0, 1.0), orientation)
        inner = smaller.to_label_axes(apply_person(drawn, anatomy, smaller).t1)
        difference = (inner - whole.t1[10:31, 10:31, 10:31]).abs()
        assert difference.median() < 30.0


def test_a_voxel_between_two_tissues_holds_both(anatomy: Anatomy) -> None:
    maps = apply_person(still(), anatomy, Window(MIDDLE, (3, 3, 240), (1.0, 1.0, 0.125)))
    csf, white = TABLE["csf"].hu, TABLE["white matter"].hu
    line = maps.hu[1, 1]
    # both walls of the ventricle are a voxel of the label map wide: eight steps each
    assert 8 <= int(((line > csf + 4) & (line < white - 4)).sum()) <= 16


def test_ct_numbers_lie_where_textbooks_put_them(anatomy: Anatomy) -> None:
    ranges = {"white matter": (20, 40), "gray matter": (30, 50), "csf": (-5, 20),
              "fat": (-130, -60), "muscle": (30, 75), "compact bone": (900, 1900),
              "air": (-1001, -950)}  # fmt: skip
    found: dict[str, list[float]] = {name: [] for name in ranges}
    for seed in range(8):
        person = draw_person(np.random.default_rng(seed), healthy=1.0)
        maps = apply_person(person, anatomy, Window(MIDDLE, (5, 90, 90), (1.0, 1.0, 1.0)))
        for name in ranges:
            other = (maps.tissue != INDEX[name]).float()[None]
            inside = torch.nn.functional.max_pool3d(other, 3, stride=1, padding=1)[0] == 0
            if inside.sum() > 10:
                found[name].append(float(maps.hu[inside].median()))
    for name, (low, high) in ranges.items():
        assert len(found[name]) >= 2, name
        assert low <= float(np.median(found[name])) <= high, name


def test_the_skull_is_closed_however_thin(anatomy: Anatomy) -> None:
    for seed in range(10):
        drawn = draw_person(np.random.default_rng(seed), healthy=1.0)
        maps = apply_person(drawn, anatomy, Window((60.0, 47.0, 47.0), (9, 90, 90), (1.0,) * 3))
        brain = maps.brain
        for line, within in ((maps.hu[4, 45], brain[4, 45]), (maps.hu[4, :, 45], brain[4, :, 45])):
            inside = torch.nonzero(within)
            assert line[: int(inside[0])].max() > 300
            assert line[int(inside[-1]) :].max() > 300


def test_thick_skulls_are_thicker(anatomy: Anatomy) -> None:
    window = Window((60.0, 47.0, 47.0), (5, 90, 90), (1.0, 1.0, 1.0))
    counts = []
    for change in (-1.0, 0.0, 1.5):
        person = still()
        person = dataclasses.replace(
            person, skull=dataclasses.replace(person.skull, thicker_mm=change)
        )
        counts.append(int((apply_person(person, anatomy, window).hu > 250).sum()))
    assert counts[0] < counts[1] < counts[2]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "edema"])
def test_lesions_change_every_property_in_their_direction(anatomy: Anatomy, kind: str) -> None:
    lesion = draw_lesion(np.random.default_rng(2), kind)
    radii = (6.0, 6.0, 6.0)
    lesion = dataclasses.replace(lesion, radii_mm=radii, ragged=0.0, place=0.4, where="white")
    at = center_of(lesion, anatomy)
    assert at is not None
    place = tuple(a + o for a, o in zip(at, anatomy.origin, strict=True))
    window = Window((place[0], place[1], place[2]), (5, 25, 25), (1.0, 1.0, 1.0))
    without = apply_person(still(), anatomy, window)
    maps = apply_person(still(lesions=(lesion,)), anatomy, window)
    inside = (maps.lesion == KINDS[kind]) & (without.tissue == INDEX["white matter"])
    assert inside.sum() > 20

    def change(name: str) -> float:
        return float((getattr(maps, name) - getattr(without, name))[inside].mean())

    if kind == "hemorrhage":
        assert abs(change("hu")) > 3
        return
    assert change("t1") > 100
    assert change("t2") > 15
    assert change("density") > 0.05
    if kind == "enhancing tumor":
        assert maps.agent[inside].max() > 0.2
    if kind in ("acute infarct", "chronic infarct"):
        assert change("hu") < -3


def test_agent_arrives_in_vessels_and_mucosa_but_not_in_brain(anatomy: Anatomy) -> None:
    maps = apply_person(still(), anatomy, Window(MIDDLE, (61, 90, 90), (1.0, 1.0, 1.0)))
    vein = maps.tissue == INDEX["venous blood"]
    assert vein.any()
    assert maps.agent[vein].mean() > 0.3
    assert maps.flow[vein].mean() > 0.4
    assert maps.agent[maps.tissue == INDEX["white matter"]].mean() < 0.02


def test_a_label_map_without_a_body_is_refused() -> None:
    with pytest.raises(InputError, match="no body"):
        read_anatomy(torch.zeros((20, 20, 20), dtype=torch.int16))
    with pytest.raises(InputError, match="single slice"):
        read_anatomy(torch.from_numpy(small_head()[:, :, 40:41]))
