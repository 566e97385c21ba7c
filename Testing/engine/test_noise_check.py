"""The noise of a CT and the dose it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.engine.noise_check import noise_check
from SynthCore.image import Image, make_affine


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
