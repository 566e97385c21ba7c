"""Crops of a site's pairs, for a network with any channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from SynthCore.training.augment import apply_look, draw_geometry, draw_look
from SynthCore.training.cases import Batch, Case
from SynthCore.training.crops import draw_place, paired_crop

DEGREES, ZOOM = 10.0, 0.08
ASIDE = 24.0
"""Pixels that a point may lie beside the middle of its crop."""

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
        k, center = draw_place(rng, case, self.patch, self.at_points, ASIDE)
        geometry = draw_geometry(rng, center, degrees=DEGREES, zoom=ZOOM)
        x, y, weight = paired_crop(case, k, geometry, self.slices, self.patch)
        for channel, changes in enumerate(self.looks):
            part = slice(channel * self.slices, (channel + 1) * self.slices)
            if changes and float(x[part].min()) >= 0:  # a role that was not given is below 0
                seen = apply_look(x[part], draw_look(rng)).clamp(max=self.highest)
                x[part] = torch.lerp(x[part], seen, GENTLE)
        return x, y, weight
