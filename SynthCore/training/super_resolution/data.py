"""Real volumes and the cases the model is judged on, as the super-resolution recipe uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from torch import nn

from SynthCore.models.networks import SliceUNet
from SynthCore.request import Progress
from SynthCore.training.recipe import Recipe, Stage, refuse_unknown
from SynthCore.training.super_resolution import card, validate
from SynthCore.training.super_resolution.sampler import ThinnedPlanes
from SynthCore.training.super_resolution.volumes import patients, volumes


@dataclass
class SuperResolutionData:
    """Volumes of all training patients."""

    recipe: Recipe
    data: Path
    drawn: ThinnedPlanes

    @property
    def patients(self) -> list[str]:
        """Everyone that is trained on."""
        return self.drawn.patients

    def sampler(
        self, stage: Stage, network: nn.Module, progress: Progress | None = None
    ) -> ThinnedPlanes:
        """The same volumes for every stage."""
        return replace(self.drawn, interpolated=stage.interpolated)

    def watch(self, network: nn.Module) -> Mapping[str, float]:
        """Root mean square error on the middle of one brain, in its range."""
        return {"rmse": validate.quick_error(self.data, cast(SliceUNet, network))}

    def statistics(self) -> Mapping[str, Any]:
        """None: what is added between slices depends on edges, not on the part of the body."""
        return {}

    def block(self) -> Mapping[str, Any]:
        """The fixed part of the card."""
        return card.block(self.recipe, self.patients)

    def quality(self, network: nn.Module) -> Sequence[Mapping[str, Any]]:
        """On the patients that were not trained on."""
        return validate.quality(self.data, cast(SliceUNet, network))


def open_data(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> SuperResolutionData:
    """Every volume, in memory."""
    refuse_unknown(recipe, patients(data))
    drawn = ThinnedPlanes(volumes(data, recipe.validation), recipe.batch, recipe.patch)
    return SuperResolutionData(recipe, data, drawn)
