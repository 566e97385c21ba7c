"""Crops to learn denoising from: the right noise for the dose, and nothing else in the target."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from SynthCore.training.denoise.slabs import CHANGE_SCALE_HU, CT_NORMALIZATION, Slabs
from SynthCore.training.dose_range import sampler as module
from SynthCore.training.dose_range.noise import draw_noise
from SynthCore.training.dose_range.objects import CONTRAST_HU, MOST, draw_objects
from SynthCore.training.dose_range.sampler import DoseRangeSampler

OWN_HU = 9.0
AREA = np.s_[0:64, 0:64]


@pytest.fixture(scope="module")
def slab() -> Slabs:
    rng = np.random.default_rng(0)
    quiet = np.full((9, 80, 72), 40.0, np.float32)
    own = rng.normal(0, OWN_HU, quiet.shape).astype(np.float32)
    fields = rng.normal(0, 1, (3, *quiet.shape)).astype(np.float16)
    return Slabs("LIDC-1", quiet + own, quiet, OWN_HU, fields)


def drawn(slab: Slabs, seeds: range = range(200)) -> list[np.ndarray]:
    slices = np.array([2, 3, 4, 5, 6])
    return [draw_noise(np.random.default_rng(n), slab.noise, slices, AREA) for n in seeds]


def test_noise_keeps_its_strength_however_it_is_made(slab) -> None:
    deviations = [noise.std() for noise in drawn(slab)]
    assert min(deviations) > 0.93 and max(deviations) < 1.07


def test_some_noise_is_softer_and_some_goes_along_the_slices(slab) -> None:
    made = drawn(slab)
    neighbors = [float((n[:, :, 1:] * n[:, :, :-1]).mean()) for n in made]
    slices = [float((n[1:] * n[:-1]).mean()) for n in made]
    for correlation in (neighbors, slices):
        assert np.quantile(correlation, 0.3) < 0.05
        assert 0.3 < max(correlation) < 0.9


def test_a_slice_that_repeats_has_the_same_noise_again(slab) -> None:
    for seed in range(30):
        slices = np.array([0, 0, 0, 1, 2])
        noise = draw_noise(np.random.default_rng(seed), slab.noise, slices, AREA)
        assert np.array_equal(noise[0], noise[1]) and np.array_equal(noise[1], noise[2])
        assert not np.array_equal(noise[2], noise[3])


def test_objects_are_faint_smooth_and_pass_through_slices() -> None:
    made = [draw_objects(np.random.default_rng(n), 5, 64) for n in range(60)]
    strongest = [float(abs(one).max()) for one in made]
    assert max(strongest) <= MOST * CONTRAST_HU[1]
    assert min(strongest) < 8 and max(strongest) > 20
    assert np.mean([(abs(one) > 1).any(axis=(1, 2)).sum() > 1 for one in made]) > 0.7
    # an edge takes more than one pixel, as everything in CT does
    steep = [abs(np.diff(one, axis=2)).max() / max(abs(one).max(), 1e-6) for one in made]
    assert np.quantile(steep, 0.8) < 0.7


def test_the_noise_fits_the_dose_and_the_full_dose_is_the_target(slab, monkeypatch) -> None:
    monkeypatch.setattr(module, "WITH_OBJECTS", 0.0)
    monkeypatch.setattr(module, "DOSES", (0.1, 0.1))
    monkeypatch.setattr(module, "FULL_DOSE_HU", (OWN_HU, OWN_HU))
    batch = DoseRangeSampler([slab], 3, 16, 64).draw(np.random.default_rng(1))
    assert batch.x.shape == (16, 3, 64, 64) and batch.y.shape == (16, 1, 64, 64)
    low = batch.x[:, 1:2] * CT_NORMALIZATION.scale
    full = low + batch.y * CHANGE_SCALE_HU
    # a tenth of the dose: nine times the variance is added to the full dose's own
    assert float(batch.y.std()) * CHANGE_SCALE_HU == pytest.approx(3 * OWN_HU, rel=0.05)
    own = full - full.mean(dim=(2, 3), keepdim=True)
    assert float(own.std()) == pytest.approx(OWN_HU, rel=0.03)
    added = batch.y - batch.y.mean(dim=(2, 3), keepdim=True)
    assert abs(float((own * added).mean() / (own.std() * added.std()))) < 0.03


def test_a_noisier_patient_is_brought_to_the_noise_of_routine(slab) -> None:
    loud = Slabs("LIDC-2", slab.quiet + 4 * (slab.full - slab.quiet), slab.quiet, 36.0, slab.noise)
    batch = DoseRangeSampler([loud], 3, 32, 64).draw(np.random.default_rng(2))
    full = batch.x[:, 1:2] * CT_NORMALIZATION.scale + batch.y * CHANGE_SCALE_HU
    rough = [float((one - ndimage.gaussian_filter(one, 3)).std()) for one in full[:, 0].numpy()]
    assert min(rough) > 5.0 and max(rough) < 14.0


def test_the_same_stream_draws_the_same_batch(slab) -> None:
    sampler = DoseRangeSampler([slab], 5, 3, 96)
    first, again = (sampler.draw(np.random.default_rng((0, 4))) for _ in range(2))
    assert torch.equal(first.x, again.x) and torch.equal(first.y, again.y)
    other = sampler.draw(np.random.default_rng((0, 5)))
    assert not torch.equal(first.x, other.x)
    assert sampler.patients == ["LIDC-1"]
