"""Label maps of heads, and the scans that are made of them while training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from SynthCore.image import Image, make_affine
from SynthCore.models.input_statistics import features, fit
from SynthCore.models.normalize import scale_of
from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.quality.overlap import dice
from SynthCore.request import Progress
from SynthCore.training.head import card, validate
from SynthCore.training.head.label_maps import list_heads, load_heads
from SynthCore.training.head.sampler import HU_SCALE, NORMALIZATION, HeadSampler
from SynthCore.training.head.study import (
    Acquisition,
    draw_acquisition,
    draw_center,
    draw_study,
    make_box,
    make_study,
)
from SynthCore.training.recipe import Recipe, Stage, refuse_leakage, refuse_unknown

WATCHED = 8
"""Slabs of the kept heads that are looked at while training."""

STATISTICS = 36
"""Generated heads that the check of an input compares with, over all roles."""

PART_SHARE = 0.3
"""Of those, how many show a slab of the head alone."""

SURVEY_MM = 2.0
"""Pixel of those: their figures do not depend on it."""


@dataclass
class HeadData:
    """The heads to train on and those that are kept."""

    recipe: Recipe
    heads: Mapping[str, Anatomy]
    kept: Mapping[str, Anatomy]
    seed: int

    @property
    def patients(self) -> list[str]:
        """Every head that is trained on."""
        return list(self.heads)

    def sampler(
        self, stage: Stage, network: nn.Module, progress: Progress | None = None
    ) -> HeadSampler:
        """Scans of all heads, more of the skull where the stage says so."""
        return HeadSampler(
            self.heads, self.recipe.slices, self.recipe.batch, self.recipe.patch,
            stage.at_points, stage.point_weight,
        )  # fmt: skip

    def watch(self, network: nn.Module) -> Mapping[str, float]:
        """Mean absolute error and bone Dice on fixed slabs of the kept heads."""
        made, truth, body = [], [], []
        half = self.recipe.slices // 2
        names = list(self.kept)
        device = next(network.parameters()).device
        training = network.training
        network.eval()
        for n in range(WATCHED):
            rng = np.random.default_rng((7, n))
            anatomy = self.kept[names[n % len(names)]]
            study, center = draw_study(rng), draw_center(rng, anatomy, 0.5)
            mr, hu, inside = make_study(
                study, anatomy, center, self.recipe.slices, self.recipe.patch
            )
            x = (mr / scale_of(mr.numpy(), NORMALIZATION)).clamp(0, NORMALIZATION.high)
            with torch.no_grad():
                made.append(network(x[None].to(device))[0, 0].float().cpu() * HU_SCALE)
            truth.append(hu[half])
            body.append(inside[half])
        network.train(training)
        ours, theirs, mask = (torch.stack(v).numpy() for v in (made, truth, body))
        return {
            "mae_hu": float(np.abs(ours - theirs)[mask].mean()),
            "me_soft_hu": float((ours - theirs)[mask & (np.abs(theirs) < 200)].mean()),
            "bone_dice": dice(ours > validate.BONE_HU, theirs > validate.BONE_HU),
        }

    def statistics(self) -> Mapping[str, Any]:
        """Of generated scans of whole heads, by role."""
        found: dict[str, list[dict[str, float]]] = {role: [] for role in self.recipe.roles}
        names = list(self.heads)
        for n in range(STATISTICS):
            rng = np.random.default_rng((5, n))
            role = self.recipe.roles[n % len(self.recipe.roles)]
            image = whole_scan(self.heads[names[n % len(names)]], role, rng)
            found[role].append(features(image, ("mr",)))
        return {role: fit(rows, "mr") for role, rows in found.items()}

    def block(self) -> Mapping[str, Any]:
        """The fixed part of the card."""
        return card.block(self.recipe, self.patients)

    def quality(self, network: nn.Module) -> Sequence[Mapping[str, Any]]:
        """On generated scans of the kept heads."""
        return validate.quality(network, self.kept, self.recipe.slices)


def whole_scan(anatomy: Anatomy, role: str, rng: np.random.Generator) -> Image:
    """A generated scan of a head, from the skull base or the chin to the vertex, or a part."""
    taken = draw_acquisition(rng)
    distance = max(taken.distance, 3.0) if taken.axis == 0 else 4.0
    study = draw_study(rng, role, Acquisition(0, distance, distance, 1))
    height, depth, width = anatomy.extent_mm
    low = float(rng.uniform(0.0, 0.45)) * height
    high = height + float(rng.uniform(-15, 10))
    if rng.random() < PART_SHARE:  # a slab of it
        low = height * float(rng.uniform(0.35, 0.7))
        high = low + float(rng.uniform(24, 60))
    count = max(5, int((high - low) / distance))
    center = (
        anatomy.origin[0] + (low + count * distance / 2) / anatomy.spacing[0],
        anatomy.origin[1] + depth / 2 / anatomy.spacing[1],
        anatomy.origin[2] + width / 2 / anatomy.spacing[2],
    )
    margin = rng.uniform(-10, 40, 2)
    sides = int((depth + margin[0]) / SURVEY_MM), int((width + margin[1]) / SURVEY_MM)
    mr, _, _ = make_box(study, anatomy, center, count, sides, SURVEY_MM)
    return Image(mr.numpy(), make_affine((SURVEY_MM, SURVEY_MM, distance)), modality=role)


def open_data(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> HeadData:
    """All label maps, made ready; what is computed from each is kept in `cache`."""
    names = list_heads(data)
    refuse_unknown(recipe, names)
    train = [name for name in names if name not in recipe.validation]
    kept = [name for name in names if name in recipe.validation]
    refuse_leakage(recipe, train)
    heads = load_heads(data, [*train, *kept], cache / "heads", progress)
    return HeadData(recipe, {n: heads[n] for n in train}, {n: heads[n] for n in kept}, seed)
