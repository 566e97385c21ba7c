"""The training loop: AdamW, cosine, moving average, checkpoints; one code for CPU and CUDA."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from SynthCore.errors import CancelledError, ComputationError
from SynthCore.request import Cancelled, Progress
from SynthCore.training import parallel
from SynthCore.training.cases import Batch, Sampler
from SynthCore.training.log import Log
from SynthCore.training.recipe import Recipe, Stage
from SynthCore.training.state import State

WARM_UP_STEPS = 100
FINAL_LR = 0.02
GRADIENT_NORM = 1.0
LOG_EVERY = 50

Watch = Callable[[nn.Module], Mapping[str, float]]
"""A look at validation data: figures by name, the first is the score, lower is better."""


def run_stage(
    state: State,
    recipe: Recipe,
    sampler: Sampler,
    *,
    seed: int,
    folder: Path,
    identity: str,
    minutes: float | None = None,
    save_minutes: float = 3.0,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    watch: Watch | None = None,
) -> None:
    """Run the stage that `state` is in to its end, writing checkpoints and a log as it goes.

    Batch `step` of stage `s` is drawn from the random stream (seed, s, step), and the number of
    the process where there are several: a run that is interrupted and resumed sees the same
    batches, but where its sampler makes what it draws from as it goes (`HeadSampler`).

    Parameters
    ----------
    minutes : float, optional
        For this stage; it ends there, cosine included, if its steps take longer.
    watch : callable, optional
        Called every `Recipe.watch_steps`; its figures go to the log, and end the stage where the
        recipe's patience runs out.

    Raises
    ------
    CancelledError
        After a checkpoint was written.
    ComputationError
        If the loss is no longer a number.
    """
    stage = recipe.stages[state.stage]
    device = next(state.network.parameters()).device
    rank, count_of = parallel.world()
    log = Log(folder / "log.csv") if rank == 0 else None
    saved = time.monotonic()
    running, count = 0.0, 0
    while (done := parallel.most(_fraction(state, stage, minutes), device)) < 1.0:
        began = time.monotonic()
        if parallel.agree(cancelled is not None and cancelled(), device):
            _save(state, folder, identity, rank)
            raise CancelledError(
                "Cancelled; the checkpoint holds what was trained so far, and the same command "
                "goes on from it."
            )
        stream = (seed, state.stage, state.step) + ((rank,) if count_of > 1 else ())
        lr = _rate(stage, done, state.step)
        batch = sampler.draw(np.random.default_rng(stream))
        loss = _step(state, recipe, batch, lr, done >= stage.freeze_norm_at, device)
        if not math.isfinite(loss):
            raise ComputationError(
                f"The training of {recipe.name} diverged at step {state.step}; lower its lr."
            )
        state.step, state.steps = state.step + 1, state.steps + 1
        state.seconds += time.monotonic() - began
        state.stage_seconds += time.monotonic() - began
        running, count = running + loss, count + 1
        if state.step % LOG_EVERY == 0 and log is not None:
            log.write({"stage": state.stage, "step": state.step, "lr": lr,
                       "loss": running / count, "seconds": state.seconds})  # fmt: skip
            running, count = 0.0, 0
            if progress is not None:
                left = state.stage_seconds * (1 - done) / max(done, 1e-6)
                progress(done, f"stage {state.stage + 1}, {left / 60:.0f} min left in it")
        if recipe.watch_steps and watch is not None and state.step % recipe.watch_steps == 0:
            enough = rank == 0 and _look(state, recipe, watch, log)
            if parallel.agree(enough, device):
                break
        if time.monotonic() - saved > save_minutes * 60:
            _save(state, folder, identity, rank)
            saved = time.monotonic()
    state.next_stage(recipe)
    parallel.share_weights(state.average, state.network)
    state.note_start()
    _save(state, folder, identity, rank)


def _look(state: State, recipe: Recipe, watch: Watch, log: Log | None) -> bool:
    figures = watch(state.average)
    if log is not None:
        log.write({"stage": state.stage, "step": state.step, **figures})
    return state.looked(float(next(iter(figures.values()))), recipe.patience)


def _save(state: State, folder: Path, identity: str, rank: int) -> None:
    if rank == 0:
        state.save(folder / "checkpoint.pt", identity)


def _fraction(state: State, stage: Stage, minutes: float | None) -> float:
    by_steps = state.step / stage.steps
    return by_steps if minutes is None else max(by_steps, state.stage_seconds / (60 * minutes))


def _rate(stage: Stage, done: float, step: int) -> float:
    cosine = FINAL_LR + (1 - FINAL_LR) * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
    return stage.lr * cosine * min(1.0, (step + 1) / WARM_UP_STEPS)


def _step(
    state: State, recipe: Recipe, batch: Batch, lr: float, frozen: bool, device: torch.device
) -> float:
    state.network.train()
    if frozen:
        for module in state.network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
    for group in state.optimizer.param_groups:
        group["lr"] = lr
    x = batch.x.to(device).contiguous(memory_format=torch.channels_last)
    y, weight = batch.y.to(device), batch.weight.to(device)
    with torch.autocast(device.type, torch.bfloat16):
        predicted = state.network(x)
    difference = predicted.float() - y
    if recipe.loss == "charbonnier":
        error = torch.sqrt(difference**2 + 0.1**2) - 0.1
    else:
        error = difference.abs()
    loss = (error * weight).sum() / weight.sum().clamp(min=1.0)
    if recipe.loss == "edges":
        loss = loss + _edges(difference, weight, 2) + _edges(difference, weight, 3)
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    parallel.share_gradients(state.network)
    nn.utils.clip_grad_norm_(state.network.parameters(), GRADIENT_NORM)
    state.optimizer.step()
    state.follow(recipe.ema)
    return float(loss.detach())


def _edges(difference: torch.Tensor, weight: torch.Tensor, axis: int) -> torch.Tensor:
    """Mean error of the steps between neighbors, where both count."""
    count = weight.shape[axis] - 1
    both = torch.minimum(weight.narrow(axis, 0, count), weight.narrow(axis, 1, count))
    wrong: torch.Tensor = (difference.diff(dim=axis).abs() * both).sum() / both.sum().clamp(min=1.0)
    return wrong
