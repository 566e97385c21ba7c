"""The channelized Hotelling observer against what theory says of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.quality.observer import dense_difference_of_gaussians, detectability, gain

SIDE = 33
SIGMA = 10.0


def disk(contrast: float = 5.0, radius: float = 5.0) -> np.ndarray:
    j, i = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    return contrast / (1 + np.exp((np.hypot(j, i) - radius) / 0.5))


@pytest.fixture(scope="module")
def white() -> np.ndarray:
    return np.random.default_rng(0).normal(0, SIGMA, (3000, SIDE, SIDE))


def test_a_known_signal_in_white_noise_has_the_analytic_detectability(white) -> None:
    signal = disk()
    found = detectability(white[:1500] + signal, white[1500:])
    u = dense_difference_of_gaussians(SIDE).reshape(10, -1)
    seen = u @ signal.ravel()
    through_channels = np.sqrt(seen @ np.linalg.pinv(SIGMA**2 * u @ u.T) @ seen)
    assert found.d_prime == pytest.approx(through_channels, rel=0.04)
    assert found.low < through_channels < found.high
    # no observer does better than the matched filter, and this one comes close to it
    matched = np.sqrt((signal**2).sum()) / SIGMA
    assert 0.8 * matched < found.d_prime < 1.02 * matched


def test_one_channel_shaped_like_the_signal_is_the_matched_filter(white) -> None:
    signal = disk()
    found = detectability(white[:1500] + signal, white[1500:], signal[None])
    assert found.d_prime == pytest.approx(np.sqrt((signal**2).sum()) / SIGMA, rel=0.04)


def test_correlated_noise_by_its_covariance() -> None:
    white = np.random.default_rng(1).normal(0, 1, (3000, SIDE, SIDE))
    noise = ndimage.gaussian_filter(white, (0, 1.5, 1.5), mode="wrap")
    noise *= SIGMA / noise.std()
    signal, u = disk(), dense_difference_of_gaussians(SIDE).reshape(10, -1)
    seen, covariance = u @ signal.ravel(), np.cov((noise.reshape(3000, -1) @ u.T).T)
    known = np.sqrt(seen @ np.linalg.pinv(covariance, rcond=1e-10) @ seen)
    found = detectability(noise[:1500] + signal, noise[1500:])
    assert found.d_prime == pytest.approx(known, rel=0.08)


def test_nothing_is_seen_where_there_is_nothing(white) -> None:
    found = detectability(white[:300], white[300:600])
    # an observer that has not seen the place it answers for can only do worse than chance
    assert -0.4 < found.d_prime < 0.1
    assert found.low < 0


def test_a_fainter_signal_is_seen_less_and_the_gain_knows_it(white) -> None:
    noise = white[:400]
    strong, weak = (detectability(noise + disk(c), noise) for c in (5.0, 3.0))
    assert weak.d_prime == pytest.approx(0.6 * strong.d_prime, rel=0.1)
    difference, low, high = gain(strong, weak)
    assert difference == pytest.approx(strong.d_prime - weak.d_prime)
    assert 0 < low < difference < high


def test_a_constant_added_to_an_image_is_not_seen(white) -> None:
    channels = dense_difference_of_gaussians(SIDE)
    assert abs(channels.sum(axis=(1, 2))).max() < 1e-9
    shifted = detectability(white[:300] + 50.0, white[:300])
    assert abs(shifted.d_prime) < 0.2


def test_places_that_show_one_anatomy_count_as_one(white) -> None:
    """Copies of a place are no new knowledge: neither is the observer better, nor more certain."""
    noise = white[:120]
    alone = detectability(noise + disk(), noise)
    copied, groups = np.repeat(noise, 4, axis=0), np.repeat(np.arange(120), 4)
    together = detectability(copied + disk(), copied, groups=groups)
    apart = detectability(copied + disk(), copied)
    assert together.d_prime == pytest.approx(alone.d_prime, rel=0.15)
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_the_same_seed_gives_the_same_interval(white) -> None:
    first, again = (detectability(white[:100] + disk(), white[:100], seed=3) for _ in range(2))
    assert (first.d_prime, first.low, first.high) == (again.d_prime, again.low, again.high)


def test_too_few_places_are_refused(white) -> None:
    with pytest.raises(InputError, match="39 places"):
        detectability(white[:39], white[:39])
    with pytest.raises(InputError, match="as many"):
        detectability(white[:80], white[:90])
