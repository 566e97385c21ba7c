"""What a fine-tuned model is judged by: the kept patients, placed as its own, and deformed.

A model that learned from rigidly placed pairs learns what is misplaced in them, too, and is the
better by such pairs for it. Where nothing was deformed, the kept pairs are therefore deformed as
well, by mutual information, which knows no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import nn

from SynthCore.models.card import Card
from SynthCore.request import Cancelled, Progress
from SynthCore.training.finetune.cases import Truth, make_truth
from SynthCore.training.finetune.place import How, Placed, place_again
from SynthCore.training.finetune.ready import Ready
from SynthCore.training.finetune.score import Scores, score

PLACED: dict[How, str] = {
    "rigid": "placed rigidly as those it learned from",
    "deformable": "placed rigidly and then with a smooth field, by mutual information",
    "none": "placed as they were given",
}

GIVEN = "These figures share the error of the registration that was given."


@dataclass(frozen=True)
class Measure:
    """The kept pairs, placed in one way."""

    how: How
    placed: tuple[Placed, ...]

    def truths(self, card: Card, target: str) -> list[Truth]:
        """As a card prepares and restores them."""
        return [make_truth(card, one, target) for one in self.placed]

    def score(self, card: Card, network: nn.Module, target: str) -> Scores:
        """How a network does on them."""
        found = score(card, network, self.truths(card, target))
        remark = GIVEN if self.how == "none" else ""
        return replace(found, placed=PLACED[self.how], remark=remark)


def measures(
    ready: Ready,
    kept: Sequence[Placed],
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> list[Measure]:
    """The ways in which the kept pairs are placed; the second is drawn on the page as well.

    Raises
    ------
    CancelledError
        As `place_again`.
    """
    found = [Measure(ready.how, tuple(kept))]
    if ready.how == "rigid":
        again = place_again(kept, ready.folder, progress, cancelled)
        ready.show(again)
        found.append(Measure("deformable", tuple(again)))
    return found
