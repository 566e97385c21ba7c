"""The learned model of the head, on real heads that it never saw, and on what is no head."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SynthCore.axes import toward_lps
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import RefusedError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.training.head.validate import BONE_HU, open_rays

pytestmark = pytest.mark.data

MS = "mr_multicontrast/open_ms_long_patient03_study2"


def thinned(image: Image) -> Image:
    """Every other pixel in the plane: the figures here do not need more."""
    affine = image.affine.copy()
    affine[:3, :2] *= 2
    return Image(
        np.ascontiguousarray(image.voxels[:, ::2, ::2]), affine, image.modality, image.unit
    )


@pytest.mark.parametrize(("role", "name"), [("T1", "T1W"), ("T2", "T2W")])
def test_a_real_head_gets_a_closed_skull_and_ct_numbers_of_its_tissues(
    real_data: Path, role: str, name: str
) -> None:
    image = thinned(read(real_data / MS / f"{name}.nii.gz", modality=role))
    result = synthesize("mr-to-ct", {role: image})
    assert result.record.model == "mr-to-ct-head"
    made = toward_lps(result.image)[0]
    hu = made.voxels.astype(np.float32)
    k, j, i = hu.shape
    center = (k * 0.55, j * 0.55, i * 0.5)
    assert open_rays(hu, made.spacing[::-1], center, rays=500) < 0.02
    brain = hu[int(center[0]), j // 2 - 8 : j // 2 + 16, i // 2 - 12 : i // 2 + 12]
    assert 10 < float(np.median(brain)) < 50
    assert 400 < float(np.median(hu[hu > BONE_HU])) < 1500
    assert float(np.median(hu[:, :3, :3])) < -900


@pytest.mark.parametrize(
    "path",
    [
        "mr_ct_pairs/STS_010/MR_T1_image.nii.gz",
        "ct/totalsegmentator_example_mr_sm.nii.gz",
        "mr_multicontrast/open_ms_cross_patient07/T1.nii.gz",
    ],
)
def test_limbs_abdomens_and_heads_without_a_skull_are_refused(real_data: Path, path: str) -> None:
    image = read(real_data / path, modality="T1")
    with pytest.raises(RefusedError, match="unlike what mr-to-ct-head"):
        synthesize("mr-to-ct", {"T1": image}, model="mr-to-ct-head")


@pytest.mark.parametrize("name", ["brain1", "brain2"])
def test_a_head_with_contrast_agent_is_not_refused(real_data: Path, name: str) -> None:
    image = read(real_data / f"tumour/pyradiomics/{name}_image.nrrd", modality="T1c")
    result = synthesize("mr-to-ct", {"T1c": thinned(image)})
    assert result.record.model == "mr-to-ct-head"
    middle = result.image.voxels[result.image.shape[0] // 2]
    assert float((middle > BONE_HU).mean()) > 0.02
