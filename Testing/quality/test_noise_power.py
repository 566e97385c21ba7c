"""The noise power spectrum against theory and against itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.quality.noise_power import (
    noise_power,
    noise_power_plane,
    spectral_distance,
    uniform_soft_tissue,
)

SPACING = (0.7, 0.7, 5.0)


@pytest.fixture(scope="module")
def white() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 20, (40, 128, 128))


def test_white_noise_has_a_flat_spectrum_of_known_height(white) -> None:
    found = noise_power(white, SPACING)
    assert found.regions == 40 * 49
    assert found.noise == pytest.approx(20, rel=0.01)
    np.testing.assert_allclose(found.power[3:], 20**2 * 0.7 * 0.7, rtol=0.05)
    assert found.frequency[-1] == pytest.approx(0.5 / 0.7)


def test_the_integral_is_the_variance() -> None:
    rng = np.random.default_rng(1)
    regions = rng.normal(0, 1, (10, 24, 32))
    regions -= regions.mean(axis=(1, 2), keepdims=True)
    spacing = (0.5, 0.8)
    plane = noise_power_plane(regions, spacing)
    step = 1 / (24 * spacing[1]) / (32 * spacing[0])
    assert plane.sum() * step == pytest.approx((regions**2).mean())


def test_the_plane_by_a_naive_fourier_sum() -> None:
    region = np.random.default_rng(2).normal(0, 1, (1, 5, 6))
    plane = noise_power_plane(region, (2.0, 3.0))
    for u, v in ((0, 1), (2, 3), (4, 5)):
        total = sum(
            region[0, j, i] * np.exp(-2j * np.pi * (u * j / 5 + v * i / 6))
            for j in range(5)
            for i in range(6)
        )
        assert plane[u, v] == pytest.approx(abs(total) ** 2 * 6 / 30)


def test_smoothing_lowers_the_mean_frequency_and_less_noise_does_not(white) -> None:
    full = noise_power(white, SPACING)
    smooth = noise_power(ndimage.gaussian_filter(white, (0, 1.2, 1.2)), SPACING)
    less = noise_power(white * (smooth.noise / full.noise), SPACING)
    assert less.noise == pytest.approx(smooth.noise)
    assert less.mean_frequency == pytest.approx(full.mean_frequency)
    assert smooth.mean_frequency < 0.5 * full.mean_frequency


def test_spectra_are_compared_by_level_and_by_shape(white) -> None:
    full = noise_power(white, SPACING)
    half = noise_power(white / np.sqrt(2), SPACING)
    smooth = noise_power(ndimage.gaussian_filter(white, (0, 1.2, 1.2)), SPACING)
    assert spectral_distance(full, full) == 0
    assert spectral_distance(half, full) == pytest.approx(10 * np.log10(2))
    assert spectral_distance(full, half) == pytest.approx(10 * np.log10(2))
    assert spectral_distance(half, full, shape=True) == pytest.approx(0, abs=1e-9)
    assert spectral_distance(smooth, full, shape=True) > 5
    with pytest.raises(InputError, match="frequencies"):
        spectral_distance(full, noise_power(white, (0.5, 0.5, 5.0)))
    with pytest.raises(InputError, match="zero"):
        spectral_distance(noise_power(0 * white, SPACING), full)


def test_a_wave_is_found_at_its_frequency() -> None:
    i = np.arange(128)
    wave = np.broadcast_to(10 * np.sin(2 * np.pi * 8 * i / 32), (2, 128, 128))
    found = noise_power(wave, (1.0, 1.0, 1.0))
    assert found.frequency[found.power.argmax()] == pytest.approx(8 / 32)
    assert found.mean_frequency == pytest.approx(0.25, abs=0.01)


def test_trends_are_taken_away() -> None:
    j, i = np.mgrid[:64, :64].astype(float)
    slope = np.broadcast_to(3 * j - 2 * i, (2, 64, 64))
    bowl = np.broadcast_to(j * j + i * j, (2, 64, 64))
    assert noise_power(slope, SPACING).noise == pytest.approx(0, abs=1e-9)
    assert noise_power(slope, SPACING, detrend=0).noise > 10
    assert noise_power(bowl, SPACING, detrend=2).noise == pytest.approx(0, abs=1e-8)


def test_regions_stay_inside_the_mask(white) -> None:
    mask = np.zeros(white.shape, dtype=bool)
    mask[3, :64, :70] = True  # three by three regions of 32 pixels, 16 apart
    spoiled = np.where(mask, white, 1e6)
    found = noise_power(spoiled, SPACING, mask)
    assert found.regions == 9
    assert found.noise < 30
    with pytest.raises(InputError, match="32 x 32"):
        noise_power(white, SPACING, np.zeros(white.shape, dtype=bool))


def test_oblong_pixels_stop_at_the_lower_nyquist_frequency(white) -> None:
    found = noise_power(white, (0.5, 1.0, 3.0))
    assert found.frequency[-1] == pytest.approx(0.5)
    np.testing.assert_allclose(found.power[4:], 20**2 * 0.5, rtol=0.06)


@pytest.mark.data
def test_smoothing_a_real_scan_is_seen(real_pair) -> None:
    ct = real_pair["CT on T1"]
    muscle = uniform_soft_tissue(ct.voxels)
    smooth = ndimage.gaussian_filter(ct.voxels, (0, 1, 1))
    before = noise_power(ct.voxels, ct.spacing, muscle, size=16)
    after = noise_power(smooth, ct.spacing, muscle, size=16)
    assert before.regions > 20
    assert after.noise < before.noise
    assert after.mean_frequency < 0.8 * before.mean_frequency
