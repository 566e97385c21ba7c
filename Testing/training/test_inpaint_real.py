"""The inpainting model on a real head that it was not trained on."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from SynthCore.engine.synthesize import find_body, synthesize
from SynthCore.errors import RefusedError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.models.library import find_bundle
from SynthCore.training.inpaint.regions import Region, regions
from SynthCore.training.inpaint.validate import score

pytestmark = pytest.mark.data

HEAD = ("open_ms_long_patient04", "T1")
MODEL, BASELINE = "inpaint-brain", "inpaint-biharmonic"


@cache
def region_of(data: Path) -> Region:
    """A region as large as a glioma in the healthy tissue of one head."""
    found = list(regions(data, (HEAD[0],), ("glioma",), {HEAD}))
    if not found:
        pytest.skip(f"{HEAD[0]} is not among the real images")
    return found[0]


@cache
def filled(data: Path, model: str | None) -> tuple[Image, str]:
    region = region_of(data)
    mask = region.image.with_voxels(region.mask.astype(np.uint8), modality="", unit="")
    made = synthesize("inpaint", {HEAD[1]: region.image}, mask=mask, model=model)
    return made.image, str(made.card["id"])


def test_the_learned_model_is_the_default_for_a_head(real_data: Path) -> None:
    assert filled(real_data, None)[1] == MODEL


def test_nothing_changes_outside_of_the_region(real_data: Path) -> None:
    region, made = region_of(real_data), filled(real_data, None)[0]
    given = region.image.voxels
    assert np.array_equal(made.voxels[~region.mask], given[~region.mask].astype(made.voxels.dtype))
    assert (made.voxels[region.mask] != given[region.mask]).mean() > 0.95


def test_it_is_closer_to_the_tissue_than_its_baseline_and_shows_no_edge(real_data: Path) -> None:
    region = region_of(real_data)
    learned, classical = (score(filled(real_data, m)[0], region) for m in (None, BASELINE))
    assert learned["psnr_db"] > classical["psnr_db"] + 0.5
    assert learned["ssim"] > classical["ssim"]
    assert learned["border"] < 1


def test_its_validation_patients_were_not_trained_on() -> None:
    training = find_bundle(MODEL).card.block["training"]
    trained = {patient for one in training["data"] for patient in one["patients"]}
    assert HEAD[0] in training["validation"]
    assert not trained & set(training["validation"])


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("T1", "mr_ct_pairs/STS_002/MR_T1_image.nii.gz"),
        ("CT", "mr_ct_pairs/STS_002/CT_image.nii.gz"),
    ],
)
def test_a_limb_is_refused(real_data: Path, role: str, path: str) -> None:
    if not (real_data / path).is_file():
        pytest.skip(f"{path} is not among the real images")
    image = read(real_data / path, modality=role)
    region = np.zeros(image.shape, dtype=np.uint8)
    inside = np.argwhere(find_body(image))
    k, j, i = inside[len(inside) // 2]
    region[k, j : j + 10, i : i + 10] = 1
    mask = image.with_voxels(region, modality="", unit="")
    with pytest.raises(RefusedError, match="unlike"):
        synthesize("inpaint", {role: image}, mask=mask, model=MODEL)
