"""Crops of CT at a drawn dose; the target is the change that leads back to the full dose.

A crop is a full-dose image of the noise that body CT is taken with, made from a patient's CT by
mixing it with its quiet self; the noise that a fraction of the dose adds is put on top. The network
is trained toward that full dose and not toward an image without noise: how much of the noise it
finds is to be left follows from how much there is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.models.normalize import normalize
from SynthCore.training.cases import Batch
from SynthCore.training.crops import neighbors, padded
from SynthCore.training.denoise.slabs import CHANGE_SCALE_HU, CT_NORMALIZATION, Slabs
from SynthCore.training.dose_range.noise import draw_noise
from SynthCore.training.dose_range.objects import draw_objects

Float32 = npt.NDArray[np.float32]

DOSES = (0.05, 0.5)
FULL_DOSE_HU = (6.0, 13.0)
"""Noise of a routine body CT in uniform soft tissue."""

ADDED_HU = (4.0, 70.0)

WITH_OBJECTS = 0.5
CLIPPED = 0.5
"""How often nothing lies below -1024 HU, as in CT that was stored."""

SHIFT_HU = 10.0

TRIES = 3
TISSUE_HU = -300.0
LEAST_TISSUE = 0.3
"""Where a crop holds less tissue than this share, another place is tried."""

KINDS = (("LIDC", 0.45), ("total", 0.2), ("STS", 0.35))
"""How names of patients begin, and their share of crops: chest, abdomen, thighs."""


@dataclass(frozen=True)
class DoseRangeSampler:
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

    def _one(self, rng: np.random.Generator) -> tuple[Float32, Float32]:
        full, added = _turned(rng, *_crop(rng, self._slab(rng), self.slices, self.patch))
        if rng.random() < WITH_OBJECTS:
            full = full + draw_objects(rng, self.slices, self.patch)
        full = full + np.float32(rng.normal(0, SHIFT_HU))
        low = full + added
        if rng.random() < CLIPPED:
            low = np.maximum(low, np.float32(-1024))
        change = (full - low)[self.slices // 2][np.newaxis] / np.float32(CHANGE_SCALE_HU)
        return normalize(low, CT_NORMALIZATION), np.ascontiguousarray(change)

    def _slab(self, rng: np.random.Generator) -> Slabs:
        """Kinds by their share, slabs of a kind by their slices."""
        kinds = [[s for s in self.slabs if s.patient.startswith(name)] for name, _ in KINDS]
        kind = kinds[int(rng.choice(len(kinds), p=[share for _, share in KINDS]))]
        kind = kind or list(self.slabs)
        depths = np.array([len(slab.full) for slab in kind], dtype=float)
        return kind[int(rng.choice(len(kind), p=depths / depths.sum()))]


def _crop(
    rng: np.random.Generator, slab: Slabs, slices: int, patch: int
) -> tuple[Float32, Float32]:
    """Full dose and the noise that a drawn lower one adds, both [slice, j, i] in HU."""
    depth, rows, columns = slab.full.shape
    k = int(rng.integers(depth))
    near = neighbors(k, slices, depth)
    for _ in range(TRIES):
        j, i = (int(rng.integers(max(n - patch, 0) + 1)) for n in (rows, columns))
        area = np.s_[j : j + patch, i : i + patch]
        if (slab.quiet[k][area] > TISSUE_HU).mean() > LEAST_TISSUE:
            break
    share = min(1.0, rng.uniform(*FULL_DOSE_HU) / slab.deviation)
    quiet, full = (np.stack([stack[n][area] for n in near]) for stack in (slab.quiet, slab.full))
    dose = math.exp(rng.uniform(*np.log(DOSES)))
    # the variance of the noise is 1 / dose times the full dose's
    strength = share * slab.deviation * math.sqrt(1 / dose - 1)
    strength = min(max(strength, ADDED_HU[0]), ADDED_HU[1])
    added = np.float32(strength) * draw_noise(rng, slab.noise, near, area)
    return padded(quiet + np.float32(share) * (full - quiet), patch), padded(added, patch)


def _turned(rng: np.random.Generator, *stacks: Float32) -> list[Float32]:
    """All mirrored and transposed alike."""
    turned = list(stacks)
    for axis in (0, 1, 2):
        if rng.random() < 0.5:
            turned = [np.flip(stack, axis) for stack in turned]
    if rng.random() < 0.5:
        turned = [stack.transpose(0, 2, 1) for stack in turned]
    return turned
