"""Crops of registered pairs (MR and CT of one patient)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from SynthCore.training.augment import apply_look, covered, crop, draw_geometry, draw_look
from SynthCore.training.cases import Batch, Case

MAX_NORMALIZED = 1.5
"""The clip of the MR's normalization, applied again after the look was changed."""


@dataclass(frozen=True)
class PairSampler:
    """Draws crops from cases, patients with equal probability.

    A share `at_points` of the crops is centered on a case's points (bone).
    """

    cases: Sequence[Case]
    slices: int
    batch: int
    patch: int
    at_points: float = 0.5

    @property
    def patients(self) -> list[str]:
        """Everyone who can be drawn."""
        return [case.patient for case in self.cases]

    def draw(self, rng: np.random.Generator) -> Batch:
        """One batch."""
        drawn = [self._one(rng) for _ in range(self.batch)]
        x, y, weight = (torch.stack(parts) for parts in zip(*drawn, strict=True))
        return Batch(x, y, weight)

    def _one(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        case = self.cases[int(rng.integers(len(self.cases)))]
        depth, h, w = case.target.shape
        if len(case.points) and rng.random() < self.at_points:
            k, row, column = (int(v) for v in case.points[int(rng.integers(len(case.points)))])
            center = (row + rng.uniform(-32, 32), column + rng.uniform(-32, 32))
        else:
            k, center = int(rng.integers(depth)), (rng.uniform(0, h), rng.uniform(0, w))
        # keep most of the crop within the slice
        reach = self.patch / 2 - 12
        j, i = (
            float(np.clip(c, min(reach, n / 2), max(n - reach, n / 2)))
            for c, n in zip(center, (h, w), strict=True)
        )
        geometry = draw_geometry(rng, (j, i), degrees=20, zoom=0.15)
        near = np.clip(np.arange(self.slices) - self.slices // 2 + k, 0, depth - 1)
        if geometry.slice_flip:
            near = near[::-1]
        stack = torch.from_numpy(
            np.concatenate([*case.inputs[:, near], case.target[k : k + 1], case.weight[k : k + 1]])
        )
        made = crop(stack, geometry, self.patch)
        x = apply_look(made[:-2], draw_look(rng)).clamp(max=MAX_NORMALIZED)
        weight = made[-1:] * covered((h, w), geometry, self.patch)
        return x, made[-2:-1], weight
