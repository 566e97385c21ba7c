"""Simulated scans of real and generated CT, as the cone-beam recipe uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from SynthCore.image import Image, make_affine
from SynthCore.models.input_statistics import features, fit
from SynthCore.request import Progress
from SynthCore.training.cone_beam import card, slabs, validate
from SynthCore.training.cone_beam.cases import Held, held_cases
from SynthCore.training.cone_beam.heads import head_sources
from SynthCore.training.cone_beam.sampler import ConeBeamSampler
from SynthCore.training.cone_beam.volumes import PIXEL_MM, real_sources
from SynthCore.training.recipe import Recipe, Stage, refuse_leakage, refuse_unknown

_WATCH_SLICES = 1
_STATISTICS_OF = 60

FACTORS = (2.2, 2.55)
"""Where to warn and to refuse. Lower than for any CT: the scans left out and every CT at hand come
to 1.1 at most, noise, a negated CT and an MR shifted by -1000 to 1.9 and more; 1.8 is the limit."""


@dataclass
class ConeBeamData:
    """Every simulated scan."""

    recipe: Recipe
    data: Path
    drawn: ConeBeamSampler
    watched: list[Held] = field(default_factory=list)

    @property
    def patients(self) -> list[str]:
        """Everyone that is trained on."""
        return self.drawn.patients

    def sampler(
        self, stage: Stage, network: nn.Module, progress: Progress | None = None
    ) -> ConeBeamSampler:
        """The same for every stage."""
        return self.drawn

    def watch(self, network: nn.Module) -> Mapping[str, float]:
        """Mean absolute error in a few slices of each case."""
        correct = {"model": validate.network_corrector(network, self.recipe.slices)}
        if not self.watched:
            self.watched.extend(held_cases(self.data, _WATCH_SLICES))
        mean = validate.means(validate.table(self.watched, correct))["model"]
        return {"mae_hu": mean["mae_hu"], "me_soft_hu": mean["me_soft_tissue_hu"]}

    def statistics(self) -> Mapping[str, Any]:
        """Of scans spread over all patients."""
        step = max(1, len(self.drawn.slabs) // _STATISTICS_OF)
        found = []
        for slab in self.drawn.slabs[::step]:
            affine = make_affine((PIXEL_MM, PIXEL_MM, 3.0))
            image = Image(slab.cbct.astype(np.float32), affine, "CBCT", "HU")
            found.append(features(image, ("ct",)))
        return {"CBCT": fit(found, "ct", FACTORS)}

    def block(self) -> Mapping[str, Any]:
        """The fixed part of the card."""
        return card.block(self.recipe, self.patients)

    def quality(self, network: nn.Module) -> Sequence[Mapping[str, Any]]:
        """On the patients that were not trained on."""
        return validate.quality(self.data, network, self.recipe)


def open_data(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> ConeBeamData:
    """The scans; what is simulated is kept in ``cache/scans``."""
    folder = cache / "scans"
    left_out = recipe.validation
    refuse_unknown(recipe, [*real_sources(data, ()), *head_sources(data, (), seed)])
    sources = {**real_sources(data, left_out), **head_sources(data, left_out, seed)}
    refuse_leakage(recipe, sources)
    slabs.make(sources, folder, seed, progress)
    found = slabs.load(folder, sources, seed)
    return ConeBeamData(
        recipe, data, ConeBeamSampler(found, recipe.slices, recipe.batch, recipe.patch)
    )
