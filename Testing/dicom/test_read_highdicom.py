"""The same volumes as highdicom reads, where it is right (it counts slices the other way)."""

from __future__ import annotations

from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest

from SynthCore.files.read import read
from SynthCore.image import Image
from Testing.dicom.odd_series import enhanced, oblique, series


def assert_same(image: Image, volume: highdicom.Volume) -> None:
    """Same values at the same places, whichever way the axes run."""
    there = np.linalg.inv(volume.affine)
    for k, j, i in np.ndindex(*(min(n, 4) for n in image.shape)):
        index = [n * (s - 1) // 3 for n, s in zip((i, j, k), image.shape[::-1], strict=True)]
        place = image.affine @ [*index, 1]
        at = there @ place
        np.testing.assert_allclose(at, np.rint(at), atol=2e-3)
        slot = tuple(np.rint(at[:3]).astype(int))
        value = image.voxels[index[2], index[1], index[0]]
        assert value == pytest.approx(volume.array[slot], rel=1e-6)


@pytest.mark.parametrize("modality", ["CT", "MR", "PT"])
def test_a_classic_oblique_series(tmp_path: Path, modality: str):
    paths = series(tmp_path / "s", modality=modality, orientation=oblique())
    volume = highdicom.get_volume_from_series([pydicom.dcmread(path) for path in paths])
    assert_same(read(tmp_path / "s"), volume)


@pytest.mark.parametrize("modality", ["CT+", "MR+"])
def test_an_enhanced_oblique_object(tmp_path: Path, modality: str):
    path = enhanced(
        tmp_path / "e.dcm", modality=modality, orientation=oblique(), order=[2, 4, 0, 3, 1]
    )
    volume = highdicom.imread(path).get_volume()
    assert_same(read(path), volume)


@pytest.mark.data
@pytest.mark.parametrize("role", ["CT", "T1", "PET"])
def test_the_real_mixed_study(real_study: Path, role: str):
    image = read(real_study, modality=role)
    folder = {"CT": "CT", "T1": "MR_T1", "PET": "PET"}[role]
    files = sorted(real_study.rglob(f"{folder}/image/*.dcm"))
    volume = highdicom.get_volume_from_series([pydicom.dcmread(path) for path in files])
    assert_same(image, volume)


@pytest.mark.data
def test_the_real_t1c(unpacked):
    folder = unpacked("VS-SEG-001_MR_T1c_16slices")
    image = read(folder)
    files = sorted(folder.rglob("*.dcm"))
    assert_same(image, highdicom.get_volume_from_series([pydicom.dcmread(p) for p in files]))
    assert image.shape == (16, 512, 512)
    assert any("gk" in note for note in image.notes)  # a planning scan: likely with contrast


@pytest.mark.data
def test_the_real_abdomen_has_its_padding_replaced(unpacked):
    image = read(unpacked("CRLM-CT-1004_CT_abdomen"))
    assert image.shape == (41, 512, 512)
    assert image.voxels.min() == -1024
    assert "2286652 padding voxels" in image.notes[0]
    files = unpacked("CRLM-CT-1004_CT_abdomen").rglob("*.dcm")
    volume = highdicom.get_volume_from_series([pydicom.dcmread(path) for path in files])
    flipped = volume.array[::-1]
    inside = flipped > -2000
    np.testing.assert_array_equal(image.voxels[inside], flipped[inside])


@pytest.mark.data
@pytest.mark.parametrize("role", ["CT", "T1"])
def test_the_same_patient_from_dicom_and_from_nifti(real_study: Path, real_data: Path, role: str):
    name = {"CT": "CT_image", "T1": "MR_T1_image"}[role]
    nifti = read(real_data / "mr_ct_pairs" / "STS_010" / f"{name}.nii.gz", modality=role)
    image = read(real_study, modality=role)
    # NIfTI runs against k or not: compare by place
    there = np.linalg.inv(nifti.affine)
    for index in np.random.default_rng(0).integers(0, image.shape[::-1], (200, 3)):
        at = (there @ image.affine @ [*index, 1])[:3]
        np.testing.assert_allclose(at, np.rint(at), atol=1e-2)
        i, j, k = np.rint(at).astype(int)
        assert nifti.voxels[k, j, i] == image.voxels[index[2], index[1], index[0]]
