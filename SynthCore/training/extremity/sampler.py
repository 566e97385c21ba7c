"""Crops of registered pairs (MR and CT of one patient)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from SynthCore.training.augment import apply_look, draw_geometry, draw_look
from SynthCore.training.cases import Batch, Case, batch_of
from SynthCore.training.crops import draw_place, paired_crop

MAX_NORMALIZED = 1.5
"""The clip of the MR's normalization, applied again after the look was changed."""

ASIDE = 32.0
"""Pixels that a point may lie beside the middle of its crop."""


@dataclass(frozen=True)
class PairSampler:
    """Draws crops from cases, patients with equal probability.

    A share `at_points` of the crops is centered on a case's points (bone). Crops are turned by up
    to `degrees` and stretched by up to `zoom`.
    """

    degrees: ClassVar[float] = 20
    zoom: ClassVar[float] = 0.15

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
        return batch_of(self._one(rng) for _ in range(self.batch))

    def _one(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        case = self.cases[int(rng.integers(len(self.cases)))]
        k, center = draw_place(rng, case, self.patch, self.at_points, ASIDE)
        geometry = draw_geometry(rng, center, degrees=self.degrees, zoom=self.zoom)
        inputs, y, weight = paired_crop(case, k, geometry, self.slices, self.patch)
        seen = self.scan(rng, inputs)
        x = apply_look(seen, draw_look(rng)).clamp(max=MAX_NORMALIZED)
        return x, y, weight

    def scan(self, rng: np.random.Generator, inputs: torch.Tensor) -> torch.Tensor:
        """The MR of a crop, normalized; here the inputs are one."""
        return inputs
