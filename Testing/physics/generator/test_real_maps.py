"""A person from a real label map: tissues, CT numbers and the skull lie where they should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from SynthCore.axes import toward_lps
from SynthCore.files.read import read
from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.physics.generator.person import apply_person, draw_person
from SynthCore.physics.generator.tissue_values import INDEX
from SynthCore.physics.generator.window import Window

pytestmark = pytest.mark.data

MAP = "label_maps/synthseg/training_seg_05.nii.gz"


@pytest.fixture(scope="module")
def anatomy(real_data: Path) -> Anatomy:
    image, _ = toward_lps(read(real_data / MAP))
    # every other voxel: enough for what is asked here, and eight times as fast
    labels = np.ascontiguousarray(image.voxels[::2, ::2, ::2]).astype(np.int16)
    return read_anatomy(torch.from_numpy(labels), (2.0, 2.0, 2.0))


def middle(anatomy: Anatomy, above_mm: float) -> tuple[float, float, float]:
    k, j, i = (c + o for c, o in zip(anatomy.center, anatomy.origin, strict=True))
    return k + above_mm / 2, j, i


def test_landmarks_lie_where_heads_have_them(anatomy: Anatomy) -> None:
    assert len(anatomy.eyes) == len(anatomy.ears) == 2
    for eye, ear in zip(anatomy.eyes, anatomy.ears, strict=True):
        assert eye[1] < ear[1]  # eyes lie before the ears
    left, right = sorted(eye[2] for eye in anatomy.eyes)
    assert 45 < (right - left) * 2 < 85  # mm between the pupils of adults
    assert anatomy.vault > max(eye[0] for eye in anatomy.eyes)


def test_the_vault_is_closed_around_the_brain(anatomy: Anatomy) -> None:
    for seed in range(3):
        person = draw_person(np.random.default_rng(seed), healthy=1.0)
        window = Window(middle(anatomy, 45.0), (3, 200, 180), (1.0, 1.0, 1.0))
        maps = apply_person(person, anatomy, window)
        hu, brain = maps.hu[1], maps.brain[1]
        rows = torch.nonzero(brain.sum(dim=1) > 20)[:, 0]
        for row in rows[:: max(1, len(rows) // 12)].tolist():
            inside = torch.nonzero(brain[row])[:, 0]
            assert hu[row, : int(inside[0])].max() > 250
            assert hu[row, int(inside[-1]) :].max() > 250


def test_scalp_fat_lies_under_the_skin_and_orbits_hold_fat(anatomy: Anatomy) -> None:
    person = draw_person(np.random.default_rng(4), healthy=1.0, strength=0.0)
    eye = anatomy.eyes[0]
    at = tuple(c + o for c, o in zip(eye, anatomy.origin, strict=True))
    window = Window((at[0], at[1] + 8, at[2]), (5, 40, 40), (1.0, 1.0, 1.0))
    orbit = apply_person(person, anatomy, window)
    assert float((orbit.tissue == INDEX["fat"]).float().mean()) > 0.15
    window = Window(middle(anatomy, 40.0), (3, 220, 200), (1.0, 1.0, 1.0))
    vault = apply_person(person, anatomy, window)
    for name in ("skin", "fat", "compact bone", "gray matter", "white matter", "csf"):
        assert (vault.tissue == INDEX[name]).sum() > 100, name
    skin = vault.tissue == INDEX["skin"]
    beside = torch.nn.functional.max_pool3d((~vault.body).float()[None], 7, 1, 3)[0] > 0
    assert float(beside[skin].float().mean()) > 0.8


def test_air_lies_in_sinuses_and_outside(anatomy: Anatomy) -> None:
    person = draw_person(np.random.default_rng(1), healthy=1.0, strength=0.0)
    eye = anatomy.eyes[0]
    center = (eye[0] + anatomy.origin[0] - 8, *middle(anatomy, 0.0)[1:])
    maps = apply_person(person, anatomy, Window(center, (9, 220, 200), (2.0, 1.0, 1.0)))
    air = maps.hu < -700
    assert (air & maps.body).sum() > 500
    assert float(air[~maps.body].float().mean()) > 0.95
