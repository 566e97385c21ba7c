"""Crops of simulated scans; the target is the change that makes the scan a CT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.models.normalize import Normalization, normalize
from SynthCore.training.augment import covered, crop, draw_geometry
from SynthCore.training.cases import Batch, batch_of
from SynthCore.training.cone_beam.slabs import Slab
from SynthCore.training.crops import neighbors

Float32 = npt.NDArray[np.float32]

NORMALIZATION = Normalization("linear", offset=0.0, scale=500.0, low=-2.2, high=6.0)
CHANGE_SCALE_HU = 100.0

KINDS_WEIGHT = {"chest": 0.2, "abdomen": 0.25, "limb": 0.3, "head": 0.25}
"""Share of small crops of each kind; a kind that is not there leaves its share to the others."""

WHOLE_KINDS = ("chest", "abdomen")
WHOLE_SHARE = 0.5
"""Of the batches, those of crops that hold most of a trunk: its shading is told from its tissue by
what lies decimeters away."""

SMALL = 160
"""Pixels along the sides of small crops, of which a batch holds as many pixels."""

AIR_WEIGHT = 0.15
UNSEEN_WEIGHT = 0.05
"""Outside the field of view nothing is to change: the scan is air there and stays so."""

_AIR_HU = -900.0
_OUTSIDE_HU = -1000.0


@dataclass(frozen=True)
class ConeBeamSampler:
    """Draws crops from slabs.

    Attributes
    ----------
    slabs : sequence of Slab
        Simulated scans.
    slices, batch, patch : int
        As in the recipe.
    """

    slabs: Sequence[Slab]
    slices: int
    batch: int
    patch: int

    @property
    def patients(self) -> list[str]:
        """Everyone who can be drawn."""
        return sorted({slab.patient for slab in self.slabs})

    def draw(self, rng: np.random.Generator) -> Batch:
        """One batch: of whole slices of trunks, or of more and smaller crops of everything."""
        whole = [slab for slab in self.slabs if slab.kind in WHOLE_KINDS]
        if whole and rng.random() < WHOLE_SHARE:
            chosen = [whole[int(n)] for n in rng.integers(len(whole), size=self.batch)]
            return batch_of(self._one(rng, slab, self.patch) for slab in chosen)
        patch = min(SMALL, self.patch)
        count = round(self.batch * (self.patch / patch) ** 2)
        return batch_of(self._one(rng, self._choose(rng), patch) for _ in range(count))

    def _one(
        self, rng: np.random.Generator, slab: Slab, patch: int
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        depth, h, w = slab.cbct.shape
        k = int(rng.integers(depth))
        near = neighbors(k, self.slices, depth)
        middle = self._center(rng, (h, w), patch)
        geometry = draw_geometry(rng, middle, degrees=12.0, zoom=0.2)
        # a CBCT's calibration is off by more than the simulated scans were
        gain, offset = 1 + rng.normal(0, 0.02), rng.normal(0, 15.0)
        channels = np.concatenate([slab.cbct[near], slab.ct[near]]).astype(np.float32)
        there = covered((h, w), geometry, patch)
        moved = torch.where(
            there > 0, crop(torch.from_numpy(channels), geometry, patch), _OUTSIDE_HU
        )
        flags = np.stack([slab.seen, (slab.ct[k] > _AIR_HU)]).astype(np.float32)
        seen, tissue = crop(torch.from_numpy(flags), geometry, patch) * there
        if geometry.slice_flip:
            moved = torch.cat([moved[: self.slices].flip(0), moved[self.slices :].flip(0)])
        raw, truth = moved[: self.slices], moved[self.slices + self.slices // 2]
        inside = raw > _OUTSIDE_HU + 1
        scan = torch.where(inside, (raw + 1000) * gain - 1000 + offset, raw).clamp(-1024, 3071)
        known = seen > 0.999
        change = torch.where(known, truth - scan[self.slices // 2], 0.0) / CHANGE_SCALE_HU
        weight = torch.where(known, AIR_WEIGHT + (1 - AIR_WEIGHT) * tissue, UNSEEN_WEIGHT)
        weight = torch.where((seen > 0.001) & ~known, 0.0, weight)  # the border of the field
        x = torch.from_numpy(normalize(scan.numpy(), NORMALIZATION))
        return x, change[None], weight[None]

    def _choose(self, rng: np.random.Generator) -> Slab:
        kinds = {kind: [s for s in self.slabs if s.kind == kind] for kind in KINDS_WEIGHT}
        there = [kind for kind, slabs in kinds.items() if slabs]
        shares = np.array([KINDS_WEIGHT[kind] for kind in there])
        slabs = kinds[there[int(rng.choice(len(there), p=shares / shares.sum()))]]
        return slabs[int(rng.integers(len(slabs)))]

    def _center(
        self, rng: np.random.Generator, shape: tuple[int, int], patch: int
    ) -> tuple[float, float]:
        """Anywhere such that most of the crop lies in the slice."""
        places = []
        for n in shape:
            margin = min(patch / 2 - 12, n / 2)
            places.append(float(rng.uniform(margin, n - 1 - margin)) if n > 2 * margin else n / 2)
        return places[0], places[1]
