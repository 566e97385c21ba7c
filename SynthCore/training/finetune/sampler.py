"""Crops of a site's pairs, for a network with any channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from SynthCore.training.augment import apply_look, covered, crop, draw_geometry, draw_look
from SynthCore.training.cases import Batch, Case

DEGREES, ZOOM = 10.0, 0.08
GENTLE = 0.5
"""A site's scanners differ less than the world's: looks change by half of what recipes use."""


@dataclass(frozen=True)
class SiteSampler:
    """Draws crops from cases, patients with equal probability.

    Attributes
    ----------
    looks : tuple of bool
        By channel, whether its contrast and noise are changed: MR, and not CT.
    highest : float
        The clip of the inputs' normalization, applied again after a look was changed.
    outputs, output : int
        Output channels of the network, and the one that is learned.
    at_points : float
        Share of crops centered on the cases' points (bone).
    """

    cases: Sequence[Case]
    slices: int
    batch: int
    patch: int
    looks: tuple[bool, ...]
    highest: float
    outputs: int = 1
    output: int = 0
    at_points: float = 0.25

    @property
    def patients(self) -> list[str]:
        """Everyone who can be drawn."""
        return sorted({case.patient for case in self.cases})

    def draw(self, rng: np.random.Generator) -> Batch:
        """One batch."""
        drawn = [self._one(rng) for _ in range(self.batch)]
        x, y, weight = (torch.stack(parts) for parts in zip(*drawn, strict=True))
        return Batch(x, self._placed(y), self._placed(weight))

    def _placed(self, one: torch.Tensor) -> torch.Tensor:
        """[n, outputs, h, w] with the learned channel in its place."""
        if self.outputs == 1:
            return one
        full = torch.zeros(one.shape[0], self.outputs, *one.shape[2:])
        full[:, self.output] = one[:, 0]
        return full

    def _one(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        patient = self.patients[int(rng.integers(len(self.patients)))]
        own = [case for case in self.cases if case.patient == patient]
        case = own[int(rng.integers(len(own)))]
        depth, h, w = case.target.shape
        if len(case.points) and rng.random() < self.at_points:
            k, row, column = (int(v) for v in case.points[int(rng.integers(len(case.points)))])
            center = (row + rng.uniform(-24, 24), column + rng.uniform(-24, 24))
        else:
            k, center = int(rng.integers(depth)), (rng.uniform(0, h), rng.uniform(0, w))
        reach = self.patch / 2 - 12
        j, i = (
            float(np.clip(c, min(reach, n / 2), max(n - reach, n / 2)))
            for c, n in zip(center, (h, w), strict=True)
        )
        geometry = draw_geometry(rng, (j, i), degrees=DEGREES, zoom=ZOOM)
        near = np.clip(np.arange(self.slices) - self.slices // 2 + k, 0, depth - 1)
        if geometry.slice_flip:
            near = near[::-1]
        stack = torch.from_numpy(
            np.concatenate([*case.inputs[:, near], case.target[k : k + 1], case.weight[k : k + 1]])
        )
        made = crop(stack, geometry, self.patch)
        x = made[:-2]
        for channel, changes in enumerate(self.looks):
            part = slice(channel * self.slices, (channel + 1) * self.slices)
            if changes and float(x[part].min()) >= 0:  # a role that was not given is below 0
                seen = apply_look(x[part], draw_look(rng)).clamp(max=self.highest)
                x[part] = torch.lerp(x[part], seen, GENTLE)
        weight = made[-1:] * covered((h, w), geometry, self.patch)
        return x, made[-2:-1], weight
