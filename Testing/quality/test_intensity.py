"""MAE, ME, RMSE, PSNR, Dice and histograms against loops over voxels and scikit-image."""

from __future__ import annotations

import math

import numpy as np
import pytest
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio

from SynthCore.quality import metrics as m


@pytest.fixture
def pair() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    a = rng.normal(0, 100, (4, 5, 6)).astype(np.int16)
    b = rng.normal(10, 100, (4, 5, 6)).astype(np.int16)
    return a, b, rng.random((4, 5, 6)) > 0.4


def test_against_a_loop(pair) -> None:
    a, b, mask = pair
    absolute = signed = squared = count = 0.0
    for index in np.ndindex(a.shape):
        if mask[index]:
            error = float(a[index]) - float(b[index])
            absolute, signed, squared = absolute + abs(error), signed + error, squared + error**2
            count += 1
    assert m.mae(a, b, mask) == pytest.approx(absolute / count)
    assert m.me(a, b, mask) == pytest.approx(signed / count)
    assert m.mse(a, b, mask) == pytest.approx(squared / count)
    assert m.rmse(a, b, mask) == pytest.approx(math.sqrt(squared / count))
    assert m.psnr(a, b, 2000.0, mask) == pytest.approx(
        20 * math.log10(2000) - 10 * math.log10(squared / count)
    )


def test_against_scikit_image(pair) -> None:
    a, b, mask = pair
    assert m.mse(a, b) == pytest.approx(mean_squared_error(b.astype(float), a.astype(float)))
    assert m.psnr(a, b, 4024.0, mask) == pytest.approx(
        peak_signal_noise_ratio(b[mask].astype(float), a[mask].astype(float), data_range=4024)
    )


def test_unsigned_integers_do_not_wrap() -> None:
    a, b = np.array([[[1]]], dtype=np.uint8), np.array([[[3]]], dtype=np.uint8)
    assert m.me(a, b) == -2.0
    assert m.mae(a, b) == 2.0


def test_a_bright_synthetic_image_has_a_positive_mean_error() -> None:
    reference = np.zeros((2, 2, 2))
    assert m.me(reference + 7, reference) == 7.0


def test_equal_images_and_empty_masks() -> None:
    a = np.ones((2, 3, 4))
    assert m.psnr(a, a, 1.0) == math.inf
    assert math.isnan(m.mae(a, a, np.zeros(a.shape, dtype=bool)))


def test_slice_means_are_means_of_slices(pair) -> None:
    a, b, _ = pair
    psnr = [peak_signal_noise_ratio(q.astype(float), p.astype(float), data_range=400)
            for p, q in zip(a, b, strict=True)]  # fmt: skip
    assert m.psnr_slices(a, b, 400.0) == pytest.approx(np.mean(psnr))
    rmse = [math.sqrt(mean_squared_error(q.astype(float), p.astype(float)))
            for p, q in zip(a, b, strict=True)]  # fmt: skip
    assert m.rmse_slices(a, b) == pytest.approx(np.mean(rmse))


def test_dice_by_hand() -> None:
    a, b = np.zeros((1, 2, 4), dtype=bool), np.zeros((1, 2, 4), dtype=bool)
    a[0, 0, :3] = True
    b[0, 0, 1:] = True
    assert m.dice(a, b) == pytest.approx(2 * 2 / 6)
    assert m.dice(a, a) == 1.0
    assert math.isnan(m.dice(a & ~a, b & ~b))


def test_histograms() -> None:
    voxels = np.array([[[0.0, 1.0, 1.5, 9.0]]])
    mask = np.array([[[True, True, True, True]]])
    found = m.histogram(voxels, (0, 1, 2), mask)
    np.testing.assert_allclose(found.shares, (0.25, 0.5))  # 9 is beyond the edges
    assert found.overlap(found) == pytest.approx(0.75)
    # 1, 2, 2.5 and 10: nothing in the first bin, half in the second (2 is its upper edge)
    assert found.overlap(m.histogram(voxels + 1, (0, 1, 2))) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="different edges"):
        found.overlap(m.histogram(voxels, (0, 1, 3)))
