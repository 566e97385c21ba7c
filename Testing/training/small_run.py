"""A small training on phantom pairs, for the tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage

from SynthCore.training.cases import Case
from SynthCore.training.extremity.recipe import RECIPE
from SynthCore.training.extremity.sampler import PairSampler
from SynthCore.training.loop import run_stage
from SynthCore.training.recipe import Recipe, Stage
from SynthCore.training.state import State, start

TINY = replace(RECIPE, widths=(8, 12, 16), slices=3, batch=4, patch=32, stages=(Stage(24, 3e-3),))


def leg(seed: int, depth: int = 6, size: int = 48) -> Case:
    """A disk of fat with muscle, a bone with marrow: MR normalized, CT in HU / 1000."""
    rng = np.random.default_rng(seed)
    _, j, i = np.mgrid[:depth, :size, :size].astype(np.float32)
    cj, ci = size / 2 + rng.uniform(-3, 3, 2)
    radius = np.hypot(j - cj, i - ci)
    mr, ct = np.zeros(radius.shape, np.float32), np.full(radius.shape, -1.0, np.float32)
    for edge, signal, hu in ((20, 0.95, -0.1), (16, 0.3, 0.06), (6, 0.02, 1.1), (3, 0.9, -0.05)):
        mr[radius < edge], ct[radius < edge] = signal, hu
    mr = np.abs(ndimage.gaussian_filter(mr, (0, 0.6, 0.6)) + rng.normal(0, 0.02, mr.shape))
    points = np.argwhere(ct > 0.15)
    return Case(f"leg {seed}", mr.astype(np.float32)[None], ct, np.ones_like(ct), points)


def sampler(recipe: Recipe = TINY) -> PairSampler:
    return PairSampler([leg(1), leg(2)], recipe.slices, recipe.batch, recipe.patch)


def begin(recipe: Recipe = TINY) -> State:
    return start(recipe, 0, torch.device("cpu"))


def go(state: State, folder: Path, recipe: Recipe = TINY, **more: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    run_stage(state, recipe, sampler(recipe), seed=0, folder=folder, identity="tiny", **more)  # type: ignore[arg-type]
