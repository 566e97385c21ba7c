"""All that a run needs to go on: where it is, its networks, its optimizer."""

from __future__ import annotations

import copy
import io
import math
import pickle  # its errors alone
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from SynthCore.errors import InputError
from SynthCore.staging import renewed
from SynthCore.training.networks import make_network
from SynthCore.training.recipe import Recipe, Stage

CHECKPOINTS = 2
"""Counted up when what stands in a checkpoint changes."""

_BROKEN = (EOFError, RuntimeError, pickle.UnpicklingError, LookupError, ValueError, TypeError)
"""What PyTorch raises on a file that is no checkpoint, or half of one."""


@dataclass
class State:
    """A run between two steps.

    Attributes
    ----------
    network, average : torch.nn.Module
        What is trained, and the moving average of its weights.
    stage, step : int
        The stage it is in, and batches seen in it.
    steps : int
        Batches seen in all stages.
    seconds, stage_seconds : float
        Computed in all, and in this stage.
    best_score : float
        The lowest score at a look at validation data in this stage.
    best : dict
        Weights of the average at that look; empty where none was kept.
    looks_since : int
        Looks since then.
    begun : dict
        Weights of the average when the stage began.
    """

    network: nn.Module
    average: nn.Module
    optimizer: torch.optim.AdamW
    stage: int = 0
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    stage_seconds: float = 0.0
    best_score: float = math.inf
    looks_since: int = 0
    best: dict[str, torch.Tensor] = field(default_factory=dict)
    begun: dict[str, torch.Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.note_start()

    def note_start(self) -> None:
        """A stage begins with the average as it is now, the same in every process."""
        self.begun = _weights(self.average)

    def at_start(self) -> nn.Module:
        """The average when the stage began: its targets are placed by it, after a pause too."""
        network = copy.deepcopy(self.average)
        network.load_state_dict(self.begun)
        return network

    def save(self, path: Path, identity: str) -> None:
        """Write a checkpoint; a broken write never replaces a good one.

        Raises
        ------
        InputError, ComputationError
            If the folder cannot be written, or its disk is full.
        """
        buffer = io.BytesIO()  # PyTorch has no error of its own for a full disk
        torch.save(
            {
                "identity": identity,
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "counters": [self.stage, self.step, self.steps],
                "seconds": [self.seconds, self.stage_seconds],
                "best": [self.best_score, self.looks_since, self.best],
                "begun": self.begun,
            },
            buffer,
        )
        with renewed(path) as part:
            part.write_bytes(buffer.getbuffer())

    def load(self, path: Path, identity: str) -> bool:
        """Go on from a checkpoint of the same recipe, seed and data; False if it is another's.

        Raises
        ------
        InputError
            If it is broken, as a full disk or another program leaves a file.
        """
        kept = _read(path)
        if kept["identity"] != identity:
            return False
        self.network.load_state_dict(kept["network"])
        self.average.load_state_dict(kept["average"])
        self.optimizer.load_state_dict(kept["optimizer"])
        self.stage, self.step, self.steps = kept["counters"]
        self.seconds, self.stage_seconds = kept["seconds"]
        self.best_score, self.looks_since, self.best = kept["best"]
        self.begun = kept["begun"]
        return True

    def looked(self, score: float, patience: int) -> bool:
        """Take in a score (lower is better); whether the stage should end for want of patience."""
        if score < self.best_score:
            self.best_score, self.looks_since = score, 0
            self.best = _weights(self.average)
        else:
            self.looks_since += 1
        return 0 < patience <= self.looks_since

    def next_stage(self, recipe: Recipe) -> None:
        """The next stage starts from the averaged weights with a fresh optimizer.

        Where the recipe is patient, from those of the best look.
        """
        if recipe.patience and self.best:
            self.average.load_state_dict(self.best)
        self.network.load_state_dict(self.average.state_dict())
        self.stage, self.step, self.stage_seconds = self.stage + 1, 0, 0.0
        self.best_score, self.looks_since, self.best = math.inf, 0, {}
        if self.stage < len(recipe.stages):
            self.optimizer = make_optimizer(self.network, recipe, recipe.stages[self.stage])

    @torch.no_grad()
    def follow(self, decay: float) -> None:
        """Move the average toward the network; young averages move faster."""
        now = min(decay, (1 + self.step) / (10 + self.step))
        for mean, new in zip(self.average.parameters(), self.network.parameters(), strict=True):
            mean.lerp_(new, 1 - now)
        for kept, seen in zip(self.average.buffers(), self.network.buffers(), strict=True):
            kept.copy_(seen)


def _read(path: Path) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        kept["identity"]
    except _BROKEN as error:
        raise InputError(
            f"{path.name} in {path.parent.name} is broken and no run can go on from it; remove it, "
            "and what it held is trained anew."
        ) from error
    return kept


def _weights(network: nn.Module) -> dict[str, torch.Tensor]:
    """A copy of them, in main memory."""
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}


def make_optimizer(network: nn.Module, recipe: Recipe, stage: Stage) -> torch.optim.AdamW:
    """AdamW as the recipe wants it."""
    return torch.optim.AdamW(
        network.parameters(), lr=stage.lr, weight_decay=recipe.weight_decay, betas=(0.9, 0.99)
    )


def start(
    recipe: Recipe,
    seed: int,
    device: torch.device,
    weights: dict[str, Any] | None = None,
) -> State:
    """A fresh run: the same seed gives the same weights, or it begins from `weights`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = make_network(recipe)
    if weights is not None:
        network.load_state_dict(weights)
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(network).requires_grad_(False)
    return State(network, average, make_optimizer(network, recipe, recipe.stages[0]))
