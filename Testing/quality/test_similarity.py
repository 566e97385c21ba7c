"""SSIM, MS-SSIM and VIF against naive implementations and libraries."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage
from skimage.metrics import structural_similarity

from SynthCore.quality import metrics as m
from SynthCore.quality.ms_ssim import WEIGHTS


def smooth_pair(shape: tuple[int, ...], scale: float, noise: float) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(11)
    b = ndimage.gaussian_filter(rng.normal(0, 1, shape), 2)
    b = scale * (b - b.min()) / np.ptp(b)
    return b + rng.normal(0, noise, shape), b


def naive_ssim_at(
    a: np.ndarray, b: np.ndarray, center: tuple[int, ...], data_range: float
) -> float:
    """SSIM of one 7-voxel cube, from the definition."""
    window = tuple(slice(c - 3, c + 4) for c in center)
    x, y = a[window].ravel(), b[window].ravel()
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    covariance = np.cov(x, y)
    return float(
        (2 * x.mean() * y.mean() + c1)
        * (2 * covariance[0, 1] + c2)
        / ((x.mean() ** 2 + y.mean() ** 2 + c1) * (covariance[0, 0] + covariance[1, 1] + c2))
    )


def test_ssim_in_a_mask_is_the_mean_of_naive_windows() -> None:
    a, b = smooth_pair((15, 16, 17), 4000.0, 200.0)
    mask = np.random.default_rng(0).random(b.shape) > 0.97
    inner = [c for c in zip(*np.nonzero(mask), strict=True)
             if all(3 <= x < n - 3 for x, n in zip(c, b.shape, strict=True))]  # fmt: skip
    expected = np.mean([naive_ssim_at(a, b, c, 4024.0) for c in inner])
    assert m.ssim_in_mask(a, b, mask, 4024.0) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("gaussian", [False, True])
def test_ssim_in_a_small_mask_is_that_of_the_whole_map(gaussian: bool) -> None:
    """Only a box round the mask is computed; the value must not show it."""
    a, b = smooth_pair((18, 40, 42), 1.0, 0.05)
    mask = np.zeros(b.shape, dtype=bool)
    mask[0:3, 10:13, 38:42] = True
    mask[9, 2, 20] = True
    whole = m.ssim_map(a, b, 1.0, gaussian=gaussian)
    assert m.ssim_in_mask(a, b, mask, 1.0, crop=0, gaussian=gaussian) == pytest.approx(
        whole[mask].mean(), abs=1e-12
    )


def test_ssim_of_the_whole_volume_is_scikit_images_own() -> None:
    a, b = smooth_pair((12, 13, 14), 100.0, 3.0)
    everywhere = np.ones(b.shape, dtype=bool)
    assert m.ssim_in_mask(a, b, everywhere, 100.0) == pytest.approx(
        structural_similarity(b, a, data_range=100.0), abs=1e-12
    )
    planes = [structural_similarity(q, p, data_range=100.0) for p, q in zip(a, b, strict=True)]
    assert m.ssim_slices(a, b, 100.0) == pytest.approx(np.mean(planes), abs=1e-12)


def test_ssim_of_equal_images_is_one_and_of_thin_ones_undefined() -> None:
    a, _ = smooth_pair((6, 20, 20), 1.0, 0.1)
    everywhere = np.ones(a.shape, dtype=bool)
    assert math.isnan(m.ssim_in_mask(a, a, everywhere, 1.0))
    assert m.ssim_slices(a, a, 1.0) == pytest.approx(1.0)
    thick = np.concatenate([a, a])
    mask = np.zeros(thick.shape, dtype=bool)
    mask[0, 0, 0] = True
    assert math.isnan(m.ssim_in_mask(thick, thick, mask, 1.0))  # cropped away
    assert m.ssim_in_mask(thick, thick, ~mask, 1.0) == pytest.approx(1.0)


def naive_ms_ssim(a: np.ndarray, b: np.ndarray, mask: np.ndarray, data_range: float) -> float:
    """From the definition, by windows of a mirrored volume and blocks of two."""

    def mean(values: np.ndarray) -> np.ndarray:
        values = np.pad(values, 3, mode="symmetric")
        for axis in range(3):
            values = np.lib.stride_tricks.sliding_window_view(values, 7, axis=axis).mean(-1)
        return values

    def half(values: np.ndarray) -> np.ndarray:
        values = np.pad(values, [(0, n % 2) for n in values.shape], mode="edge")
        k, j, i = (n // 2 for n in values.shape)
        return values.reshape(k, 2, j, 2, i, 2).mean((1, 3, 5))

    share = mask.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    result = 1.0
    for scale in range(5):
        ma, mb = mean(a), mean(b)
        va, vb, cov = (
            (mean(x * y) - mean(x) * mean(y)) * 343 / 342 for x, y in ((a, a), (b, b), (a, b))
        )
        contrast = (2 * cov + c2) / (va + vb + c2)
        full = contrast * (2 * ma * mb + c1) / (ma * ma + mb * mb + c1)
        values = full if scale == 4 else contrast
        result *= ((values * share).sum() / share.sum()) ** WEIGHTS[scale]
        a, b, share = half(a), half(b), half(share)
    return float(result)


def test_ms_ssim_against_the_definition() -> None:
    shape = (97, 97, 99)
    a, b = smooth_pair(shape, 4095.0, 300.0)
    mask = np.zeros(shape, dtype=bool)
    mask[20:80, 10:90, 15:85] = True
    assert m.ms_ssim(a, b, mask, 4095.0) == pytest.approx(
        naive_ms_ssim(a, b, mask, 4095.0), abs=1e-9
    )


def test_ms_ssim_of_a_small_volume_is_that_of_the_padded_one() -> None:
    a, b = smooth_pair((40, 97, 97), 100.0, 10.0)
    mask = np.zeros(b.shape, dtype=bool)
    mask[5:35, 10:90, 10:90] = True
    margin = ((28, 29), (0, 0), (0, 0))  # half at either end
    padded = [np.pad(v, margin) for v in (a, b, mask)]
    assert m.ms_ssim(a, b, mask, 100.0) == pytest.approx(naive_ms_ssim(*padded, 100.0), abs=1e-9)


def test_ms_ssim_against_monai() -> None:
    """MONAI averages over the windows that fit, with population covariances: nearly the same."""
    torch = pytest.importorskip("torch")
    from monai.metrics.regression import MultiScaleSSIMMetric, SSIMMetric

    a, b = smooth_pair((112, 112, 112), 1.0, 0.08)
    everywhere = np.ones(b.shape, dtype=bool)
    x, y = (torch.from_numpy(v[None, None]).float() for v in (a, b))
    metric = MultiScaleSSIMMetric(3, data_range=1.0, kernel_type="uniform", kernel_size=7)
    assert m.ms_ssim(a, b, everywhere, 1.0) == pytest.approx(float(metric(x, y)), abs=0.01)
    plain = SSIMMetric(3, data_range=1.0, kernel_type="uniform", win_size=7)
    assert m.ssim_in_mask(a, b, everywhere, 1.0) == pytest.approx(float(plain(x, y)), abs=2e-3)


def test_ms_ssim_of_equal_images_and_of_an_empty_mask() -> None:
    a, _ = smooth_pair((20, 20, 20), 1.0, 0.1)
    everywhere = np.ones(a.shape, dtype=bool)
    assert m.ms_ssim(a, a, everywhere, 1.0) == pytest.approx(1.0)
    assert math.isnan(m.ms_ssim(a, a, ~everywhere, 1.0))


def naive_vif(a: np.ndarray, b: np.ndarray) -> float:
    """From the definition: full two-dimensional windows, one at a time."""
    kept = available = 0.0
    for scale in range(1, 5):
        n = 2 ** (4 - scale + 1) + 1
        y, x = np.mgrid[:n, :n] - (n - 1) / 2
        window = np.exp(-(x * x + y * y) / (2 * (n / 5) ** 2))
        window /= window.sum()

        def local(values: np.ndarray, window: np.ndarray = window, n: int = n) -> np.ndarray:
            views = np.lib.stride_tricks.sliding_window_view(values, (n, n))
            return np.einsum("jiyx,yx->ji", views, window)

        if scale > 1:
            a, b = local(a)[::2, ::2], local(b)[::2, ::2]
        ma, mb = local(a), local(b)
        va, vb, cov = local(a * a) - ma**2, local(b * b) - mb**2, local(a * b) - ma * mb
        for j, i in np.ndindex(ma.shape):
            gain = cov[j, i] / vb[j, i] if vb[j, i] > 1e-10 else 0.0
            rest = va[j, i] - gain * cov[j, i]
            if gain < 0:
                gain, rest = 0.0, va[j, i]
            kept += math.log2(1 + gain**2 * vb[j, i] / (max(rest, 1e-10) + 2))
            available += math.log2(1 + vb[j, i] / 2)
    return kept / available


def test_vif_against_the_definition() -> None:
    a, b = smooth_pair((52, 48), 400.0, 25.0)
    assert m.vif(a, b) == pytest.approx(naive_vif(a, b), rel=1e-6)
    assert m.vif(b, a) == pytest.approx(naive_vif(b, a), rel=1e-6)
    assert m.vif_slices(np.stack([a, b]), np.stack([b, b])) == pytest.approx(
        (m.vif(a, b) + 1) / 2, rel=1e-9
    )


def test_vif_orders_what_a_reader_would() -> None:
    a, b = smooth_pair((80, 80), 400.0, 25.0)
    assert m.vif(b, b) == pytest.approx(1.0)
    assert m.vif(2 * b, b) > 1.0  # more contrast than the reference
    assert m.vif(a, b) < m.vif(b + (a - b) / 4, b) < 1.0
    assert m.vif(ndimage.gaussian_filter(b, 4), b) < 0.2


def test_vif_of_small_or_flat_planes_is_undefined() -> None:
    flat = np.zeros((1, 50, 50))
    assert math.isnan(m.vif_slices(flat, flat))
    assert math.isnan(m.vif_slices(np.zeros((3, 40, 50)), np.ones((3, 40, 50))))
    assert math.isfinite(m.vif(np.zeros((50, 50)), smooth_pair((50, 50), 9.0, 1.0)[1]))
