"""Crops of generated scans: new slabs come all the time, and each is used a few times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from SynthCore.models.normalize import Normalization, scale_of
from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.training.cases import Batch
from SynthCore.training.head.study import draw_center, draw_study, make_study
from SynthCore.training.head.surroundings import draw_surroundings, surround

NORMALIZATION = Normalization("percentile", percentile=95.0, low=0.0, high=2.0)
HU_SCALE = 1000.0
BONE_HU = 150.0
OUTSIDE_WEIGHT = 0.6
"""Of the air beside the head in the loss; with 0.2 ghosts in it came out as bone."""

SLAB_SLICES = 9
POOL = 40
"""Slabs that crops are drawn from."""

NEW_EVERY = 2
"""Steps after which the oldest slab gives way to a new one: making one takes about as long as a
step of the network."""

LEAST_BODY = 0.15
"""Share of a slab that is the person; with less it is drawn again, a few times."""

GAIN, GAMMA = 0.22, 0.12
"""Standard deviations of the logarithm of changes to a crop: its slab is a part of an image, whose
percentile would be another."""


@dataclass(frozen=True)
class Slab:
    """MR (normalized) and CT (network's scale) of a few slices, and their weight; half floats."""

    mr: Tensor
    ct: Tensor
    body: Tensor


@dataclass
class HeadSampler:
    """Draws crops from a moving pool of slabs.

    The same calls give the same batches; a run that was resumed fills its pool anew.
    """

    heads: Mapping[str, Anatomy]
    slices: int
    batch: int
    patch: int
    at_points: float
    point_weight: float
    pool: dict[int, Slab] = field(default_factory=dict)
    drawn: int = 0
    steps: int = 0

    @property
    def patients(self) -> list[str]:
        """Every head that can be drawn."""
        return list(self.heads)

    def draw(self, rng: np.random.Generator) -> Batch:
        """One batch; every other time a new slab joins the pool."""
        while len(self.pool) < POOL // 4:
            self._join(rng)
        if self.steps % NEW_EVERY == 0:
            if len(self.pool) >= POOL:
                self.pool.pop(next(iter(self.pool)))
            self._join(rng)
        self.steps += 1
        slabs = list(self.pool.values())
        # the newest always, others at random
        chosen = [slabs[-1], *(slabs[int(rng.integers(len(slabs)))] for _ in range(self.batch - 1))]
        parts = [self._crop(slab, rng) for slab in chosen]
        x, y, weight = (torch.stack(list(p)) for p in zip(*parts, strict=True))
        return Batch(x, y, weight)

    def _join(self, rng: np.random.Generator) -> None:
        name = self.patients[int(rng.integers(len(self.heads)))]
        anatomy = self.heads[name]
        for _ in range(4):
            study = draw_study(rng)
            center = draw_center(rng, anatomy, self.at_points)
            mr, hu, body = make_study(study, anatomy, center, SLAB_SLICES, self.patch)
            if float(body.float().mean()) > LEAST_BODY:
                break
        scaled = mr / scale_of(mr.numpy(), NORMALIZATION)
        scaled = surround(scaled, body, draw_surroundings(rng))
        self.pool[self.drawn] = Slab(
            scaled.half(), (hu.clamp(-1024, 3071) / HU_SCALE).half(), body.half()
        )
        self.drawn += 1

    def _crop(self, slab: Slab, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        half = self.slices // 2
        middle = int(rng.integers(half, slab.mr.shape[0] - half))
        near = slice(middle - half, middle + half + 1)
        x, y = slab.mr[near].float(), slab.ct[middle][None].float()
        body = slab.body[middle][None].float()
        # heads are symmetric, tables are not: mirror left and right, and turn the slices' order
        if rng.random() < 0.5:
            x, y, body = x.flip(-1), y.flip(-1), body.flip(-1)
        if rng.random() < 0.3:
            x = x.flip(0)
        gain, gamma = np.exp(rng.normal(0, GAIN)), np.exp(rng.normal(0, GAMMA))
        x = (gain * x.clamp(min=0) ** gamma).clamp(NORMALIZATION.low, NORMALIZATION.high)
        weight = OUTSIDE_WEIGHT + (1 - OUTSIDE_WEIGHT) * torch.maximum(body, (y > -0.5).float())
        weight = weight + self.point_weight * (y * HU_SCALE > BONE_HU)
        return x, y, weight
