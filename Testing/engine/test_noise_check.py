"""The noise of a CT and the dose it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.engine.checks import check_input
from SynthCore.engine.noise_check import UNKNOWN_SHARE, noise_check, share_taken
from SynthCore.engine.prepare import prepare, restore
from SynthCore.engine.synthesize import synthesize
from SynthCore.image import Image, make_affine
from SynthCore.models.classical import non_local_means
from SynthCore.models.library import find_bundle


def water(noise: float, inside: float = 40.0) -> Image:
    """A cylinder of soft tissue in air."""
    rng = np.random.default_rng(0)
    _, j, i = np.mgrid[:6, :128, :128]
    voxels = np.where(np.hypot(j - 64, i - 64) < 50, inside, -1000.0)
    voxels = voxels + rng.normal(0, noise, voxels.shape)
    return Image(voxels.astype(np.float32), make_affine((0.8, 0.8, 5.0)), "CT", "HU")


@pytest.mark.parametrize(("noise", "dose"), [(20.0, 25), (31.6, 10), (14.1, 50)])
def test_noise_tells_the_dose(noise: float, dose: float) -> None:
    check = noise_check(water(noise))
    assert check.outcome == "pass"
    assert check.value == pytest.approx(noise, rel=0.06)
    told = float(check.message.split("about ")[1].split("%")[0])
    assert told == pytest.approx(dose, rel=0.15)


def test_a_quiet_ct_is_no_low_dose() -> None:
    assert "routine dose" in noise_check(water(5.0)).message


def test_without_soft_tissue_nothing_is_told() -> None:
    check = noise_check(water(10.0, inside=1500.0))
    assert check.outcome == "pass" and check.value is None
    assert "too little soft tissue" in check.message


def filled(image: Image) -> Image:
    """With 0 beyond a circle, as if it had been soft tissue."""
    _, j, i = np.mgrid[:6, :128, :128]
    return image.with_voxels(np.where(np.hypot(j - 64, i - 64) < 60, image.voxels, 0))


@pytest.mark.parametrize("model", ["ct-denoise-nlm", "ct-denoise-body"])
def test_what_is_filled_with_tissue_has_no_part_in_the_noise(model: str) -> None:
    padded = filled(water(25.0))
    assert noise_check(padded).value == pytest.approx(25, rel=0.06)
    for plane in padded.voxels:
        assert non_local_means.noise_level(plane) == pytest.approx(28, rel=0.05)
    card = find_bundle(model).card
    checks = {c.name: c for c in check_input(card, "CT", padded)}
    assert checks["intensities of CT"].outcome == "warn"


def test_a_ct_without_noise_is_told() -> None:
    check = noise_check(water(0.0))
    assert check.outcome == "warn" and check.value == 0
    assert "no noise to take away" in check.message
    steps = water(0.0)
    for n in range(4):
        steps.voxels[:, 40:80, 40 + 8 * n : 48 + 8 * n] = 300 * (n + 1)
    made = synthesize("ct-denoise", {"CT": steps}, model="ct-denoise-nlm")
    assert check.message in made.warnings


@pytest.mark.parametrize(
    ("noise", "share"), [(31.6, 0.9), (20.0, 0.75), (14.1, 0.5), (6.0, 0.5), (90.0, 0.95)]
)
def test_the_more_noise_the_larger_the_share_that_is_taken(noise: float, share: float) -> None:
    assert share_taken(water(noise), 10.0) == pytest.approx(share, abs=0.04)


def test_a_noisier_full_dose_keeps_more() -> None:
    assert share_taken(water(30.0), 15.0) < share_taken(water(30.0), 10.0) - 0.1


def test_where_noise_cannot_be_measured_the_share_is_between() -> None:
    assert share_taken(water(10.0, inside=1500.0), 10.0) == UNKNOWN_SHARE


def test_the_learned_model_makes_that_share_of_its_change() -> None:
    card = find_bundle("ct-denoise-body").card
    image = water(31.6)
    prepared = prepare(card, {"CT": image}, np.ones(image.shape, dtype=bool))
    assert prepared.share == pytest.approx(0.9, abs=0.02)
    change = np.ones(image.shape, dtype=np.float32)
    made = restore(card, prepared, change, np.ones(image.shape, dtype=bool))
    inside = image.voxels > -1000
    wanted = card.output.scale * prepared.share
    assert np.allclose((made - image.voxels)[inside], wanted, atol=1e-3)
