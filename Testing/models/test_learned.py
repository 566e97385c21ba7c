"""The learned models beat their baselines on real patients they were not trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.engine.synthesize import find_body, synthesize
from SynthCore.errors import RefusedError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.quality.ct_numbers import tissue_errors
from SynthCore.quality.evaluate import evaluate
from SynthCore.quality.noise_power import noise_power, uniform_soft_tissue
from SynthCore.training.denoise.validate import ABDOMEN, abdomen, lowered
from SynthCore.training.extremity.reference import reference
from SynthCore.training.extremity.validate import score

pytestmark = pytest.mark.data


def test_denoising_a_real_abdomen_beats_the_noise_and_non_local_means(real_data: Path) -> None:
    if not (real_data / ABDOMEN).is_file():
        pytest.skip(f"{ABDOMEN.name} is not among the real images")
    whole = abdomen(real_data)
    full = Image(whole.voxels[17:25].astype(np.float32), whole.affine, "CT", "HU")
    body = full.with_voxels(find_body(full))
    flat = uniform_soft_tissue(full.voxels)
    texture = noise_power(full.voxels, full.spacing, flat)
    for dose in (0.1, 0.5):
        noisy = lowered(real_data, full, dose)
        images = {"noisy": noisy} | {
            model: synthesize("ct-denoise", {"CT": noisy}, model=model).image
            for model in ("ct-denoise-nlm", "ct-denoise-body")
        }
        found = {
            n: evaluate(i, full, preset="ldct-bench:abdomen", mask=body).metrics
            for n, i in images.items()
        }
        learned = found.pop("ct-denoise-body")
        for other in found.values():
            assert learned["psnr_db"] > other["psnr_db"] + 0.7
            assert learned["ssim"] > other["ssim"]
            assert learned["rmse_hu"] < other["rmse_hu"]
        made = images["ct-denoise-body"].voxels
        for tissue in tissue_errors(
            ndimage.gaussian_filter(made, (0, 1.5, 1.5)),
            ndimage.gaussian_filter(full.voxels, (0, 1.5, 1.5)),
            body.voxels > 0,
        ):
            assert abs(tissue.me) < 3, tissue
        # it leaves grain like that of the full dose, not a smooth image
        left = noise_power(made, full.spacing, flat)
        assert 0.6 * texture.noise < left.noise < 1.2 * texture.noise


def test_ct_from_mr_of_a_real_limb_beats_bulk_density(real_data: Path) -> None:
    """One of the five that were left out: `synthcore bench mr-to-ct` judges all."""
    truth = reference(real_data, "STS_010")
    rows = {
        model: score(synthesize("mr-to-ct", {"T1": truth.pair.mr}, model=model).image, truth, model)
        for model in ("mr-to-ct-extremity", "mr-to-ct-bulk-density")
    }
    learned, bulk = rows.values()
    assert learned.mae_hu < 0.85 * bulk.mae_hu
    assert learned.bone_dice > bulk.bone_dice
    assert learned.bone_dice > 0.45


@pytest.mark.parametrize(
    "path", ["tumour/pyradiomics/brain1_image.nrrd", "ct/totalsegmentator_example_mr_sm.nii.gz"]
)
def test_an_mr_of_another_part_of_the_body_is_refused(real_data: Path, path: str) -> None:
    image = read(real_data / path, modality="T1")
    with pytest.raises(RefusedError):
        synthesize("mr-to-ct", {"T1": image}, model="mr-to-ct-extremity")
