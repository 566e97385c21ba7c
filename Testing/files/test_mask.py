"""Masks on the grid of their image."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from SynthCore.errors import InputError
from SynthCore.files.mask import read_mask
from SynthCore.files.read import read
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from Testing.dicom.odd_series import series


def image(spacing=(1.0, 1.0, 2.0), origin=(5.0, -3.0, 10.0), shape=(8, 10, 12)) -> Image:
    return Image(np.arange(np.prod(shape)).reshape(shape), make_affine(spacing, origin))


def block(like: Image, dtype: type = np.uint8, value: float = 1) -> Image:
    voxels = np.zeros(like.shape, dtype)
    voxels[2:5, 3:7, 4:9] = value
    return Image(voxels, like.affine)


def saved(mask: Image, folder: Path, name: str = "mask.nii.gz") -> Path:
    return write_nifti(mask, folder / name, record_json=None)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.bool_])
def test_on_the_same_grid_nothing_changes(tmp_path: Path, dtype: type):
    like = image()
    mask = read_mask(saved(block(like, dtype), tmp_path), like)
    np.testing.assert_array_equal(mask.voxels, block(like).voxels == 1)
    assert mask.voxels.dtype == np.bool_
    assert mask.same_grid(like)
    assert mask.notes == ()


def test_a_full_mask_is_a_mask(tmp_path: Path):
    like = image()
    full = Image(np.ones(like.shape, np.uint8), like.affine)
    assert read_mask(saved(full, tmp_path), like).voxels.all()


def test_labels_are_taken_together(tmp_path: Path):
    like = image()
    labels = block(like)
    labels.voxels[0, 0, 0] = 7
    mask = read_mask(saved(labels, tmp_path), like)
    assert mask.voxels.sum() == 3 * 4 * 5 + 1
    assert "2 labels" in mask.notes[0]


def test_another_grid_is_resampled_by_place(tmp_path: Path):
    fine = image((0.5, 0.5, 1.0), shape=(16, 20, 24))
    voxels = np.zeros(fine.shape, np.uint8)
    voxels[4:10, 6:14, 8:18] = 1
    coarse = image()
    mask = read_mask(saved(Image(voxels, fine.affine), tmp_path), coarse)
    expected = voxels[::2, ::2, ::2] == 1  # the voxel centers of the coarse grid
    np.testing.assert_array_equal(mask.voxels, expected)
    assert "nearest neighbor" in mask.notes[0]


def test_axes_may_run_the_other_way(tmp_path: Path):
    like = image()
    flipped = like.affine.copy()
    flipped[:3, 2] *= -1
    flipped[:3, 3] += like.affine[:3, 2] * (like.shape[0] - 1)
    turned = Image(block(like).voxels[::-1], flipped)
    mask = read_mask(saved(turned, tmp_path), like)
    np.testing.assert_array_equal(mask.voxels, block(like).voxels == 1)
    assert mask.same_grid(like) and mask.notes == ()


def test_a_mask_that_hangs_over_is_cut_with_a_note(tmp_path: Path):
    like = image()
    wide = Image(np.ones((8, 10, 24), np.uint8), like.affine)
    mask = read_mask(saved(wide, tmp_path), like)
    assert mask.voxels.all()
    assert "50% of the mask lie outside" in mask.notes[1]


def test_wrong_geometry_is_refused(tmp_path: Path):
    like = image()
    with pytest.raises(InputError, match="lies outside the image"):
        read_mask(saved(block(image(origin=(500, 0, 0))), tmp_path), like)


def test_a_mask_between_the_voxels_is_refused(tmp_path: Path):
    fine = image((0.1, 0.1, 0.1), origin=(5.3, -2.7, 10.7), shape=(3, 3, 3))
    speck = np.zeros((3, 3, 3), np.uint8)
    speck[1, 1, 1] = 1
    with pytest.raises(InputError, match="too small"):
        read_mask(saved(Image(speck, fine.affine), tmp_path), image())


@pytest.mark.parametrize(
    ("value", "words"), [(0, "empty"), (0.5, "fractions"), (-1, "negative"), (np.nan, "NaN")]
)
def test_what_is_no_mask(tmp_path: Path, value: float, words: str):
    like = image()
    voxels = block(like, np.float32, value).voxels
    affine = np.diag([-1.0, -1, 1, 1]) @ like.affine
    nib.save(nib.Nifti1Image(voxels.T, affine), tmp_path / "m.nii")
    with pytest.raises(InputError, match=words):
        read_mask(tmp_path / "m.nii", like)


def test_an_image_given_as_mask_is_refused(tmp_path: Path):
    many = Image(np.arange(8 * 400 * 2, dtype=np.int16).reshape(8, 400, 2), image().affine)
    with pytest.raises(InputError, match="different numbers"):
        read_mask(saved(many, tmp_path), image())


def test_files_that_are_not_there_or_dicom(tmp_path: Path):
    with pytest.raises(InputError, match="not there"):
        read_mask(tmp_path / "m.nii.gz", image())
    paths = series(tmp_path / "s")
    for path in (tmp_path / "s", paths[0]):
        with pytest.raises(InputError, match="is DICOM and no segmentation object"):
            read_mask(path, image())


@pytest.mark.data
def test_a_real_mask_lies_in_its_image(real_data: Path):
    folder = real_data / "mr_ct_pairs" / "STS_010"
    mr = read(folder / "MR_T1_image.nii.gz", modality="T1")
    own = read_mask(folder / "MR_T1_mask.nii.gz", mr)
    from_ct = read_mask(folder / "CT_mask.nii.gz", mr)
    assert own.same_grid(mr)
    assert from_ct.same_grid(mr)
    # the same tumor outlined on the other modality, by place: mostly the same voxels
    overlap = 2 * (own.voxels & from_ct.voxels).sum() / (own.voxels.sum() + from_ct.voxels.sum())
    assert overlap > 0.8
