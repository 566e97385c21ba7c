"""Every real volume as nibabel and SimpleITK read it."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from SynthCore.files.read import read
from SynthCore.image import corner_points
from Testing.files.volumes import assert_as_simpleitk


@pytest.mark.data
def test_every_real_volume_lies_where_simpleitk_puts_it(real_data: Path):
    files = [p for p in sorted(real_data.rglob("*")) if p.name.endswith((".nii.gz", ".nrrd"))]
    assert len(files) > 100
    for path in files:
        image = read(path)
        other = sitk.ImageFileReader()
        other.SetFileName(str(path))
        other.ReadImageInformation()
        assert image.shape == tuple(reversed(other.GetSize())), path
        step = np.array(other.GetDirection()).reshape(3, 3) * other.GetSpacing()
        theirs = np.eye(4)
        theirs[:3, :3], theirs[:3, 3] = step, other.GetOrigin()
        apart = corner_points(image.shape, image.affine) - corner_points(image.shape, theirs)
        assert np.abs(apart).max() < 1e-3, path
        assert image.notes == (), path


@pytest.mark.data
def test_real_values_are_those_of_both_libraries(real_data: Path):
    nifti = real_data / "mr_ct_pairs" / "STS_010" / "CT_image.nii.gz"
    assert_as_simpleitk(read(nifti), nifti)
    loaded = nib.load(nifti)
    np.testing.assert_array_equal(read(nifti).voxels, np.asarray(loaded.dataobj).T)
    assert_as_simpleitk(
        read(real_data / "tumour" / "pyradiomics" / "brain1_image.nrrd"),
        real_data / "tumour" / "pyradiomics" / "brain1_image.nrrd",
    )
