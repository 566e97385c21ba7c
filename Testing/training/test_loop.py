"""The loop learns, resumes exactly, stops when asked, and never trains on validation."""

from __future__ import annotations

import csv
import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from SynthCore.errors import CancelledError, ComputationError, InputError
from SynthCore.training.apply import predict_volume
from SynthCore.training.denoise.recipe import RECIPE as DENOISE
from SynthCore.training.extremity.recipe import RECIPE as EXTREMITY
from SynthCore.training.extremity.sampler import PairSampler
from SynthCore.training.log import Log
from SynthCore.training.mix import Together
from SynthCore.training.plot import plot_log
from SynthCore.training.recipe import Stage, refuse_leakage
from SynthCore.training.registry import get_recipe
from SynthCore.training.run import run_stages, train
from Testing.training.small_run import TINY, begin, go, leg, sampler


class Given:
    """Recipe data that gives one sampler for every stage and looks at one leg."""

    def __init__(self, one: PairSampler) -> None:
        self.one, self.patients = one, one.patients
        self.scores = iter(range(1000))

    def sampler(self, stage: Stage, network: nn.Module, progress: object = None) -> PairSampler:
        return self.one

    def watch(self, network: nn.Module) -> dict[str, float]:
        made = predict_volume(network, leg(3).inputs, 3)
        return {"mae": float(np.abs(made - leg(3).target).mean())}


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


def test_a_resumed_stage_places_its_targets_as_it_began(tmp_path: Path) -> None:
    """What a stage's data are moved onto is what was learned before it, not halfway through."""
    recipe = replace(TINY, stages=(Stage(6, 3e-3), Stage(12, 3e-3)))
    seen: list[float] = []

    class Placing(Given):
        def sampler(self, stage: Stage, network: nn.Module, progress: object = None) -> PairSampler:
            seen.append(float(sum(p.abs().sum() for p in network.parameters())))
            return self.one

    calls = iter(range(1000))
    with pytest.raises(CancelledError):
        run_stages(
            begin(recipe), recipe, Placing(sampler()), seed=0, folder=tmp_path, identity="x",
            cancelled=lambda: next(calls) == 12,
        )  # fmt: skip
    again = begin(recipe)
    assert again.load(tmp_path / "checkpoint.pt", "x")
    assert (again.stage, again.step, again.steps) == (1, 6, 12)
    run_stages(again, recipe, Placing(sampler()), seed=0, folder=tmp_path, identity="x")
    assert len(seen) == 3 and seen[1] == seen[2] != seen[0]


def test_a_full_disk_is_named_and_the_last_checkpoint_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoint.pt"
    begin().save(path, "tiny")
    whole = path.read_bytes()
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        write(self, bytes(data)[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ComputationError, match="is full"):
        begin().save(path, "tiny")
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.pt"]
    assert path.read_bytes() == whole


@pytest.mark.parametrize("content", [b"", b"precious\n", b"PK\x03\x04", None], ids=repr)
def test_a_broken_checkpoint_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "tiny-run" / "checkpoint.pt"
    path.parent.mkdir()
    begin().save(path, "tiny")
    path.write_bytes(path.read_bytes()[:-300] if content is None else content)
    with pytest.raises(InputError, match=r"checkpoint.pt in tiny-run is broken.*remove it"):
        begin().load(path, "tiny")


def test_a_checkpoint_outlives_a_run_that_cannot_begin(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "mr-to-ct-extremity-run"
    folder.mkdir(parents=True)
    (folder / "checkpoint.pt").write_bytes(b"the work of a week")
    log = "stage,step,lr,loss,seconds\n0,50,0.1,0.5,3\n"
    (folder / "log.csv").write_text(log, encoding="utf-8")
    with pytest.raises(InputError, match="mr_ct_pairs"):
        train("mr-to-ct-extremity", tmp_path, tmp_path / "out", resume=False)
    assert (folder / "checkpoint.pt").read_bytes() == b"the work of a week"
    assert (folder / "log.csv").read_text(encoding="utf-8") == log


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
        run_stages(begin(), TINY, Given(leaking), seed=0, folder=tmp_path, identity="x")  # type: ignore[arg-type]


def test_an_unknown_recipe_is_named() -> None:
    with pytest.raises(InputError, match="no recipe 'x'"):
        get_recipe("x")


def test_a_look_at_validation_data_goes_to_the_log_and_the_picture(tmp_path: Path) -> None:
    recipe = replace(TINY, watch_steps=8)
    data = Given(sampler())
    run_stages(begin(recipe), recipe, data, seed=0, folder=tmp_path, identity="x")  # type: ignore[arg-type]
    Log(tmp_path / "log.csv").write({"stage": 9, "step": 1, "loss": 0.5})
    with (tmp_path / "log.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows if row["mae"]] == ["8", "16", "24"]
    assert rows[-1]["loss"] == "0.5"
    plot_log(tmp_path / "log.csv", tmp_path / "log.png")
    assert (tmp_path / "log.png").stat().st_size > 5000


@pytest.mark.parametrize(("at", "left"), [((0, 0), []), ((0, 100), [50, 100]), ((1, 0), [50, 100])])
def test_a_log_goes_back_to_where_a_run_goes_on(
    tmp_path: Path, at: tuple[int, int], left: list[int]
) -> None:
    log = Log(tmp_path / "log.csv")
    for stage, step in ((0, 50), (0, 100), (1, 50)):
        log.write({"stage": stage, "step": step, "loss": 0.5})
    log.rewind(*at)
    with (tmp_path / "log.csv").open(newline="", encoding="utf-8") as file:
        assert [int(row["step"]) for row in csv.DictReader(file)] == left
    log.write({"stage": 1, "step": 50, "mae": 3.0})


def test_a_stage_ends_when_patience_runs_out_and_the_best_weights_are_kept(tmp_path: Path) -> None:
    recipe = replace(TINY, watch_steps=2, patience=3, stages=(Stage(1000, 3e-3),))
    state, scores = begin(recipe), iter([5.0, 3.0, 4.0, 4.0, 4.0, 1.0])
    kept: list[torch.Tensor] = []

    def watch(network: nn.Module) -> dict[str, float]:
        kept.append(next(network.parameters()).clone())
        return {"score": next(scores)}

    go(state, tmp_path, recipe, watch=watch)
    assert len(kept) == 5
    assert torch.equal(next(state.average.parameters()), kept[1])
    assert not torch.equal(kept[4], kept[1])


def test_several_processes_learn_as_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, "-m", "Testing.training.two_processes", str(tmp_path)],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    kept = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in ("rank0", "rank1")]
    first, second = (one["network"] for one in kept)
    begun, other = (one["start"] for one in kept)
    # what targets are placed by is one network, statistics of batches and all
    assert all(torch.equal(begun[name], other[name]) for name in begun)
    assert first["out.weight"].abs().sum() > 0
    trained = [name for name in first if "running" not in name and "batches" not in name]
    assert all(torch.equal(first[name], second[name]) for name in trained)
    assert (tmp_path / "checkpoint.pt").exists()


def test_every_batch_holds_all_sources_by_their_shares() -> None:
    mostly = replace(sampler(), batch=3)
    little = replace(sampler(), cases=[leg(9)], batch=1)
    both = Together([mostly, little])
    batch = both.draw(np.random.default_rng(1))
    rng = np.random.default_rng(1)
    first, second = mostly.draw(rng), little.draw(rng)
    assert torch.equal(batch.x, torch.cat([first.x, second.x])) and len(batch.y) == 4
    assert both.patients == ["leg 1", "leg 2", "leg 9"]
