"""The learned correction of cone-beam CT beats the scan and its baseline on a limb left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SynthCore.engine.synthesize import synthesize
from SynthCore.image import Image
from SynthCore.models.library import find_bundle
from SynthCore.training.cone_beam.cases import Held, held_names, make_held

pytestmark = pytest.mark.data

LEARNED, CLASSICAL = "cbct-to-ct-body", "cbct-to-ct-correction"


def error(image: Image, case: Held) -> float:
    """Mean absolute error in the body within the field of view, HU."""
    inside = np.asarray(case.mask.voxels, dtype=bool)
    return float(np.abs(image.voxels - case.ct.voxels)[inside].mean())


def test_a_limb_left_out_comes_nearer_to_its_ct(real_data: Path) -> None:
    patient, scan = "STS_010", "limb"
    if (patient, scan) not in held_names(real_data):
        pytest.skip(f"{patient} is not among the real images")
    assert patient in find_bundle(LEARNED).card.block["training"]["validation"]
    case = make_held(real_data, patient, scan, 3)
    made = {
        model: synthesize("cbct-to-ct", {"CBCT": case.cbct}, model=model).image
        for model in (LEARNED, CLASSICAL)
    }
    assert error(made[LEARNED], case) < 0.95 * error(case.cbct, case)
    assert error(made[LEARNED], case) < error(made[CLASSICAL], case)
    unseen = case.cbct.voxels == -1000
    assert made[LEARNED].voxels[unseen].max(initial=-1024) < -800
