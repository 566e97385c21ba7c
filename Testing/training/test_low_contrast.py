"""Faint rods in a liver: where they are laid, and what is looked at."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.image import Image, make_affine
from SynthCore.training.denoise.low_contrast import (
    CONTRAST_HU,
    DIAMETER_MM,
    HALF,
    NEIGHBORS,
    PITCH,
    find_places,
    liver,
    mean_of_neighbors,
    rods,
)

SPACING = (0.8, 0.76, 5.0)


@pytest.fixture(scope="module")
def belly() -> Image:
    """A liver of 115 HU on the patient's right, with a vessel, and a spleen on the left."""
    voxels = np.full((6, 256, 400), 40.0, np.float32)
    voxels[1:5, 30:200, 20:180] = 115.0
    voxels[1:5, 60:160, 240:340] = 115.0
    voxels[:, 100:104, 20:180] = 160.0
    return Image(voxels, make_affine(SPACING), "CT", "HU")


def test_the_liver_is_the_largest_organ_on_the_right(belly) -> None:
    found = liver(belly)
    assert not found[[0, 5]].any() and not found[:, :, 190:].any()
    assert found[2, 60, 100] and found[2, 180, 100]
    assert found.sum() > 0.9 * 4 * 160 * 160


def test_rods_lie_in_the_liver_with_a_margin_and_apart(belly) -> None:
    inside = liver(belly)
    places = find_places(inside)
    assert len(places) >= 12
    half = PITCH // 2
    for k, j, i in places:
        assert inside[k, j, i - half + 1 : i + half].all()
    columns = np.unique(places[:, 1:], axis=0)
    apart = np.abs(columns[:, None] - columns[None]).max(axis=2)
    assert apart[apart > 0].min() >= PITCH


def test_every_place_shows_one_rod_in_its_middle(belly) -> None:
    places = find_places(liver(belly))
    laid = rods(belly, places)
    j, i = (np.arange(-HALF, HALF + 1) * s for s in (SPACING[1], SPACING[0]))
    radius = np.hypot(j[:, None], i[None, :])
    for k, y, x in places:
        cut = laid[k, y - HALF : y + HALF + 1, x - HALF : x + HALF + 1]
        assert cut[HALF, HALF] == pytest.approx(CONTRAST_HU, abs=1e-3)
        assert np.abs(cut[radius < DIAMETER_MM / 2 - 2] - CONTRAST_HU).max() < 0.05
        assert np.abs(cut[radius > DIAMETER_MM / 2 + 2]).max() < 0.05
    assert laid[0].any(), "a rod goes through all slices"


def test_a_mean_over_slices_keeps_a_rod_and_thins_the_noise(belly) -> None:
    laid = rods(belly, find_places(liver(belly)))
    np.testing.assert_allclose(
        mean_of_neighbors(belly.with_voxels(laid)).voxels[3], laid[3], atol=1e-3
    )
    noise = np.random.default_rng(0).normal(0, 10, (20, 40, 40)).astype(np.float32)
    thinned = mean_of_neighbors(Image(noise, make_affine(SPACING), "CT", "HU")).voxels[8:12]
    assert thinned.std() == pytest.approx(10 / np.sqrt(NEIGHBORS), rel=0.1)
