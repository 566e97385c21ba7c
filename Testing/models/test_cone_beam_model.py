"""`cbct-to-ct-body` on simulated scans of patients it never saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SynthCore.engine.synthesize import synthesize
from SynthCore.models.library import find_bundle
from SynthCore.training.cone_beam.cases import Held, held_names, make_held
from SynthCore.training.cone_beam.validate import baseline, score, uncorrected

MODEL = "cbct-to-ct-body"


@pytest.fixture(scope="module", params=[("CRLM-CT-1004", "small field"), ("STS_023", "limb")])
def case(request: pytest.FixtureRequest, real_data: Path) -> Held:
    assert request.param in held_names(real_data)
    return make_held(real_data, *request.param, slices=3)


def test_it_is_chosen_and_better_than_the_scan_and_the_correction(case: Held) -> None:
    made = synthesize("cbct-to-ct", {"CBCT": case.cbct})
    assert made.record.model == MODEL
    ours = score(case, made.image, MODEL).figures
    for other in (uncorrected, baseline):
        theirs = score(case, other(case.cbct), other.__name__).figures
        assert ours["mae_hu"] < 0.9 * theirs["mae_hu"]
        assert abs(ours["me_bone_hu"]) < abs(theirs["me_bone_hu"])
    # contrast medium lifts these organs, and they are not taken for shading
    assert ours["me_soft_tissue_hu"] > -40
    outside = case.cbct.voxels == -1000
    corner = np.zeros_like(outside)
    corner[:, :8, :8] = True
    assert np.array_equal(made.image.voxels[outside & corner], case.cbct.voxels[outside & corner])


def test_nobody_it_is_judged_by_was_trained_on() -> None:
    training = find_bundle(MODEL).card.block["training"]
    seen = {patient for data in training["data"] for patient in data["patients"]}
    assert not seen & set(training["validation"])
    assert {"CRLM-CT-1004", "STS_002", "training_seg_18"} <= set(training["validation"])
