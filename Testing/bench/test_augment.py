"""The experiment with placed lesions: its scores by hand, its crops, its trainings repeatable."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from SynthCore.bench.augment.cases import CHANNELS, PATIENTS, Case, as_case, read_real, slab
from SynthCore.bench.augment.network import BATCH, PATCH, Crops, predict, train
from SynthCore.bench.augment.score import interval, scores
from SynthCore.bench.augment.table import ARMS, METRICS, SEEDS, as_text, summarize


def blob(*places: tuple[int, int, int]) -> np.ndarray:
    """Cubes of 2 x 2 x 2 voxels."""
    mask = np.zeros((12, 12, 12), bool)
    for k, j, i in places:
        mask[k : k + 2, j : j + 2, i : i + 2] = True
    return mask


def test_scores_are_those_counted_by_hand() -> None:
    truth = blob((1, 1, 1), (1, 8, 8))
    found = blob((1, 1, 2), (8, 1, 8), (8, 8, 1))
    got = scores(found, truth, 0.008)
    assert got["dice"] == pytest.approx(2 * 4 / (16 + 24))
    assert got["lesion_sensitivity"] == 0.5
    assert got["lesion_precision"] == pytest.approx(1 / 3)
    assert got["true_ml"] == pytest.approx(0.128) and got["found_ml"] == pytest.approx(0.192)
    assert math.isnan(scores(~truth & False, truth, 1.0)["lesion_precision"])


def test_the_interval_is_that_of_seeds_within_folds() -> None:
    mean, low, high = interval({"a": [0.1, 0.1, 0.1], "b": [0.3, 0.3, 0.3]})
    assert mean == low == high == pytest.approx(0.2), "folds are not drawn"
    mean, low, high = interval({"a": [0.0, 0.1, 0.2], "b": [0.0, 0.1, 0.2]})
    assert mean == pytest.approx(0.1) and low < 0.05 and high > 0.15


def test_the_table_pairs_seeds() -> None:
    rows = [
        {"arm": arm, "trained_on": p, "tested_on": q, "seed": s}
        | dict.fromkeys(METRICS, 0.1 * s + (0.2 if arm == ARMS[1] else 0.0))
        for arm in ARMS
        for p, q in zip(PATIENTS, PATIENTS[::-1], strict=True)
        for s in SEEDS
    ]
    found = summarize(rows)
    mean, low, high = found["differences"]["dice"]["mean_low_high"]
    assert mean == pytest.approx(0.2) and high - low < 1e-9, "the seed's own effect is paired away"
    assert "+0.200" in as_text({"rows": rows, **found})


def a_case(seed: int = 0) -> Case:
    """A bright lesion in a dull brain."""
    random = np.random.default_rng(seed)
    brain = np.zeros((6, 40, 44), bool)
    brain[:, 4:36, 4:40] = True
    lesions = np.zeros_like(brain)
    lesions[2:4, 15:21, 20:26] = True
    images = random.normal(0, 0.2, (3, *brain.shape)) + 2.0 * lesions
    return Case("a", "a", np.where(brain, images, -2.0).astype(np.float32), brain, lesions)


def test_half_of_the_crops_are_near_lesions_and_a_seed_repeats_them() -> None:
    crops = Crops([a_case()], [a_case(1)])
    first, again = (crops.batch(np.random.default_rng(5)) for _ in range(2))
    assert first[0].shape == (BATCH, CHANNELS, PATCH, PATCH)
    assert np.array_equal(first[0], again[0]) and np.array_equal(first[1], again[1])
    truth = np.concatenate([crops.batch(np.random.default_rng(n))[1] for n in range(6)])
    assert truth[::2].any(axis=(1, 2, 3)).mean() > 0.8
    assert slab(a_case(), 0).shape == (CHANNELS, 40, 44)


def test_a_short_training_finds_a_plain_lesion_and_repeats_itself() -> None:
    import torch

    torch.set_num_threads(1)
    crops = Crops([a_case()])
    one, two = (predict(train(crops, 3, steps=25), a_case(2)) for _ in range(2))
    assert np.array_equal(one, two)
    inside = a_case().lesions
    assert one[inside].mean() > one[~inside].mean() + 0.2


def test_real_cases_keep_their_lesion_volume_at_2_mm(real_data: Path) -> None:
    images, mask = read_real(real_data, "26")
    case = as_case("26", "26", images, mask)
    true = float((mask.voxels > 0).sum()) / 1000
    assert case.lesions.sum() * case.voxel_ml == pytest.approx(true, rel=0.1)
    assert case.brain.sum() * case.voxel_ml == pytest.approx(1130, rel=0.1)
    assert abs(np.median(case.images[0][case.brain])) < 0.2
