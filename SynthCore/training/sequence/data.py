"""Real studies and generated heads, as the recipe of missing sequences uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from torch import nn

from SynthCore.models.networks import SliceUNet
from SynthCore.request import Progress
from SynthCore.training.recipe import Recipe, Stage, refuse_unknown
from SynthCore.training.sequence import card, quality, statistics
from SynthCore.training.sequence.generated import make_slabs, read_heads
from SynthCore.training.sequence.pool import read_pool, write_pool
from SynthCore.training.sequence.sampler import SequenceSampler
from SynthCore.training.sequence.studies import Study, patients, read_studies


@dataclass
class SequenceData:
    """Real studies, and slabs of generated heads (kept on disk)."""

    recipe: Recipe
    data: Path
    cache: Path
    seed: int
    real: list[Study]
    slabs: list[Study] = field(default_factory=list)

    @property
    def patients(self) -> list[str]:
        """Everyone that is trained on."""
        return list(dict.fromkeys(study.patient for study in self.real))

    def sampler(
        self, stage: Stage, network: nn.Module, progress: Progress | None = None
    ) -> SequenceSampler:
        """Generated heads alone, or with the real studies."""
        self._generate(progress)
        real: Sequence[Study] = () if stage.targets == "generated" else self.real
        share = self.recipe.options["real_share"] if real else 0.0
        recipe = self.recipe
        return SequenceSampler(
            real, self.slabs, share, recipe.slices, recipe.batch, recipe.patch,
            stage.at_points, 1 + stage.point_weight,
        )  # fmt: skip

    def _generate(self, progress: Progress | None) -> None:
        if self.slabs:
            return
        count, heads = (int(self.recipe.options[name]) for name in ("slabs", "heads"))
        self.slabs = read_pool(self.seed, heads, count, self.cache)
        if not self.slabs:
            maps = read_heads(self.data, heads, progress)
            self.slabs = make_slabs(maps, count, self.seed, progress)
            write_pool(self.slabs, self.seed, heads, self.cache)

    def watch(self, network: nn.Module) -> Mapping[str, float]:
        """A slab of the patients left out; nobody where none is."""
        return quality.look(self.data, cast(SliceUNet, network), self.recipe)

    def statistics(self) -> Mapping[str, Any]:
        """Of real and generated heads, with skull and without."""
        return statistics.of_inputs(self.data, self.recipe, self.seed, self.cache)

    def block(self) -> Mapping[str, Any]:
        """The fixed part of the card."""
        return card.block(self.recipe, self.patients)

    def quality(self, network: nn.Module) -> Sequence[Mapping[str, Any]]:
        """On the patients left out, from all four sequences."""
        return quality.measured(
            self.data, cast(SliceUNet, network), self.recipe, self.seed, self.cache
        )


def open_data(
    recipe: Recipe, data: Path, cache: Path, seed: int, progress: Progress | None = None
) -> SequenceData:
    """The real studies; generated ones are made when a stage asks for them.

    Raises
    ------
    InputError
        If a patient to leave out is not among the real ones.
    """
    refuse_unknown(recipe, patients())
    return SequenceData(recipe, data, cache, seed, read_studies(data, recipe.validation, cache))
