"""The recipe of a fine-tuning, and what it draws its batches from."""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.models.card import Card
from SynthCore.models.networks import SliceUNet
from SynthCore.training.finetune.cases import Truth, make_case
from SynthCore.training.finetune.sampler import SiteSampler
from SynthCore.training.finetune.split import Split
from SynthCore.training.recipe import Recipe, Stage

RATE = 2e-4
"""A tenth of what recipes start with: published weights have no batch normalization, which would
hold a higher rate."""


def make_recipe(card: Card, network: SliceUNet, split: Split, steps: int) -> Recipe:
    """One stage from the parent's weights, in the parent's shape."""
    return Recipe(
        name="finetune",
        task=card.task,
        model=card.id,
        roles=card.inputs,
        validation=tuple(str(n) for n in split.kept),
        stages=(Stage(steps, RATE),),
        slices=card.prepare.slices,
        widths=tuple(network.arguments["widths"]),  # type: ignore[arg-type]
        channels=card.channels,
    )


def make_sampler(card: Card, recipe: Recipe, learned: Sequence[Truth], target: str) -> SiteSampler:
    """Crops of the pairs learned from."""
    roles = card.inputs if card.takes in ("all", "any") else learned[0].placed.pair.inputs
    ways = [card.prepare.normalization[role] for role in roles]
    return SiteSampler(
        [make_case(card, truth) for truth in learned],
        recipe.slices,
        recipe.batch,
        recipe.patch,
        looks=tuple(way.kind == "percentile" for way in ways),
        highest=max(way.high for way in ways),
        outputs=max(1, len(card.output.channels)),
        output=card.output.index(target),
    )
