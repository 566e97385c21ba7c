"""Shapes, fields, grids and displacement, held to what they must be."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.image import make_affine
from SynthCore.lesions import grids
from SynthCore.lesions.displacement import LEAST_JACOBIAN, make_displacement
from SynthCore.lesions.fields import Field, octaves
from SynthCore.lesions.grids import Grid, averaged, box_around, broad
from SynthCore.lesions.scene import Scene
from SynthCore.lesions.shapes import Shape

BOX = box_around(np.array([[3.0, 4.0, 5.0]], dtype=np.float32), 20.0, 1.1)
AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def test_a_field_is_the_same_on_a_box_and_at_points() -> None:
    field = Field(4, 3.3)
    assert np.abs(field.on(BOX) - field.at(BOX.points())).max() < 1e-4
    assert octaves(5, 3.0, BOX).std() == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("wedge", [False, True])
def test_a_gauge_grows_along_every_ray_so_that_larger_holds_smaller(wedge: bool) -> None:
    shape = Shape((0.0, 0.0, 0.0), AXES, (1.2, 1.0, 1 / 1.2), 10.0, 0.17, 3, wedge=wedge)
    box = box_around(np.zeros((1, 3), dtype=np.float32), 30.0, 0.75)
    gauge = shape.gauge(box)
    rng = np.random.default_rng(0)
    rays = rng.standard_normal((400, 3))
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    lengths = np.linspace(2, 25, 24)
    points = (rays[:, None] * lengths[None, :, None]).astype(np.float32)
    along = grids.sample(gauge, box, points)
    assert np.mean(np.diff(along, axis=1) > 0) > 0.97


def test_means_over_voxels_are_the_same_with_and_without_the_fast_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    field = octaves(2, 4.0, BOX)
    affine = np.array(
        [[0, -1.7, 0, 12], [1.3, 0, 0, -8], [0, 0, 4.0, -10], [0, 0, 0, 1]], dtype=float
    )
    grid = Grid((11, 12, 13), affine)
    block = (slice(1, 10), slice(0, 12), slice(2, 13))
    fast = averaged([field], BOX, grid, block)[0]
    monkeypatch.setattr(grids, "_straight", lambda grid: None)
    slow = averaged([field], BOX, grid, block)[0]
    assert fast.std() > 0.1
    assert np.abs(fast - slow).max() < 1e-5


def test_a_wide_gaussian_keeps_the_mean_and_a_slope() -> None:
    ramp = np.broadcast_to(np.arange(60, dtype=np.float32), (40, 50, 60))
    smooth = broad(ramp, 12.0, (1.0, 1.0, 1.0))
    assert smooth[20, 25, 30] == pytest.approx(30.0, abs=0.6)
    assert np.diff(smooth[20, 25, 20:40]).mean() == pytest.approx(1.0, abs=0.1)


def ball_scene() -> Scene:
    grid = Grid((61, 61, 61), make_affine((2.0, 2.0, 2.0), (-60.0, -60.0, -60.0)))
    away = np.linalg.norm(grid.points(), axis=-1)
    none = np.zeros(away.shape, dtype=np.float32)
    return Scene(grid, away < 55, (away < 55).astype(np.float32), none, none)


def test_mass_effect_never_folds_ends_at_its_reach_and_leaves_the_outline() -> None:
    scene = ball_scene()
    shape = Shape((15.0, 0.0, 0.0), AXES, (1.0, 1.0, 1.0), 15.0, 0.1, 1)
    made, least = make_displacement(scene, shape, 15.0, 0.3)
    assert made.size_mm > 2.0
    assert least >= LEAST_JACOBIAN
    directions = np.eye(3, dtype=np.float32)
    inside = np.array([15.0, 0, 0], dtype=np.float32) + 16 * directions[1]
    shift = made.at(inside[None])
    assert shift[0, 1] > 1.0  # tissue moved outward: it was nearer to the center
    beyond = np.array([[15.0, made.reach_mm + 1, 0]], dtype=np.float32)
    assert not made.at(beyond).any()
    outside = np.array([[57.0, 0, 0], [0, -58.0, 0]], dtype=np.float32)
    assert not made.at(outside).any()


def test_too_strong_a_mass_effect_is_made_smaller_rather_than_folded() -> None:
    shape = Shape((40.0, 0.0, 0.0), AXES, (1.0, 1.0, 1.0), 18.0, 0.1, 1)
    made, least = make_displacement(ball_scene(), shape, 18.0, 0.9)
    assert least >= LEAST_JACOBIAN
    assert made.size_mm < 0.7 * 18
