"""The brightest of a synthetic image: brought to where it should be, everything darker left."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.models.brightest import Brightest, stretch

WANTED = Brightest(99.5, 1000.0, 98.0)


def dull_image(top: float) -> np.ndarray:
    """A body whose gray values run evenly to `top`, in a background of 0."""
    voxels = np.zeros((4, 40, 40), dtype=np.float32)
    voxels[:, 5:35, 5:35] = np.linspace(1, top, 4 * 900, dtype=np.float32).reshape(4, 30, 30)
    return voxels


def test_the_percentile_lies_where_it_should_and_order_is_kept() -> None:
    voxels = dull_image(600.0)
    body = voxels > 0
    made = stretch(voxels, body, WANTED)
    assert np.percentile(made[body], 99.5) == pytest.approx(1000.0, rel=2e-3)
    dark = voxels <= np.percentile(voxels[body], 98.0)
    assert np.array_equal(made[dark], voxels[dark])
    assert np.all(np.diff(made[body]) > 0)


def test_no_single_voxel_is_thrown_far_out() -> None:
    voxels = dull_image(600.0)
    voxels[0, 10, 10] = 900.0
    made = stretch(voxels, voxels > 0, WANTED)
    top = np.percentile(voxels[voxels > 0], 99.5)
    assert made[0, 10, 10] == pytest.approx(1000.0 + 900.0 - top, rel=1e-4)


def test_an_image_that_is_bright_enough_is_left_alone() -> None:
    voxels = dull_image(1400.0)
    assert np.array_equal(stretch(voxels, voxels > 0, WANTED), voxels)


@pytest.mark.parametrize("level", [0.0, 300.0])
def test_a_flat_or_empty_image_is_left_alone(level: float) -> None:
    voxels = np.full((2, 8, 8), level, dtype=np.float32)
    for body in (np.ones_like(voxels, dtype=bool), np.zeros_like(voxels, dtype=bool)):
        assert np.array_equal(stretch(voxels, body, WANTED), voxels)
