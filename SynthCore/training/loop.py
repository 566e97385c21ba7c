"""The training loop: AdamW, cosine, moving average, checkpoints; one code for CPU and CUDA."""

from __future__ import annotations

import copy
import csv
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from SynthCore.errors import CancelledError, ComputationError
from SynthCore.models.networks import SliceUNet
from SynthCore.request import Cancelled, Progress
from SynthCore.training.cases import Batch, Sampler
from SynthCore.training.recipes import Recipe, Stage

WARM_UP_STEPS = 100
FINAL_LR = 0.02
GRADIENT_NORM = 1.0
LOG_EVERY = 50


@dataclass
class State:
    """All that a run needs to go on: stage, step, networks, optimizer, seconds computed."""

    network: SliceUNet
    average: SliceUNet
    optimizer: torch.optim.AdamW
    stage: int = 0
    step: int = 0
    seconds: float = 0.0
    stage_seconds: float = 0.0

    def save(self, path: Path, identity: str) -> None:
        """Write a checkpoint; a broken write never replaces a good one."""
        part = path.with_name(path.name + ".part")
        torch.save(
            {
                "identity": identity,
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "counters": [self.stage, self.step, self.seconds, self.stage_seconds],
            },
            part,
        )
        part.replace(path)

    def load(self, path: Path, identity: str) -> bool:
        """Go on from a checkpoint of the same recipe, seed and data; False if it is another's."""
        kept = torch.load(path, map_location="cpu", weights_only=True)
        if kept["identity"] != identity:
            return False
        self.network.load_state_dict(kept["network"])
        self.average.load_state_dict(kept["average"])
        self.optimizer.load_state_dict(kept["optimizer"])
        stage, step, self.seconds, self.stage_seconds = kept["counters"]
        self.stage, self.step = int(stage), int(step)
        return True


def start(recipe: Recipe, seed: int, device: torch.device) -> State:
    """A fresh network for a recipe; the same seed gives the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = SliceUNet(len(recipe.roles) * recipe.slices, recipe.widths)
        if recipe.zero_start:
            nn.init.zeros_(network.out.weight)
            nn.init.zeros_(network.out.bias)  # type: ignore[arg-type]
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(network).requires_grad_(False)
    return State(network, average, _optimizer(network, recipe, recipe.stages[0]))


def _optimizer(network: nn.Module, recipe: Recipe, stage: Stage) -> torch.optim.AdamW:
    return torch.optim.AdamW(
        network.parameters(), lr=stage.lr, weight_decay=recipe.weight_decay, betas=(0.9, 0.99)
    )


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
    watch: Callable[[State], dict[str, float]] | None = None,
) -> None:
    """Run the stage that `state` is in to its end, writing checkpoints and a log as it goes.

    Batch `step` of stage `s` is drawn from the random stream (seed, s, step): a run that is
    interrupted and resumed sees the same batches.

    Parameters
    ----------
    minutes : float, optional
        For this stage; it ends there, cosine included, if its steps take longer.
    watch : callable, optional
        Called at each checkpoint; its figures go to the log and decide nothing.

    Raises
    ------
    CancelledError
        After a checkpoint was written.
    ComputationError
        If the loss is no longer a number.
    """
    stage = recipe.stages[state.stage]
    device = next(state.network.parameters()).device
    log = Log(folder / "log.csv")
    saved = time.monotonic()
    running, count = 0.0, 0
    while (done := _fraction(state, stage, minutes)) < 1.0:
        began = time.monotonic()
        if cancelled is not None and cancelled():
            state.save(folder / "checkpoint.pt", identity)
            raise CancelledError("Cancelled; the checkpoint holds what was trained so far.")
        rng = np.random.default_rng((seed, state.stage, state.step))
        lr = _rate(stage, done, state.step)
        loss = _step(state, recipe, sampler.draw(rng), lr, done >= stage.freeze_norm_at, device)
        if not math.isfinite(loss):
            raise ComputationError(
                f"The training of {recipe.name} diverged at step {state.step}; lower its lr."
            )
        state.step += 1
        state.seconds += time.monotonic() - began
        state.stage_seconds += time.monotonic() - began
        running, count = running + loss, count + 1
        if state.step % LOG_EVERY == 0:
            log.write(stage=state.stage, step=state.step, lr=lr, loss=running / count,
                      seconds=state.seconds)  # fmt: skip
            running, count = 0.0, 0
            if progress is not None:
                left = state.stage_seconds * (1 - done) / max(done, 1e-6)
                progress(done, f"stage {state.stage + 1}, {left / 60:.0f} min left in it")
        if time.monotonic() - saved > save_minutes * 60:
            state.save(folder / "checkpoint.pt", identity)
            if watch is not None:
                log.write(stage=state.stage, step=state.step, **watch(state))
            saved = time.monotonic()
    _finish(state, recipe)
    state.save(folder / "checkpoint.pt", identity)
    if watch is not None:
        log.write(stage=state.stage - 1, step=stage.steps, **watch(state))


def _finish(state: State, recipe: Recipe) -> None:
    """Go to the next stage: it starts from the averaged weights with a fresh optimizer."""
    state.network.load_state_dict(state.average.state_dict())
    state.stage, state.step, state.stage_seconds = state.stage + 1, 0, 0.0
    if state.stage < len(recipe.stages):
        state.optimizer = _optimizer(state.network, recipe, recipe.stages[state.stage])


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
    error = difference.abs() if recipe.loss == "l1" else torch.sqrt(difference**2 + 0.1**2) - 0.1
    loss = (error * weight).sum() / weight.sum().clamp(min=1.0)
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(state.network.parameters(), GRADIENT_NORM)
    state.optimizer.step()
    _follow(state, recipe.ema)
    return float(loss.detach())


@torch.no_grad()
def _follow(state: State, decay: float) -> None:
    """Move the average toward the network; young averages move faster."""
    now = min(decay, (1 + state.step) / (10 + state.step))
    for mean, new in zip(state.average.parameters(), state.network.parameters(), strict=True):
        mean.lerp_(new, 1 - now)
    for kept, seen in zip(state.average.buffers(), state.network.buffers(), strict=True):
        kept.copy_(seen)


class Log:
    """A CSV file with one row a call; columns are fixed so that every row fits."""

    COLUMNS = ("stage", "step", "lr", "loss", "seconds", "mae_hu", "me_soft_hu", "bone_dice")

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, **figures: Any) -> None:
        """Append a row."""
        new = not self.path.exists()
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.COLUMNS)
            if new:
                writer.writeheader()
            writer.writerow(
                {k: f"{v:.6g}" if isinstance(v, float) else v for k, v in figures.items()}
            )
