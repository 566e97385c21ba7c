"""Padding of CT below vacuum: what is made of it, and what it must not do to tissue beside it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from SynthCore.engine.preview import preview
from SynthCore.engine.ready import make_ready
from SynthCore.engine.warm import Warm
from SynthCore.image import Image, make_affine
from SynthCore.physics.fine_grid import fine_grid
from SynthCore.physics.thick_slices import along_first
from SynthCore.request import SynthesisRequest
from Testing.engine.test_super_resolve import SPLINE, finer


def test_noise_and_streaks_below_vacuum_are_no_padding() -> None:
    rng = np.random.default_rng(0)
    air = rng.normal(-1000, 60, (6, 48, 48)).astype(np.float32)
    air[2:4, 20:30, 20:30] = -1500
    air[:, :, 32:] += 1040  # tissue
    image = Image(air, make_affine((1.0, 1.0, 4.0)), "CT", "HU")
    found = finer(image, SPLINE)
    assert not any("padding" in told for told in found.warnings)
    back = along_first(fine_grid(image).stack.means, found.image.voxels)
    assert np.abs(back - air).max() < 0.5


def test_what_ran_before_changes_no_body_beside_padding() -> None:
    rng = np.random.default_rng(0)
    voxels = rng.normal(40, 10, (6, 48, 48)).astype(np.int16)
    voxels[:, :, :10] -= 1040
    for k in range(6):
        voxels[k, : 6 + 4 * k] = -3024
    image = Image(voxels, make_affine((1.0, 1.0, 4.0)), "CT", "HU")
    request = SynthesisRequest("super-resolution", {"CT": image}, model=SPLINE)
    warm = Warm()
    make_ready(SynthesisRequest("ct-denoise", {"CT": image}, model="ct-denoise-nlm"), warm, None,
               None)  # fmt: skip
    after, cold = (make_ready(request, one, None, None).body for one in (warm, Warm()))
    assert np.array_equal(after, cold)


@pytest.mark.parametrize("model", [SPLINE, "super-resolution-mr-ct"])
def test_padding_below_vacuum_makes_no_steps_in_tissue(model: str) -> None:
    """Its edge lies elsewhere in each slice, as where the gantry was tilted."""
    rng = np.random.default_rng(0)
    tissue = gaussian_filter(rng.normal(size=(9, 64, 64)), 1.5)
    tissue = (40 + 20 * tissue / tissue.std()).round().astype(np.int16)
    tissue[:, -8:] = -1000
    padded = tissue.copy()
    for k in range(9):
        padded[k, : 6 + 4 * k] = -3024
    affine = make_affine((1.0, 1.0, 4.0))
    image = Image(padded, affine, "CT", "HU")
    found = finer(image, model)
    assert any(
        "is padding, down to -3024 HU: in the result it is -1024 HU" in told
        for told in found.warnings
    )
    assert found.checks[-1].outcome == "pass"
    made = found.image.voxels
    shown = padded > -3024
    back = along_first(fine_grid(image).stack.means, made)
    assert np.abs(back - padded)[shown].max() < 1
    scanned = np.repeat(shown, 4, axis=0)
    assert (made[~scanned] == -1024).all()
    inside = scanned[:, :-16]
    whole = finer(image.with_voxels(tissue), model).image.voxels[:, :-16]
    assert np.abs(made[:, :-16] - whole)[inside].max() < 60, "the step was 2000 HU and more"
    request = SynthesisRequest("super-resolution", {"CT": image}, model=model)
    one = preview(request, (0.0, 0.0, 16.0)).image.voxels[0]
    assert np.array_equal(one == -1024, ~scanned[17]) or np.array_equal(one == -1024, ~scanned[18])
    assert one[:-16].max() < 200
