"""The learned super-resolution on a brain it was not trained on, thinned here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SynthCore.engine.synthesize import synthesize
from SynthCore.image import Image
from SynthCore.models.library import find_bundle
from SynthCore.training.super_resolution.thinned import BRAINS, Thinned, score, thinned
from SynthCore.training.super_resolution.validate import interpolated

MODEL = "super-resolution-mr-ct"
pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def case(real_data: Path) -> Thinned:
    """The middle of one brain: 16 thick slices of 4 mm."""
    patient, file, role = next(b for b in BRAINS if b[0].endswith("26") and b[2] == "T1")
    whole = thinned(real_data, patient, file, role, 4)
    rows, columns = slice(70, 102), slice(20, 116)

    def cut(image: Image, slices: slice) -> Image:
        affine = image.affine.copy()
        affine[:3, 3] = (affine @ (20.0, 70.0, slices.start, 1.0))[:3]
        return Image(image.voxels[slices, rows, columns], affine, role)

    mask = whole.mask[32:96, rows, columns]
    return Thinned(
        whole.name, 4, cut(whole.full, slice(32, 96)), cut(whole.thick, slice(8, 24)), mask
    )


def test_it_is_closer_to_the_original_than_a_b_spline_and_the_spline_model(case: Thinned) -> None:
    from SynthCore.physics.fine_grid import fine_grid

    learned, spline = (
        synthesize("super-resolution", {"T1": case.thick}, model=model).image
        for model in (MODEL, "super-resolution-spline")
    )
    assert learned.same_grid(case.full)
    psnr = {
        "learned": score(learned.voxels, case)["psnr_db"],
        "spline": score(spline.voxels, case)["psnr_db"],
        "b-spline": score(interpolated(case, fine_grid(case.thick).stack), case)["psnr_db"],
    }
    assert psnr["learned"] > psnr["spline"] + 0.6 > psnr["b-spline"] + 0.6
    means = learned.voxels.reshape(16, 4, *learned.shape[1:]).mean(axis=1)
    span = float(np.ptp(case.thick.voxels))
    assert np.abs(means - case.thick.voxels).max() < 1e-5 * span


def test_the_engine_chooses_it_and_its_card_holds_who_it_saw(case: Thinned) -> None:
    result = synthesize("super-resolution", {"T1": case.thick})
    assert result.record.model == MODEL
    assert result.record.checks[-1].outcome == "pass"
    training = find_bundle(MODEL).card.block["training"]
    trained = {p for data in training["data"] for p in data["patients"]}
    assert not trained & set(training["validation"])
    assert {patient for patient, *_ in BRAINS} <= set(training["validation"])
