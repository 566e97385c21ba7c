"""Masks of the body and of shared tissue."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from SynthCore.errors import InputError
from SynthCore.quality.masks import (
    body_mask_ct,
    body_mask_mr,
    fill_slices,
    large_components,
    otsu_foreground,
    tissue_of_both,
)

SPACING = (1.0, 1.0, 3.0)


def disc(shape: tuple[int, int, int], center: tuple[float, float], radius: float) -> np.ndarray:
    j, i = np.mgrid[: shape[1], : shape[2]]
    plane = (j - center[0]) ** 2 + (i - center[1]) ** 2 <= radius**2
    return np.broadcast_to(plane, shape).copy()


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * float((a & b).sum()) / float(a.sum() + b.sum())


@pytest.fixture
def two_legs_on_a_couch() -> tuple[np.ndarray, np.ndarray]:
    shape = (6, 120, 160)
    rng = np.random.default_rng(0)
    legs = disc(shape, (50, 45), 32) | disc(shape, (50, 115), 28)
    ct = np.full(shape, -1000.0)
    ct[legs] = 40.0
    ct[disc(shape, (50, 45), 8)] = -950.0  # gas inside
    ct[:, 95:98, 5:155] = 300.0  # couch shell, 3 mm thick
    ct[:, 10, 10:12] = 60.0  # a cable
    return ct + rng.normal(0, 20, shape), legs


def test_ct_body_keeps_both_legs_and_drops_the_couch(two_legs_on_a_couch) -> None:
    ct, legs = two_legs_on_a_couch
    body = body_mask_ct(ct, SPACING)
    assert dice(body, legs) > 0.995
    assert not body[:, 93:].any()


def test_ct_body_touching_the_couch_loses_the_couch_beyond_the_touch() -> None:
    shape = (4, 120, 160)
    patient = disc(shape, (50, 80), 40)
    ct = np.where(patient, 40.0, -1000.0)
    ct[:, 90:93, 5:155] = 300.0
    body = body_mask_ct(ct, SPACING)
    assert dice(body, patient) > 0.98
    assert not body[:, :, :40].any()


def test_mr_body_fills_bone_and_ignores_noise() -> None:
    shape = (5, 128, 128)
    rng = np.random.default_rng(1)
    leg = disc(shape, (64, 64), 45)
    signal = np.where(leg, 120.0, 0.0)
    signal[leg & ~disc(shape, (64, 64), 38)] = 600.0  # fat
    signal[disc(shape, (64, 64), 9)] = 0.0  # cortical bone
    noisy = np.hypot(signal + rng.normal(0, 8, shape), rng.normal(0, 8, shape))
    assert dice(body_mask_mr(noisy, SPACING), leg) > 0.99


def test_mr_body_of_an_image_the_body_fills_is_nearly_all_of_it() -> None:
    rng = np.random.default_rng(2)
    voxels = np.full((4, 60, 60), 500.0)  # fat
    voxels[:, 20:50, :40] = 120.0  # muscle, up to the edge
    voxels[:, :6, :6] = 0.0
    assert body_mask_mr(voxels + rng.normal(0, 10, voxels.shape), SPACING).mean() > 0.97


def test_constant_and_empty_images_have_no_body() -> None:
    assert not otsu_foreground(np.zeros((2, 3, 4))).any()
    assert not body_mask_mr(np.full((2, 9, 9), 7.0), SPACING).any()
    assert not body_mask_ct(np.full((2, 9, 9), -1000.0), SPACING).any()
    assert not otsu_foreground(np.full((2, 3, 4), np.nan)).any()


def test_nan_is_background() -> None:
    voxels = np.zeros((1, 20, 20))
    voxels[0, 5:15, 5:15] = 100
    voxels[0, 8, 8] = np.nan
    foreground = otsu_foreground(voxels)
    assert not foreground[0, 8, 8]
    assert foreground.sum() == 99


@pytest.mark.parametrize("spacing", [(40.0, 40.0, 5.0), (0.01, 0.01, 0.01), (1.0, 1.0, 1.0)])
def test_any_spacing_and_a_single_slice_give_a_mask_of_the_same_shape(spacing) -> None:
    voxels = np.where(disc((1, 40, 33), (20, 16), 10), 40.0, -1000.0)
    for body in (body_mask_ct(voxels, spacing), body_mask_mr(voxels + 1000, spacing)):
        assert body.shape == voxels.shape
        assert dice(body, voxels > 0) > 0.95


def test_tissue_of_both_by_hand() -> None:
    mr = np.zeros((3, 11, 11))
    ct = np.full((3, 11, 11), -1000)
    mr[:, 1:10, 1:10] = 100
    mr[:, :, 9] = 5  # below 6% of the 99th percentile
    ct[:, 1:10, 1:10] = 40
    expected = np.zeros((3, 11, 11), dtype=bool)
    expected[:, 3:8, 3:7] = True  # rows 1..9 and columns 1..8 minus two on each side
    np.testing.assert_array_equal(tissue_of_both(mr, ct), expected)


def test_tissue_of_both_keeps_the_first_and_last_slice() -> None:
    mr, ct = np.full((2, 9, 9), 100.0), np.zeros((2, 9, 9))
    mask = tissue_of_both(mr, ct)
    assert mask[0].sum() == mask[1].sum() == 25  # the image's edge counts as background


def test_tissue_of_both_refuses_other_shapes() -> None:
    with pytest.raises(InputError, match="different grids"):
        tissue_of_both(np.zeros((2, 3, 4)), np.zeros((2, 3, 5)))


def test_components_and_holes() -> None:
    mask = np.zeros((1, 12, 12), dtype=bool)
    mask[0, 1:7, 1:7] = True
    mask[0, 3:5, 3:5] = False
    mask[0, 10, 10] = True
    kept = large_components(mask)
    assert kept.sum() == 32
    assert fill_slices(kept).sum() == 36


@pytest.mark.data
@pytest.mark.parametrize("patient", ["STS_003", "STS_010"])
def test_real_masks_agree_where_they_must(real_data: Path, patient: str) -> None:
    folder = real_data / "mr_ct_pairs" / patient
    ct = nib.load(folder / "CT_image.nii.gz")
    mr = nib.load(folder / "MR_T1_image.nii.gz")
    ct_voxels = np.asarray(ct.dataobj).T
    mr_voxels = np.asarray(mr.dataobj).T
    ct_body = body_mask_ct(ct_voxels, tuple(map(float, ct.header.get_zooms())))
    mr_body = body_mask_mr(mr_voxels, tuple(map(float, mr.header.get_zooms())))
    tissue = ct_voxels > -200
    assert (tissue & ct_body).sum() / ct_body.sum() > 0.9
    bright = mr_voxels > 0.3 * np.percentile(mr_voxels, 99)
    assert (bright & mr_body).sum() / bright.sum() > 0.98
    for body in (ct_body, mr_body):
        np.testing.assert_array_equal(fill_slices(body), body)
