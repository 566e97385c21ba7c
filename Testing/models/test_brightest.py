"""The brightest of a synthetic image: brought to where it should be, everything darker left."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.models.brightest import Brightest, stretch

WANTED = Brightest(99.5, 1000.0, 98.0, {"FLAIR": 3.0})
SPACING = (5.0, 1.0, 1.0)


def dull_image(top: float) -> np.ndarray:
    """A body whose gray values run evenly to `top`, in a background of 0."""
    voxels = np.zeros((4, 40, 40), dtype=np.float32)
    voxels[:, 5:35, 5:35] = np.linspace(1, top, 4 * 900, dtype=np.float32).reshape(4, 30, 30)
    return voxels


def test_the_percentile_lies_where_it_should_and_order_is_kept() -> None:
    voxels = dull_image(600.0)
    body = voxels > 0
    made = stretch(voxels, body, WANTED, SPACING, "T2")
    assert np.percentile(made[body], 99.5) == pytest.approx(1000.0, rel=2e-3)
    dark = voxels <= np.percentile(voxels[body], 98.0)
    assert np.array_equal(made[dark], voxels[dark])
    assert np.all(np.diff(made[body]) > 0)


def test_no_single_voxel_is_thrown_far_out() -> None:
    voxels = dull_image(600.0)
    voxels[0, 10, 10] = 900.0
    made = stretch(voxels, voxels > 0, WANTED, SPACING, "T2")
    top = np.percentile(voxels[voxels > 0], 99.5)
    assert made[0, 10, 10] == pytest.approx(1000.0 + 900.0 - top, rel=1e-4)


def test_an_image_that_is_bright_enough_is_left_alone() -> None:
    voxels = dull_image(1400.0)
    assert np.array_equal(stretch(voxels, voxels > 0, WANTED, SPACING, "T2"), voxels)


@pytest.mark.parametrize("level", [0.0, 300.0])
def test_a_flat_or_empty_image_is_left_alone(level: float) -> None:
    voxels = np.full((2, 8, 8), level, dtype=np.float32)
    for body in (np.ones_like(voxels, dtype=bool), np.zeros_like(voxels, dtype=bool)):
        assert np.array_equal(stretch(voxels, body, WANTED, SPACING, "T2"), voxels)


def test_deep_in_the_body_no_bright_spot_is_made_where_it_would_be_taken_for_a_lesion() -> None:
    """The brightest lies in the middle, what is to be stretched in the three outer pixels."""
    j, i = np.mgrid[:60, :60]
    away = np.hypot(j - 29.5, i - 29.5)
    body = np.repeat((away < 28)[np.newaxis], 4, axis=0)
    noise = np.random.default_rng(0).uniform(0, 20, body.shape)
    voxels = (body * (600 - 5 * away + noise)).astype(np.float32)
    outer = body & (away > 24.0)
    made = stretch(voxels, body, WANTED, SPACING, "FLAIR")
    assert np.array_equal(made[~outer], voxels[~outer])
    assert (made[body] >= 1000.0).mean() == pytest.approx(0.005, abs=0.0005)
    assert (made[body] > voxels[body]).mean() == pytest.approx(0.02, abs=0.001)
    everywhere = stretch(voxels, body, WANTED, SPACING, "T2")
    assert np.array_equal(everywhere[outer], voxels[outer])  # T2: in the middle


def test_a_body_without_enough_surface_is_left_alone() -> None:
    voxels = dull_image(600.0)
    thin = Brightest(99.5, 1000.0, 50.0, {"FLAIR": 0.5})
    assert np.array_equal(stretch(voxels, voxels > 0, thin, SPACING, "FLAIR"), voxels)
