"""Crops of simulated scans; the target is the change that makes the scan a CT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from SynthCore.models.normalize import Normalization, normalize
from SynthCore.training.augment import crop, draw_geometry
from SynthCore.training.cases import Batch, batch_of
from SynthCore.training.cone_beam.slabs import Slab
from SynthCore.training.crops import neighbors

Float32 = npt.NDArray[np.float32]

NORMALIZATION = Normalization("linear", offset=0.0, scale=500.0, low=-2.2, high=6.0)
CHANGE_SCALE_HU = 100.0

KINDS_WEIGHT = {"chest": 0.25, "abdomen": 0.3, "limb": 0.2, "head": 0.25}
"""Share of crops of each kind; a kind that is not there leaves its share to the others."""

AIR_WEIGHT = 0.15
UNSEEN_WEIGHT = 0.05
"""Outside the field of view nothing is to change: the scan is air there and stays so."""

ENHANCED_SHARE = 0.6
ENHANCED_HU = 110.0
"""Contrast medium lifts parenchyma by up to this. None of the CTs holds any, and a network that has
seen one number for soft tissue takes a liver after contrast medium for shading."""

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
        """One batch."""
        return batch_of(self._one(rng) for _ in range(self.batch))

    def _one(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        slab = self._choose(rng)
        depth, h, w = slab.cbct.shape
        k = int(rng.integers(depth))
        near = neighbors(k, self.slices, depth)
        middle = self._center(rng, (h, w))
        geometry = draw_geometry(rng, middle, degrees=12.0, zoom=0.2)
        # a CBCT's calibration is off by more than the simulated scans were
        gain, offset = 1 + rng.normal(0, 0.02), rng.normal(0, 15.0)
        channels = np.concatenate([slab.cbct[near], slab.ct[near]]).astype(np.float32)
        moved = crop(torch.from_numpy(channels), geometry, self.patch)
        if rng.random() < ENHANCED_SHARE:
            rise = enhancement(moved[self.slices :], rng)
            # where the scan saw nothing there is no medium to be seen, either
            shown = torch.where(moved[: self.slices] > _OUTSIDE_HU + 1, rise, 0.0)
            moved = moved + torch.cat([shown, rise])
        flags = np.stack([slab.seen, (slab.ct[k] > _AIR_HU)]).astype(np.float32)
        seen, tissue = crop(torch.from_numpy(flags), geometry, self.patch)
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

    def _center(self, rng: np.random.Generator, shape: tuple[int, int]) -> tuple[float, float]:
        """Anywhere such that most of the crop lies in the slice."""
        places = []
        for n in shape:
            margin = min(self.patch / 2 - 12, n / 2)
            places.append(float(rng.uniform(margin, n - 1 - margin)) if n > 2 * margin else n / 2)
        return places[0], places[1]


def enhancement(ct: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """What contrast medium would add to slices [c, h, w] of CT, HU: soft tissue, here and there.

    To first order the scan shows it as the CT does, so that it is added to both.
    """
    soft = ((ct + 10) / 30).clamp(0, 1) * ((160 - ct) / 50).clamp(0, 1)
    coarse = torch.from_numpy(rng.normal(0, 1, (1, 1, 5, 5)).astype(np.float32))
    field = functional.interpolate(coarse, ct.shape[-2:], mode="bicubic", align_corners=True)[0]
    organs = torch.sigmoid(6 * (field + float(rng.normal(0, 0.8))))
    return float(rng.uniform(0, ENHANCED_HU)) * soft * organs
