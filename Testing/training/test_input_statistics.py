"""What the input statistics tell apart, on real images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from SynthCore.engine.checks import check_input
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.models.input_statistics import distance, features, fit, unlike
from SynthCore.models.library import find_bundle
from SynthCore.physics.ct_dose import simulate_low_dose
from SynthCore.physics.ct_noise_level import match_fluence
from SynthCore.training.cone_beam.data import FACTORS
from SynthCore.training.denoise.validate import abdomen
from SynthCore.training.extremity.data import mr_statistics
from SynthCore.training.extremity.recipe import RECIPE as EXTREMITY
from SynthCore.training.inpaint.statistics import LIMBS
from SynthCore.training.pairs import list_patients, read_pair

HEADS = (
    "mr_multicontrast/open_ms_long_patient01_study1/T1W.nii.gz",
    "mr_multicontrast/open_ms_long_patient03_study2/T1W.nii.gz",
    "mr_multicontrast/open_ms_cross_patient07/T1.nii.gz",
    "mr_multicontrast/cstar_stroke/T1.nii.gz",
    "mr_multicontrast/brainlesion_AURORA/t1.nii.gz",
    "tumour/TCGA-FG-6692_brats/t1.nii.gz",
    "tumour/pyradiomics/brain1_image.nrrd",
    "tumour/pyradiomics/brain2_image.nrrd",
)
ABDOMEN_MR = "ct/totalsegmentator_example_mr_sm.nii.gz"
CHEST_CT = "ct/LIDC-IDRI-0314_chest_3mm.nii.gz"

Judge = Callable[[Image], str]


def _judge(statistics: dict[str, Any]) -> Judge:
    def judge(image: Image) -> str:
        found = distance(features(image), statistics)
        refused, warned = found > statistics["refuse"], found > statistics["warn"]
        return "refuse" if refused else "warn" if warned else "pass"

    return judge


@pytest.fixture(scope="module")
def extremity(real_data: Path) -> Judge:
    patients = [p for p in list_patients(real_data) if p not in EXTREMITY.validation]
    return _judge(mr_statistics([read_pair(real_data, patient) for patient in patients]))


@pytest.fixture(scope="module")
def body_ct() -> Judge:
    """By the published card: what decides for a user."""
    return _judge(dict(find_bundle("ct-denoise-body").card.input_statistics["CT"]))


@pytest.mark.data
def test_limbs_that_were_never_trained_on_pass(real_data: Path, extremity: Judge) -> None:
    said = [extremity(read_pair(real_data, patient).mr) for patient in EXTREMITY.validation]
    assert said.count("refuse") == 0 and said.count("warn") <= 1


@pytest.mark.data
@pytest.mark.parametrize("name", [*HEADS, ABDOMEN_MR])
def test_heads_and_an_abdomen_are_refused(real_data: Path, extremity: Judge, name: str) -> None:
    assert extremity(read(real_data / name, modality="T1")) == "refuse"


@pytest.mark.data
def test_no_limb_passes_as_a_head_and_every_head_does(real_data: Path) -> None:
    card = find_bundle("inpaint-brain").card

    def refusals(image: Image) -> list[str]:
        return [c.message for c in check_input(card, "T1", image) if c.outcome == "refuse"]

    patients = list_patients(real_data)
    assert len(patients) == 22
    said = {patient: refusals(read_pair(real_data, patient).mr) for patient in patients}
    assert all(said.values())
    assert "more like a limb than like what inpaint-brain was trained on" in said["STS_010"][0]
    for name in HEADS:
        assert refusals(read(real_data / name, modality="T1")) == []


def test_a_card_holds_what_its_images_are_unlike() -> None:
    known = find_bundle("inpaint-brain").card.input_statistics
    limbs = find_bundle(LIMBS[0]).card.input_statistics[LIMBS[1]]
    for role in ("T1", "T1c", "T2", "FLAIR", "PD"):
        assert known[role]["unlike"] == unlike("limb", limbs)
    assert "unlike" not in known["CT"]


@pytest.mark.data
def test_what_is_no_scan_is_refused_as_cone_beam_ct(real_data: Path) -> None:
    known = dict(find_bundle("cbct-to-ct-body").card.input_statistics["CBCT"])
    assert known["refuse"] / known["warn"] == pytest.approx(FACTORS[1] / FACTORS[0], rel=1e-3)
    scan = _judge(known)
    chest = read(real_data / CHEST_CT, modality="CT")
    some = Image(chest.voxels[10:26].astype(np.float32), chest.affine, "CBCT", "HU")
    noise = np.random.default_rng(0).uniform(-1000, 1000, some.shape)
    head = read(real_data / HEADS[1], modality="T1").voxels[:16].astype(np.float32)
    shifted = Image(head - 1000, chest.affine, "CBCT", "HU")
    for wrong in (some.with_voxels(noise), some.with_voxels(-some.voxels), shifted):
        assert scan(wrong) == "refuse"
    assert scan(some) == "pass"
    for patient in list_patients(real_data):
        assert scan(read_pair(real_data, patient).ct) == "pass"


@pytest.mark.data
def test_a_ct_given_as_t1_is_refused(real_data: Path, extremity: Judge) -> None:
    ct = read_pair(real_data, "STS_010").ct
    assert extremity(ct) == "refuse"
    assert extremity(ct.with_voxels(ct.voxels + 1000)) == "refuse"


@pytest.mark.data
def test_units_and_size_of_the_mr_do_not_matter(real_data: Path, extremity: Judge) -> None:
    mr = read_pair(real_data, "STS_010").mr
    assert extremity(mr.with_voxels(mr.voxels * 0.013)) == extremity(mr) == "pass"


@pytest.mark.data
def test_body_ct_passes_at_any_dose(real_data: Path, body_ct: Judge) -> None:
    full = abdomen(real_data)
    some = Image(full.voxels[::10], full.affine, "CT", "HU")
    scanner = match_fluence(full.voxels, full.spacing[:2], seed=0, slice_thickness_mm=5.0)
    for dose in (1.0, 0.25, 0.1):
        voxels = simulate_low_dose(
            some.voxels, full.spacing[:2], dose, seed=0, slice_thickness_mm=5.0, scanner=scanner
        )
        assert body_ct(some.with_voxels(voxels)) == "pass"
    assert body_ct(read(real_data / CHEST_CT, modality="CT")) == "pass"
    for patient in EXTREMITY.validation:
        assert body_ct(read_pair(real_data, patient).ct) == "pass"


@pytest.mark.data
def test_what_is_not_in_hu_is_refused_as_ct(real_data: Path, body_ct: Judge) -> None:
    full, mr = abdomen(real_data), read_pair(real_data, "STS_010").mr
    assert body_ct(full.with_voxels((full.voxels + 1024.0) / 3000.0)) == "refuse"
    assert body_ct(mr) == "refuse"
    assert body_ct(mr.with_voxels(mr.voxels - 500)) == "refuse"
    assert body_ct(read(real_data / HEADS[0], modality="T1")) == "refuse"


def test_an_image_without_values_has_finite_features() -> None:
    nothing = Image(np.full((3, 8, 8), np.nan), np.eye(4))
    assert all(np.isfinite(v) for v in features(nothing).values())


def test_a_missing_figure_counts_as_the_mean() -> None:
    rng = np.random.default_rng(0)
    training = [{"mr a": v, "mr b": 2 * v} for v in rng.normal(0, 1, 10)]
    statistics = fit(training, "mr")
    means = dict(zip(statistics["names"], statistics["mean"], strict=True))
    assert distance({}, statistics) == 0 == distance(means, statistics)
    assert distance({"mr a": 50.0}, statistics) > statistics["refuse"]
    with pytest.raises(ValueError, match="four"):
        fit(training[:3], "mr")
