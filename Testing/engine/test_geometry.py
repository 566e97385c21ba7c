"""A result lies on its input's exact grid, whatever that grid is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from SynthCore.axes import toward_lps
from SynthCore.engine.grid import network_grid, resample
from SynthCore.engine.synthesize import synthesize
from SynthCore.image import Image, corner_points, make_affine
from SynthCore.request import Options

GEOMETRIES = int(os.environ.get("SLICERSYNTH_GEOMETRIES", "200"))


@st.composite
def geometries(draw: st.DrawFn) -> tuple[tuple[int, int, int], np.ndarray]:
    """Oblique, flipped and permuted axes, odd sizes, one slice, huge and tiny spacing."""
    in_plane = st.integers(8, 83)
    shape = [draw(st.one_of(st.just(1), st.integers(2, 9))), draw(in_plane), draw(in_plane)]
    shape = list(draw(st.permutations(shape)))
    size = st.floats(-3, 2).map(lambda power: 10.0**power)  # 1 micrometer to 10 cm
    spacing = (draw(size), draw(size), draw(size))
    angles = draw(st.tuples(*[st.floats(-180, 180)] * 3))
    direction = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    direction *= draw(st.sampled_from([1, -1]))  # left-handed grids are legal in NIfTI
    origin = draw(st.tuples(*[st.floats(-500, 500)] * 3))
    return (shape[0], shape[1], shape[2]), make_affine(spacing, origin, direction)


def noise(shape: tuple[int, int, int], seed: int = 0) -> np.ndarray:
    """Voxels in which every place is different."""
    return np.random.default_rng(seed).uniform(1, 1000, shape).astype(np.float32)


@pytest.fixture
def identity(an_identity_bundle: Callable[..., Path]) -> str:
    return str(an_identity_bundle())


@settings(
    max_examples=GEOMETRIES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(geometry=geometries())
def test_an_identity_model_returns_the_inputs_voxels_on_any_grid(
    identity: str, geometry: tuple[tuple[int, int, int], np.ndarray]
) -> None:
    shape, affine = geometry
    image = Image(noise(shape), affine, "T1")
    result = synthesize(
        "mr-to-ct", {"T1": image}, model=identity, options=Options(backend="torch")
    ).image
    span = float(np.ptp(image.voxels))
    assert result.shape == image.shape
    assert np.max(np.abs(result.voxels - image.voxels)) <= 1e-3 * span
    scale = np.maximum(1, np.abs(image.affine))
    assert np.max(np.abs(result.affine - image.affine) / scale) <= 1e-6


@pytest.mark.parametrize("backend", ["openvino", "torch"])
@pytest.mark.parametrize("tile", [16, 48, 256])
def test_tiles_leave_no_seam(
    an_identity_bundle: Callable[..., Path], backend: str, tile: int
) -> None:
    bundle = str(an_identity_bundle(tile=tile))
    image = Image(noise((4, 101, 67)), make_affine((0.9, 0.9, 3.0)), "T1")
    result = synthesize("mr-to-ct", {"T1": image}, model=bundle, options=Options(backend=backend))
    assert np.max(np.abs(result.image.voxels - image.voxels)) <= 1e-3 * np.ptp(image.voxels)


@given(geometry=geometries())
@settings(max_examples=GEOMETRIES, deadline=None, derandomize=True)
def test_reordering_axes_moves_no_voxel_and_goes_back_exactly(
    geometry: tuple[tuple[int, int, int], np.ndarray],
) -> None:
    shape, affine = geometry
    image = Image(noise(shape), affine)
    moved, order = toward_lps(image)
    assert np.array_equal(order.back(moved.voxels), image.voxels)
    k, j, i = np.unravel_index(np.argmax(image.voxels), shape)
    mk, mj, mi = np.unravel_index(np.argmax(moved.voxels), moved.shape)
    before = image.affine @ (i, j, k, 1)
    after = moved.affine @ (mi, mj, mk, 1)
    assert np.allclose(before, after, atol=1e-6 * max(1.0, np.abs(before).max()))


def test_a_smooth_image_survives_another_spacing_and_back() -> None:
    """Resampling is not exact; for content the coarser grid can hold it is close."""
    k, j, i = np.meshgrid(*[np.arange(n) for n in (6, 97, 120)], indexing="ij")
    voxels = (500 + 300 * np.sin(j / 15) * np.cos(i / 18) + 5 * k).astype(np.float32)
    image = Image(voxels, make_affine((0.8, 0.8, 3.0)))
    grid = network_grid(image, (1.0, 1.0, None))
    assert grid is not None
    there = resample(image.voxels, image.affine, *grid)
    back = resample(there, grid[1], image.shape, image.affine)
    assert np.max(np.abs(back - voxels)[:, 2:-2, 2:-2]) < 0.02 * np.ptp(voxels)


def test_the_networks_grid_covers_the_same_field_with_the_same_center() -> None:
    direction = Rotation.from_euler("z", 30, degrees=True).as_matrix()
    image = Image(noise((5, 60, 80)), make_affine((0.5, 0.5, 4.0), (10, -5, 3), direction))
    shape, affine = network_grid(image, (1.0, 1.0, None)) or pytest.fail("no new grid")
    assert shape == (5, 30, 40)
    old = corner_points(image.shape, image.affine).mean(axis=0)
    new = corner_points(shape, affine).mean(axis=0)
    assert np.allclose(old, new, atol=1e-9)


def test_a_spacing_within_ten_percent_is_left_alone() -> None:
    image = Image(noise((5, 60, 80)), make_affine((0.95, 1.05, 4.0)))
    assert network_grid(image, (1.0, 1.0, None)) is None
