"""What a model is not made for is refused, and for its own reason."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import CTImageStorage

from SynthCore.engine.coverage_check import check_coverage
from SynthCore.engine.role_checks import like_ct, role_checks
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import RefusedError
from SynthCore.image import Image, Source, make_affine
from SynthCore.models.classical.base import Job
from SynthCore.models.library import find_bundle
from SynthCore.models.methods import load_method
from Testing.cli.studies import limb


def scaled_inside(voxels: np.ndarray) -> np.ndarray:
    """Scaled around the mean of the tissue, with air left at 0."""
    tissue = voxels > 100
    return np.where(tissue, (voxels - voxels[tissue].mean()) / voxels[tissue].std(), 0)


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
        (scaled_inside(limb((5, 60, 70))), "most of an MR lies above 0; add a constant"),
    ],
)
def test_what_is_no_mr_is_named_for_what_it_is(voxels: np.ndarray, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        synthesize("mr-to-ct", {"T1": Image(voxels, AFFINE, "T1")})


def ct(air: float = -1000.0) -> np.ndarray:
    """A trunk of fat, soft tissue and bone in air, with noise: [k, j, i] in HU."""
    _, j, i = np.mgrid[:6, :80, :90]
    away = np.hypot((j - 40) / 30, (i - 45) / 36)
    voxels = np.select([away < 0.15, away < 0.8, away < 1], [700.0, 50.0, -100.0], air)
    return voxels + np.random.default_rng(0).normal(0, 8, voxels.shape)


CORNERS = np.hypot(*(np.mgrid[:80, :90] - np.array([40, 45]).reshape(2, 1, 1))) > 44
INSIDE = np.s_[:, 30:50, 60:75]


@pytest.mark.parametrize("role", ["CT", "CBCT"])
@pytest.mark.parametrize(
    ("voxels", "outcome", "why"),
    [
        (ct(), "pass", "runs from"),
        (ct() + 1024, "refuse", "offset of 1024"),
        (np.where(CORNERS, -1000, ct() + 1024), "refuse", "lies at 850 to 1200 HU"),
        (np.where(CORNERS, 0, ct().clip(-1000) + 1024), "refuse", "offset of 1024 .* or be an MR"),
        (limb((6, 80, 90)) * 3, "refuse", "offset of 1024 .* or be an MR"),
        (np.clip(limb((6, 80, 90)), 0, 900), "refuse", "these are not CT numbers in HU"),
        (np.clip(ct(), -1000, 1000) / 1000, "refuse", "these are not CT numbers in HU"),
        (np.where(CORNERS, 0, ct(-120.0)), "refuse", "without any air: .* filled with 0; then"),
        (ct()[INSIDE], "warn", "no air is seen"),
        (np.where(ct() > -500, ct() / 10 + 950, -1000), "warn", "lies at 850 to 1200 HU"),  # Teflon
        (np.where(ct() > -500, ct() + 900, ct()), "warn", "lies at 850 to 1200 HU"),
    ],
)
def test_ct_numbers_are_refused_for_their_own_reason(
    role: str, voxels: np.ndarray, outcome: str, why: str
) -> None:
    _, check = role_checks(role, Image(voxels.astype(np.float32), AFFINE, role, "HU"))
    assert check.outcome == outcome
    assert re.search(why, check.message), check.message


def test_what_is_dense_may_be_filled_as_well() -> None:
    voxels = np.where(CORNERS, 0, np.where(ct() > -500, ct() + 900, ct())).astype(np.float32)
    _, check = role_checks("CBCT", Image(voxels, AFFINE, "CBCT", "HU"))
    assert check.outcome == "refuse" and "filled with 0" in check.message


def test_a_filling_of_tissue_is_refused_in_a_cone_beam_and_told_in_a_ct() -> None:
    voxels = np.where(CORNERS, 0, ct()).astype(np.float32)
    for role, outcome in (("CBCT", "refuse"), ("CT", "warn")):
        _, check = role_checks(role, Image(voxels, AFFINE, role, "HU"))
        assert check.outcome == outcome and "filled with 0" in check.message


def test_gas_in_a_ct_of_soft_tissue_shows_that_it_is_no_mr() -> None:
    voxels = ct()[INSIDE].copy()
    voxels.reshape(-1)[:3] = -950  # 0.2 % of it
    image = Image(voxels.astype(np.float32), AFFINE, "T1")
    assert like_ct(image)
    assert role_checks("T1", image)[1].outcome == "refuse"


def test_an_undershoot_of_large_numbers_is_no_ct() -> None:
    voxels = limb((5, 60, 70)).astype(np.float32) * 20
    edge = np.random.default_rng(1).random(voxels.shape) < 0.003
    image = Image(np.where(edge, -1500, voxels).astype(np.float32), AFFINE, "T1")
    assert not like_ct(image)
    assert role_checks("T1", image)[1].outcome == "pass"
    assert like_ct(Image(ct().astype(np.float32), AFFINE, "T1"))


@pytest.mark.parametrize(("description", "warned"), [("Abdomen 5 mm", True), ("CBCT Fx 3", False)])
def test_a_diagnostic_ct_given_as_a_cone_beam_is_told(description: str, warned: bool) -> None:
    header = Dataset()
    header.SOPClassUID, header.Modality = CTImageStorage, "CT"
    header.SeriesDescription = description
    source = Source("dicom", headers=(header,))
    image = Image(ct().astype(np.float32), AFFINE, "CBCT", "HU", source)
    result = synthesize("cbct-to-ct", {"CBCT": image}, model="cbct-to-ct-correction")
    assert any("If it is a diagnostic CT, use it as it is" in w for w in result.warnings) is warned
