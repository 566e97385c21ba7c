"""A lesion placed in a real brain and one removed from it, where the images are there."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from SynthCore.axes import toward_lps
from SynthCore.errors import RefusedError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.lesions.anatomy import brain_doubt
from SynthCore.lesions.place import place
from SynthCore.lesions.remove import remove
from SynthCore.lesions.wish import LesionWish

DATA = Path(os.environ.get("SLICERSYNTH_DATA", "../shared/data"))
CASE = DATA / "mr_multicontrast" / "open_ms_cross_patient26"
ROLES = ("T1", "FLAIR")
PART = slice(75, 115)

pytestmark = pytest.mark.skipif(not CASE.is_dir(), reason=f"no real images at {DATA}")


def cut(image: Image, role: str) -> Image:
    """The middle slices, to be quick."""
    affine = image.affine.copy()
    affine[:3, 3] += affine[:3, 2] * PART.start
    return Image(image.voxels[PART], affine, role)


@pytest.fixture(scope="module")
def images() -> dict[str, Image]:
    return {role: cut(read(CASE / f"{role}.nii.gz", modality=role), role) for role in ROLES}


def test_a_plaque_is_placed_beside_the_ventricles_of_a_real_brain(
    images: dict[str, Image],
) -> None:
    placed = place(images, LesionWish("ms-plaques", 0.8, seed=2))
    assert placed.volume_ml == pytest.approx(0.8, rel=0.02)
    inside = placed.mask.voxels > 0
    healthy = images["FLAIR"].voxels[inside]
    assert placed.images["FLAIR"].voxels[inside].mean() > 1.1 * healthy.mean()
    assert placed.images["T1"].voxels[inside].mean() < 0.97 * images["T1"].voxels[inside].mean()
    levels = placed.facts["levels"]
    assert 0.5 < levels["T1"]["gray"] / levels["T1"]["white"] < 0.9
    assert max(f["misfit"] for f in levels.values()) < 0.15


def test_lesions_of_a_real_brain_are_removed_and_the_rest_is_the_same(
    images: dict[str, Image],
) -> None:
    mask = cut(read(CASE / "lesion_mask.nii.gz"), "")
    flair = images["FLAIR"]
    found = remove({"FLAIR": flair}, mask, model="inpaint-biharmonic")
    made, wide = found.results["FLAIR"].image.voxels, found.mask.voxels > 0
    np.testing.assert_array_equal(made[~wide], flair.voxels[~wide])
    lesion = mask.voxels > 0
    assert made[lesion].mean() < 0.85 * flair.voxels[lesion].mean()
    assert found.anomaly["FLAIR"].voxels[lesion].mean() > 1


LIMBS = sorted((DATA / "mr_ct_pairs").glob("STS_*/MR_T1_image.nii.gz"))
BODIES = (
    DATA / "mr_ct_pairs" / "STS_010" / "CT_image.nii.gz",
    DATA / "ct" / "LIDC-IDRI-0314_chest_3mm.nii.gz",
    DATA / "ct" / "totalsegmentator_example_ct.nii.gz",
)


def test_no_limb_and_no_body_is_taken_for_a_brain() -> None:
    assert len(LIMBS) == 22
    for path, role, anatomy in [(p, "T1", "limb") for p in LIMBS] + [
        (p, "CT", "body") for p in BODIES
    ]:
        with pytest.raises(RefusedError, match=f"shows a {anatomy} and no brain"):
            brain_doubt(role, toward_lps(read(path, modality=role))[0])


@pytest.mark.parametrize("role", ["T1", "T1c", "T2", "FLAIR"])
def test_a_brain_is_one_in_every_sequence(role: str) -> None:
    assert brain_doubt(role, toward_lps(read(CASE / f"{role}.nii.gz", modality=role))[0]) == ""


def test_a_ct_is_no_t1() -> None:
    with pytest.raises(RefusedError, match=r"look like CT numbers, not MR\. Nothing"):
        place({"T1": read(BODIES[0], modality="T1")}, LesionWish("glioma", 5.0))
