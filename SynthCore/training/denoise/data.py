"""Real CT and its noise, as the denoising recipe uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from SynthCore.request import Progress
from SynthCore.training.cases import Sampler
from SynthCore.training.denoise import card, quality, slabs, validate
from SynthCore.training.denoise.sampler import DoseSampler
from SynthCore.training.recipe import Recipe, Stage

WATCHED_DOSE = 0.1


@dataclass
class DenoiseData:
    """Slabs of all training patients with their noise.

    `full_dose_hu` is that of the card's output; None where the network says the whole change.
    """

    recipe: Recipe
    data: Path
    drawn: Sampler
    full_dose_hu: float | None = slabs.FULL_DOSE_HU

    @property
    def patients(self) -> list[str]:
        """Everyone that is trained on."""
        return self.drawn.patients

    def sampler(
        self, stage: Stage, network: nn.Module, progress: Progress | None = None
    ) -> Sampler:
        """The same for every stage."""
        return self.drawn

    def watch(self, network: nn.Module) -> Mapping[str, float]:
        """Root mean square error at a tenth of the dose."""
        run = validate.network_denoiser(network, self.recipe.slices, self.full_dose_hu)
        full, noisy = validate.abdomen(self.data), validate.low_dose(self.data, WATCHED_DOSE)
        return {"rmse_hu": validate.figures(run(noisy), full)["rmse_hu"]}

    def statistics(self) -> Mapping[str, Any]:
        """Of the training CTs, quiet and noisy."""
        return {"CT": slabs.statistics(self.recipe, self.data)}

    def block(self) -> Mapping[str, Any]:
        """The fixed part of the card."""
        return card.block(self.recipe, self.patients)

    def quality(self, network: nn.Module) -> Sequence[Mapping[str, Any]]:
        """On the abdomen that was not trained on."""
        run = validate.network_denoiser(network, self.recipe.slices, self.full_dose_hu)
        return quality.quality(self.data, run, self.recipe)


def open_data(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> DenoiseData:
    """The slabs; their noise is kept in `cache`."""
    found = slabs.load(recipe, data, cache / "noise", seed, progress)
    return DenoiseData(recipe, data, DoseSampler(found, recipe.slices, recipe.batch, recipe.patch))
