"""Thick slices are means of thin ones, and come back from them."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.physics.consistency import agree, disagreement
from SynthCore.physics.thick_slices import ThickStack, along_first

STACKS = [
    ThickStack(30, 180),
    ThickStack(41, 293),
    ThickStack(30, 100, 0.8),
    ThickStack(20, 61, 0.1),
    ThickStack(3, 7),
    ThickStack(12, 12),
]


@pytest.mark.parametrize("stack", STACKS)
def test_means_weigh_what_lies_in_a_slice_and_the_smoothest_has_them(stack: ThickStack) -> None:
    assert stack.means.shape == (stack.slices, stack.made)
    np.testing.assert_allclose(stack.means.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(stack.means @ stack.smoothest, np.eye(stack.slices), atol=1e-9)
    # a constant stays what it is
    np.testing.assert_allclose(stack.smoothest.sum(axis=1), 1, atol=1e-4)
    # and what is held back from any thin stack has no part in the thick one
    np.testing.assert_allclose(stack.means @ stack.hold, 0, atol=1e-9)


def test_a_whole_factor_averages_whole_slices() -> None:
    thin = np.random.default_rng(0).normal(size=(24, 3, 2))
    thick = along_first(ThickStack(6, 24).means, thin)
    np.testing.assert_allclose(thick, thin.reshape(6, 4, 3, 2).mean(axis=1), atol=1e-6)


def test_slices_with_gaps_weigh_only_their_thickness() -> None:
    means = ThickStack(4, 40, 0.4).means
    assert np.flatnonzero(means[1]).tolist() == [13, 14, 15, 16]
    np.testing.assert_allclose(means[1, 13:17], 0.25)


def test_the_smoothest_follows_what_is_smooth_better_than_interpolation_between_centers() -> None:
    stack = ThickStack(16, 96)
    place = np.arange(96) / 96
    thin = np.sin(2 * np.pi * 4 * place)
    thick = stack.means @ thin
    centers = (np.arange(16) + 0.5) / 16
    linear = np.interp((np.arange(96) + 0.5) / 96, centers, thick)
    inside = slice(12, -12)
    smooth = np.abs(stack.smoothest @ thick - thin)[inside].max()
    assert smooth < 0.25 * np.abs(linear - thin)[inside].max()


@pytest.mark.parametrize("stack", STACKS)
def test_agreement_is_exact_and_nothing_falls_below_the_floor(stack: ThickStack) -> None:
    rng = np.random.default_rng(1)
    truth = np.maximum(rng.normal(size=(stack.made, 40)), 0).astype(np.float32) * 100
    thick = along_first(stack.means, truth)
    guess = truth + rng.normal(size=truth.shape).astype(np.float32) * 30
    made = agree(guess, thick, stack, 0.0)
    largest, squares = disagreement(made, thick, stack)
    assert largest < 1e-3
    assert squares < 1e-4
    whole = stack.thickness == 1 and stack.made % stack.slices == 0
    assert made.min() > (-1e-2 if whole else -25)
    # and it is closer to the truth than the guess was
    assert np.square(made - truth).mean() < np.square(guess - truth).mean()


def test_wrong_counts_and_thicknesses_are_refused() -> None:
    for wrong in ((0, 3, 1.0), (4, 3, 1.0), (3, 9, 0.0), (3, 9, 1.1)):
        with pytest.raises(ValueError, match="slices"):
            ThickStack(*wrong)
