"""All that a run needs to go on: where it is, its networks, its optimizer."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from SynthCore.training.networks import make_network
from SynthCore.training.recipe import Recipe, Stage


@dataclass
class State:
    """A run between two steps.

    Attributes
    ----------
    network, average : torch.nn.Module
        What is trained, and the moving average of its weights.
    stage, step : int
        The stage it is in, and batches seen in it.
    seconds, stage_seconds : float
        Computed in all, and in this stage.
    best_score : float
        The lowest score at a look at validation data in this stage.
    best : dict
        Weights of the average at that look; empty where none was kept.
    looks_since : int
        Looks since then.
    """

    network: nn.Module
    average: nn.Module
    optimizer: torch.optim.AdamW
    stage: int = 0
    step: int = 0
    seconds: float = 0.0
    stage_seconds: float = 0.0
    best_score: float = math.inf
    looks_since: int = 0
    best: dict[str, torch.Tensor] = field(default_factory=dict)

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
                "best": [self.best_score, self.looks_since, self.best],
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
        self.best_score, self.looks_since, self.best = kept["best"]
        return True

    def looked(self, score: float, patience: int) -> bool:
        """Take in a score (lower is better); whether the stage should end for want of patience."""
        if score < self.best_score:
            self.best_score, self.looks_since = score, 0
            self.best = {k: v.detach().cpu().clone() for k, v in self.average.state_dict().items()}
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
