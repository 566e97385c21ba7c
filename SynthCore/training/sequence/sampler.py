"""Batches: some sequences of a study go in, the others are to be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from SynthCore.training.cases import Batch, batch_of
from SynthCore.training.sequence.crops import Cut, cut_window, draw_cut, warp
from SynthCore.training.sequence.looks import Curves, apply_view, draw_curves, draw_view, rising
from SynthCore.training.sequence.studies import NORMALIZATION, ROLES, Study

ABSENT = -1.0
TARGET_TOP = 1.5
"""Targets are clipped here; 1 is the 99.5th percentile in the brain."""

LOOK_SHARE = 0.1
PASTE_SHARE = 0.35
BRIGHT_WEIGHT = 1.0
OUTSIDE_WEIGHT = 0.05
THICKEST_MM = 6.0

Floats = npt.NDArray[np.float32]
Drawn = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class SequenceSampler:
    """Draws crops of real and generated studies.

    Attributes
    ----------
    real, made : sequence of Study
        Real studies, and parts of generated heads.
    share_real : float
        Of all crops.
    slices, batch, patch : int
        As in the recipe.
    at_lesion : float
        Share of crops at a lesion, where a study has one.
    lesion_weight : float
        Of a lesion in the loss; the rest of the brain counts 1.
    """

    real: Sequence[Study]
    made: Sequence[Study]
    share_real: float
    slices: int
    batch: int
    patch: int
    at_lesion: float = 0.3
    lesion_weight: float = 4.0
    lesions: dict[int, npt.NDArray[np.int64]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found = {
            n: np.argwhere(study.lesion) for n, study in enumerate(self.real) if study.lesion.any()
        }
        object.__setattr__(self, "lesions", found)

    @property
    def patients(self) -> list[str]:
        """Everyone real who can be drawn."""
        return list(dict.fromkeys(study.patient for study in self.real))

    def draw(self, rng: np.random.Generator) -> Batch:
        """One batch."""
        return batch_of(self._one(rng) for _ in range(self.batch))

    def _one(self, rng: np.random.Generator) -> Drawn:
        if not self.made or (self.real and rng.random() < self.share_real):
            # studies with more sequences teach more
            counts = np.array([s.share * (len(s.roles) - 1.0 - 1.5 * s.skull) for s in self.real])
            n = int(rng.choice(len(self.real), p=counts / counts.sum()))
            return self._crop(rng, self.real[n], self.lesions.get(n))
        study = self.made[int(rng.integers(len(self.made)))]
        places = np.argwhere(study.lesion) if study.lesion.any() else None
        return self._crop(rng, study, places)

    def _crop(
        self, rng: np.random.Generator, study: Study, lesion: npt.NDArray[np.int64] | None
    ) -> Drawn:
        curves = draw_curves(rng, study, self.real, 0.0 if study.generated else LOOK_SHARE)
        at_lesion = lesion is not None and rng.random() < self.at_lesion
        center = _center(rng, study, lesion if at_lesion else None)
        thickest = max(1, int(THICKEST_MM / study.spacing[0]))
        cut = draw_cut(rng, center, thickest)
        images, masks = self._cut(study, cut, curves)
        inside, sick = (masks[0] > 0.5).float(), masks[1]
        own = study.skull or study.generated or at_lesion
        if self.lesions and not own and rng.random() < PASTE_SHARE:
            images, sick = self._paste(rng, study, cut, curves, images, inside, sick)
        sick = sick * (self.lesion_weight - 1)
        return _item(rng, study, curves.divisors, images, inside, sick, self.slices // 2)

    def _cut(self, study: Study, cut: Cut, curves: Curves) -> tuple[torch.Tensor, torch.Tensor]:
        """Images [role, slices, h, w] and masks (where known, lesion) of a crop."""
        known = study.brain | study.seen if study.skull else study.brain & study.seen
        window, corner = cut_window(list(study.voxels), cut, self.slices, self.patch)
        masks, _ = cut_window((known, study.lesion), cut, self.slices, self.patch)
        crop = warp(np.concatenate([curves(window), masks]), cut, corner, self.patch)
        return crop[:-2], crop[-2:]

    def _paste(
        self,
        rng: np.random.Generator,
        study: Study,
        cut: Cut,
        curves: Curves,
        images: torch.Tensor,
        inside: torch.Tensor,
        sick: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Put a real lesion of anyone into the crop, in all sequences alike, in the crop's look."""
        n = int(rng.choice(list(self.lesions)))
        donor = self.real[n]
        if not set(study.roles) <= set(donor.roles):
            return images, sick
        k, j, i = (int(v) for v in self.lesions[n][int(rng.integers(len(self.lesions[n])))])
        shift = rng.uniform(-30, 30, 2)
        there = draw_cut(rng, (k, j + float(shift[0]), i + float(shift[1])), 1)
        there = replace(there, thick=cut.thick)
        pick = [donor.roles.index(role) for role in study.roles]
        into = Curves(rising(donor.quantiles[pick]), curves.target, curves.divisors)
        part = replace(donor, voxels=donor.voxels[pick], roles=study.roles)
        pasted, masks = self._cut(part, there, into)
        share = functional.avg_pool2d(masks[1][None], 5, 1, 2, count_include_pad=False)[0]
        share = (1.6 * share).clamp(max=1.0) * inside * (masks[0] > 0.5)
        mixed = images + share * (pasted - images)
        return mixed, torch.maximum(sick * (1 - share), share * (masks[1] > 0.5))


def _center(
    rng: np.random.Generator, study: Study, lesion: npt.NDArray[np.int64] | None
) -> tuple[int, float, float]:
    """At a lesion, or anywhere in the brain; with skull anywhere."""
    depth, h, w = study.brain.shape
    if lesion is not None:
        k, j, i = (int(v) for v in lesion[int(rng.integers(len(lesion)))])
        shift = rng.uniform(-30, 30, 2)
        return k, j + float(shift[0]), i + float(shift[1])
    for _ in range(20):
        k, j, i = int(rng.integers(depth)), int(rng.integers(h)), int(rng.integers(w))
        if study.skull or study.brain[k, j, i]:
            break
    return k, float(j), float(i)


def _item(
    rng: np.random.Generator,
    study: Study,
    divisors: Floats,
    images: torch.Tensor,
    inside: torch.Tensor,
    sick: torch.Tensor,
    middle: int,
) -> Drawn:
    """Choose which sequences are given; x, y and weight of one crop.

    `sick` is by how much more than the rest a lesion counts.
    """
    count = len(study.roles)
    given = count - 1 if rng.random() < 0.6 else int(rng.integers(1, count))
    chosen = rng.permutation(count)[:given]
    slices, size = images.shape[1], images.shape[2:]
    scaled = images[chosen] / torch.from_numpy(divisors[chosen])[:, None, None, None]
    seen = apply_view(scaled, draw_view(rng, given)).clamp(NORMALIZATION.low, NORMALIZATION.high)
    x = torch.full((len(ROLES), slices, *size), ABSENT)
    y = torch.zeros((len(ROLES), *size))
    weight = torch.zeros((len(ROLES), *size))
    for n, role in zip(chosen, seen, strict=True):
        x[ROLES.index(study.roles[n])] = role
    known = inside[middle]
    base = known if study.skull else known + OUTSIDE_WEIGHT * (1 - known)
    base = base * (1 + sick[middle])
    for n, name in enumerate(study.roles):
        if n in chosen:
            continue
        truth = images[n, middle].clamp(max=TARGET_TOP)
        m = ROLES.index(name)
        y[m], weight[m] = truth, base * (1 + BRIGHT_WEIGHT * truth)
    return x.flatten(0, 1), y, weight
