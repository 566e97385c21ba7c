"""The loop learns, resumes exactly, stops when asked, and never trains on validation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from SynthCore.errors import CancelledError, InputError
from SynthCore.training.apply import predict_volume
from SynthCore.training.recipes import DENOISE, EXTREMITY, Stage, get_recipe, refuse_leakage
from SynthCore.training.run import run_stages
from Testing.training.small_run import TINY, begin, go, leg, sampler


def test_the_network_learns_bone_from_two_phantom_legs(tmp_path: Path) -> None:
    recipe = replace(TINY, stages=(Stage(150, 4e-3, freeze_norm_at=0.7),), ema=0.97)
    state, case = begin(recipe), leg(3)
    before = np.abs(predict_volume(state.average, case.inputs, 3) - case.target).mean()
    go(state, tmp_path, recipe)
    made = predict_volume(state.average, case.inputs, 3)
    assert np.abs(made - case.target).mean() < 0.35 * before
    bone = case.target > 0.5
    assert made[bone].mean() > 0.4 > made[~bone].mean()


def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = begin()
    go(whole, tmp_path / "whole")
    first, calls = begin(), iter(range(1000))
    with pytest.raises(CancelledError):
        go(first, tmp_path / "parts", cancelled=lambda: next(calls) == 10)
    second = begin()
    assert second.load(tmp_path / "parts" / "checkpoint.pt", "tiny")
    assert second.step == 10
    go(second, tmp_path / "parts")
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, second.average.state_dict()[name]), name


def test_a_checkpoint_of_another_run_is_not_used(tmp_path: Path) -> None:
    state = begin()
    state.save(tmp_path / "checkpoint.pt", "another")
    assert not begin().load(tmp_path / "checkpoint.pt", "tiny")


def test_a_time_limit_ends_the_run_early(tmp_path: Path) -> None:
    recipe = replace(TINY, stages=(Stage(100_000, 1e-3),))
    state = begin(recipe)
    go(state, tmp_path, recipe, minutes=0.02)
    assert state.stage == 1 and state.seconds < 10


def test_the_same_draw_gives_the_same_batch() -> None:
    a, b = (sampler().draw(np.random.default_rng(7)) for _ in range(2))
    assert torch.equal(a.x, b.x) and torch.equal(a.y, b.y) and torch.equal(a.weight, b.weight)
    assert not torch.equal(a.x, sampler().draw(np.random.default_rng(8)).x)


@pytest.mark.parametrize("recipe", [EXTREMITY, DENOISE], ids=lambda r: r.name)
def test_a_validation_patient_among_the_training_data_raises(recipe) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="STS_023"):
        refuse_leakage(recipe, ["STS_003", "STS_023"])
    refuse_leakage(recipe, ["STS_003", "STS_004"])


def test_a_stage_whose_sampler_holds_a_validation_patient_is_not_run(tmp_path: Path) -> None:
    leaking = replace(sampler(), cases=[replace(leg(1), patient="STS_002")])
    with pytest.raises(InputError, match="STS_002"):
        run_stages(
            begin(), TINY, lambda targets, network: leaking, seed=0, folder=tmp_path, identity="x"
        )


def test_an_unknown_recipe_is_named() -> None:
    with pytest.raises(InputError, match="no recipe 'x'"):
        get_recipe("x")
