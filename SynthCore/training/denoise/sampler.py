"""Crops of CT with noise of a drawn strength; the target is the change that takes it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.models.normalize import normalize
from SynthCore.training.cases import Batch
from SynthCore.training.crops import neighbors, padded
from SynthCore.training.denoise.slabs import CHANGE_SCALE_HU, CT_NORMALIZATION, Slabs

NOISE_HU = (8.0, 50.0)
"""Standard deviation of the added noise in the body. A body CT of 10 HU gets 17 HU at a quarter
and 30 HU at a tenth of its dose, large patients more."""

KINDS_WEIGHT = (0.4, 0.3, 0.3)
"""Share of crops from the chest, the abdomen and the thighs."""


@dataclass(frozen=True)
class DoseSampler:
    """Draws crops from slabs."""

    slabs: Sequence[Slabs]
    slices: int
    batch: int
    patch: int

    @property
    def patients(self) -> list[str]:
        """Everyone who can be drawn."""
        return sorted({slab.patient for slab in self.slabs})

    def draw(self, rng: np.random.Generator) -> Batch:
        """One batch."""
        drawn = [self._one(rng) for _ in range(self.batch)]
        x, y = (torch.from_numpy(np.stack(parts)) for parts in zip(*drawn, strict=True))
        return Batch(x, y, torch.ones_like(y))

    def _one(
        self, rng: np.random.Generator
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        kinds = [
            [s for s in self.slabs if s.patient.startswith(kind)]
            for kind in ("LIDC", "total", "STS")
        ]
        kind = kinds[int(rng.choice(len(kinds), p=KINDS_WEIGHT))] or list(self.slabs)
        slab = kind[int(rng.integers(len(kind)))]
        depth, h, w = slab.quiet.shape
        k = int(rng.integers(depth))
        j, i = (int(rng.integers(max(n - self.patch, 0) + 1)) for n in (h, w))
        strength = np.exp(rng.uniform(*np.log(NOISE_HU))) * rng.choice([-1.0, 1.0])
        noise = slab.noise[int(rng.integers(len(slab.noise)))]
        near = neighbors(k, self.slices, depth)
        area = np.s_[j : j + self.patch, i : i + self.patch]
        clean = np.stack([slab.quiet[n][area] for n in near])
        added = np.float32(strength) * np.stack([noise[n][area] for n in near]).astype(np.float32)
        # neighbors that repeat at the ends carry the same noise, as they do in use
        stack = [clean, added]
        if rng.random() < 0.5:
            stack = [s[::-1] for s in stack]
        if rng.random() < 0.5:
            stack = [s[:, ::-1] for s in stack]
        if rng.random() < 0.5:
            stack = [s[:, :, ::-1] for s in stack]
        if rng.random() < 0.5:
            stack = [s.transpose(0, 2, 1) for s in stack]
        clean, added = stack
        clean = clean + np.float32(rng.normal(0, 10))
        x = padded(normalize(clean + added, CT_NORMALIZATION), self.patch)
        y = padded(-added[self.slices // 2][np.newaxis] / CHANGE_SCALE_HU, self.patch)
        return x, y
