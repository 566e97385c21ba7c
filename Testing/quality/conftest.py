"""Images and helpers of the tests of quality."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from SynthCore.image import Image, make_affine
from SynthCore.quality.grids import resample_to
from SynthCore.quality.masks import tissue_of_both


@pytest.fixture
def ct_pair() -> tuple[Image, Image]:
    """A leg-like CT and a shifted, noisy copy: (synthetic, reference)."""
    rng = np.random.default_rng(3)
    j, i = np.mgrid[:64, :72]
    plane = np.full((64, 72), -1000.0)
    plane[(j - 32) ** 2 + (i - 36) ** 2 < 28**2] = -100.0
    plane[(j - 32) ** 2 + (i - 36) ** 2 < 22**2] = 50.0
    plane[(j - 30) ** 2 + (i - 38) ** 2 < 7**2] = 900.0
    reference = np.repeat(plane[np.newaxis], 12, axis=0) + rng.normal(0, 15, (12, 64, 72))
    synthetic = reference + rng.normal(5, 20, reference.shape)
    affine = make_affine((1.0, 1.0, 3.0))
    return (
        Image(synthetic.astype(np.float32), affine, "CT", "HU"),
        Image(reference.astype(np.float32), affine, "CT", "HU"),
    )


@pytest.fixture(scope="session")
def real_pair(real_data: Path) -> dict[str, Image]:
    """A real T1 MR, its CT on the MR's grid, and the tissue both show."""
    folder = real_data / "mr_ct_pairs" / "STS_010"
    mr = load(folder / "MR_T1_image.nii.gz", "T1", "1")
    ct = load(folder / "CT_image.nii.gz", "CT", "HU")
    on_mr, _ = resample_to(ct, mr)
    mask = tissue_of_both(mr.voxels, on_mr.voxels)
    return {"T1": mr, "CT": ct, "CT on T1": on_mr, "mask": mr.with_voxels(mask.astype(np.uint8))}


def load(path: Path, modality: str, unit: str) -> Image:
    nifti: Any = nib.load(path)
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ nifti.affine
    return Image(np.asarray(nifti.dataobj, dtype=np.float32).T, affine, modality, unit)
