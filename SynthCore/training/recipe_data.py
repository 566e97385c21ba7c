"""What a recipe's room supplies: data to learn from, and how its model is judged and described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from torch import nn

from SynthCore.request import Progress
from SynthCore.training.cases import Sampler
from SynthCore.training.recipe import Stage


class RecipeData(Protocol):
    """The data of one recipe, ready to be drawn from."""

    @property
    def patients(self) -> Sequence[str]:
        """Identifiers of everyone that is trained on, as the data set names them."""
        ...

    def sampler(
        self, stage: Stage, network: nn.Module, progress: Progress | None = None
    ) -> Sampler:
        """What a stage draws its batches from; `network` is what was learned so far."""
        ...

    def watch(self, network: nn.Module) -> Mapping[str, float]:
        """A quick look at validation data while training: the first figure is the score.

        Lower is better; called only where the recipe has `watch_steps`.
        """
        ...

    def statistics(self) -> Mapping[str, Any]:
        """By role, the figures of the inputs that the engine's checks compare with."""
        ...

    def block(self) -> Mapping[str, Any]:
        """The fixed part of the card: anatomy, prepare, output, training data, failures."""
        ...

    def quality(self, network: nn.Module) -> Sequence[Mapping[str, Any]]:
        """The card's figures, on the validation data, by the network as it is published."""
        ...
