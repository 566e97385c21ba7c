"""Regions that are hidden: their size, their place, and that they come again."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.training.inpaint.regions import put
from SynthCore.training.inpaint.shapes import DIAMETERS_MM, apply_shape, draw_shape, place


def diameter(region: np.ndarray, spacing: tuple[float, float, float]) -> float:
    return float((6 * region.sum() * np.prod(spacing) / np.pi) ** (1 / 3))


def test_regions_are_as_large_as_asked_for_and_in_one_piece() -> None:
    spacing = (2.0, 1.5, 1.5)
    found = []
    for seed in range(25):
        region = apply_shape(draw_shape(np.random.default_rng(seed)), spacing)
        assert ndimage.label(region)[1] == 1
        found.append(diameter(region, spacing))
    assert min(found) > 0.5 * DIAMETERS_MM[0] and max(found) < 1.3 * DIAMETERS_MM[1]
    assert max(found) > 2.5 * min(found)


def test_a_region_is_the_same_again_and_on_any_grid() -> None:
    shape = draw_shape(np.random.default_rng(4), (30.0, 31.0))
    fine, again = (apply_shape(shape, (1.0, 1.0, 1.0)) for _ in range(2))
    np.testing.assert_array_equal(fine, again)
    coarse = apply_shape(shape, (4.0, 2.0, 2.0))
    assert diameter(coarse, (4.0, 2.0, 2.0)) == pytest.approx(
        diameter(fine, (1.0, 1.0, 1.0)), rel=0.06
    )


def test_a_region_at_the_edge_is_cut_off() -> None:
    region = np.ones((3, 5, 7), dtype=bool)
    there = place(region, (0, 2, 9), (4, 6, 10))
    assert there.sum() == 2 * 5 * 4
    assert there[:2, :5, 6:].all()
    assert place(region, (20, 2, 2), (4, 6, 10)).sum() == 0


def test_a_region_is_put_into_healthy_tissue_alone() -> None:
    healthy = np.zeros((20, 40, 40), dtype=bool)
    healthy[4:16, 5:35, 5:20] = True
    region = apply_shape(draw_shape(np.random.default_rng(1), (10.0, 10.1)), (1.0, 1.0, 1.0))
    there = put(np.random.default_rng(2), region, healthy)
    assert not (there & ~healthy).any()
    assert there.sum() > 0.85 * region.sum()
    np.testing.assert_array_equal(there, put(np.random.default_rng(2), region, healthy))
