"""What a model is not made for is refused, and for its own reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from SynthCore.engine.coverage_check import check_coverage
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import RefusedError
from SynthCore.image import Image, make_affine
from SynthCore.models.classical.base import Job
from SynthCore.models.library import find_bundle
from SynthCore.models.methods import load_method
from Testing.cli.studies import limb

AFFINE = make_affine((1.0, 1.0, 3.0), (-20, -24, 0))


@pytest.mark.parametrize(("given", "target"), [("T1", "T2"), ("T2", "PD")])
def test_a_baseline_of_heads_refuses_a_limb_whoever_asks(given: str, target: str) -> None:
    image = Image(limb((5, 60, 70)).astype(np.float32), AFFINE, given)
    for model in (None, "mr-sequence-regression"):
        with pytest.raises(RefusedError, match=r"unlike .* Nothing was made"):
            synthesize("mr-sequence", {given: image}, target=target, model=model)
    bundle = find_bundle("mr-sequence-regression")
    made = load_method(bundle)(Job({given: image}, target, image.voxels > 0))
    assert made.shape == image.shape and np.ptp(made) > 0


def test_an_input_of_another_place_is_refused_and_a_short_one_told() -> None:
    first = Image(limb((10, 60, 70)).astype(np.float32), AFFINE, "T1")
    for slices, millimeters, outcome, share in (
        (10, 500.0, "refuse", 0.0),
        (4, 0.0, "refuse", 0.4),
        (8, 0.0, "warn", 0.8),
        (12, 0.0, "pass", 1.0),
    ):
        affine = AFFINE.copy()
        affine[:3, 3] += (millimeters, 0, 0)
        other = Image(limb((slices, 60, 70)).astype(np.float32), affine, "T2")
        (check,) = check_coverage({"T1": first, "T2": other})
        assert check.outcome == outcome and check.value == pytest.approx(share, abs=0.11)
    assert check_coverage({"T1": first, "T2": replace(first, modality="T2")}) == ()
    affine = AFFINE.copy()
    affine[0, 3] += 900
    far = replace(first, affine=affine, modality="T2")
    with pytest.raises(RefusedError, match="T2 covers 0% of what T1 shows"):
        synthesize("mr-sequence", {"T1": first, "T2": far}, target="FLAIR")


@pytest.mark.parametrize(
    ("voxels", "why"),
    [
        ((limb((5, 60, 70)) > 100).astype(np.uint8), "holds 2 values, as a label map does"),
        (limb((5, 60, 70)) - 1200.0, "look like CT numbers, not MR"),
        ((limb((5, 60, 70)) - 200.0) / 300, "most of an MR lies above 0; add a constant"),
    ],
)
def test_what_is_no_mr_is_named_for_what_it_is(voxels: np.ndarray, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        synthesize("mr-to-ct", {"T1": Image(voxels, AFFINE, "T1")})
