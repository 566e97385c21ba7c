"""The prewhitening observer against formulas."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.quality.prewhitening import prewhitening

SIDE = 40


def disk() -> np.ndarray:
    j, i = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    made = np.where(np.hypot(j, i) < 6, -5.0, 0.0)
    return np.asarray(made - made.mean())  # the zero frequency does not count


def test_in_white_noise_it_is_the_energy_of_the_signal() -> None:
    noise = np.random.default_rng(0).normal(0, 20, (600, SIDE, SIDE))
    assert prewhitening(disk(), noise) == pytest.approx(np.linalg.norm(disk()) / 20, rel=0.05)


def test_noise_of_a_filter_is_undone_with_the_filter() -> None:
    """A filter that loses nothing changes nothing: both the signal and the noise went through."""
    noise = np.random.default_rng(1).normal(0, 20, (600, SIDE, SIDE))
    blurred = ndimage.gaussian_filter(noise, (0, 0.6, 0.6), mode="wrap")
    signal = ndimage.gaussian_filter(disk(), 0.6, mode="wrap")
    plain = prewhitening(disk(), noise)
    assert prewhitening(signal, blurred) == pytest.approx(plain, rel=0.06)


def test_a_tenth_of_the_dose_leaves_the_square_root() -> None:
    rng = np.random.default_rng(2)
    full = rng.normal(0, 10, (600, SIDE, SIDE))
    tenth = rng.normal(0, 10 * np.sqrt(10), (600, SIDE, SIDE))
    ratio = prewhitening(disk(), full) / prewhitening(disk(), tenth)
    assert ratio == pytest.approx(np.sqrt(10), rel=0.04)


def test_shapes_that_do_not_fit_are_told() -> None:
    with pytest.raises(ValueError, match="the signal has"):
        prewhitening(disk(), np.zeros((5, 10, 10)))
    with pytest.raises(ValueError, match="places have"):
        prewhitening(disk(), np.zeros((1, SIDE, SIDE)))
