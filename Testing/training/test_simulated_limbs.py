"""MR simulated from a limb's CT: the right tissues are bright, and it lies where the CT lies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.training.cases import Case
from SynthCore.training.extremity.simulated import SimulatedSampler, limb, signal
from SynthCore.training.pairs import HU_SCALE, Pair
from Testing.training.test_registration import _leg

TISSUES = {"fat": (-140, -70), "muscle": (30, 90), "cortex": (800, 3000), "air": (-1100, -900)}


@pytest.fixture(scope="module")
def a_case() -> tuple[Image, Case]:
    mr, ct = _leg()
    return ct, limb(Pair("leg", mr, ct))


def _parts(case: Case) -> list[np.ndarray]:
    return [part[10:15] for part in case.inputs]


def _inner(ct: Image, name: str) -> np.ndarray:
    low, high = TISSUES[name]
    quiet = ndimage.median_filter(ct.voxels, (3, 3, 3))
    where = ((quiet > low) & (quiet < high))[10:15]
    inner: np.ndarray = ndimage.binary_erosion(where, np.ones((1, 3, 3)))
    return inner


def test_a_voxel_is_water_or_fat_and_cortex_is_neither(a_case: tuple[Image, Case]) -> None:
    ct, case = a_case
    water, fat, marrow = _parts(case)
    assert fat[_inner(ct, "fat")].mean() > 0.95
    assert water[_inner(ct, "muscle")].mean() > 0.95
    assert (water + fat + marrow)[_inner(ct, "cortex")].max() < 0.35
    assert (water + fat + marrow)[_inner(ct, "air")].max() == 0
    assert (water + fat + marrow).max() <= 1.0


def test_fat_is_brighter_than_muscle_in_every_drawn_scan(a_case: tuple[Image, Case]) -> None:
    ct, case = a_case
    ratios = []
    for seed in range(20):
        made = signal(np.random.default_rng(seed), *_parts(case))
        fat, muscle, cortex = (
            float(np.median(made[_inner(ct, name)])) for name in ("fat", "muscle", "cortex")
        )
        assert fat > muscle > 2 * cortex
        ratios.append(fat / muscle)
    assert max(ratios) > 1.4 * min(ratios), "scanners and patients differ"


def test_noise_of_the_ct_is_not_told(a_case: tuple[Image, Case]) -> None:
    """What MR does not show must not be learned from an MR made of it."""
    ct, case = a_case
    muscle = _inner(ct, "muscle")
    own = case.target[10:15][muscle] * HU_SCALE
    made = signal(np.random.default_rng(3), *_parts(case))[muscle]
    assert own.std() < 6, "the target is quiet"
    assert abs(np.corrcoef(own, made)[0, 1]) < 0.2


def test_batches_are_drawn_again_from_the_same_seed(a_case: tuple[Image, Case]) -> None:
    _, case = a_case
    sampler = SimulatedSampler([case], slices=5, batch=4, patch=48, at_points=0.5)
    one, two = (sampler.draw(np.random.default_rng(7)) for _ in range(2))
    assert one.x.shape == (4, 5, 48, 48)
    assert one.y.shape == one.weight.shape == (4, 1, 48, 48)
    assert np.array_equal(one.x.numpy(), two.x.numpy())
    assert float(one.x.min()) >= 0 and float(one.x.max()) <= 1.5
    assert sampler.patients == ["leg"]
    other = sampler.draw(np.random.default_rng(8))
    assert not np.array_equal(one.x.numpy(), other.x.numpy())
