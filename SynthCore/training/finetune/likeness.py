"""Limits of the check for likeness, wide enough for what was learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from SynthCore.axes import toward_lps
from SynthCore.image import Image
from SynthCore.models.card import Card
from SynthCore.models.input_statistics import distance, features

WIDER = 1.1
"""Limits of likeness grow to this times the largest distance of an image that was learned from."""


def widened(card: Card, learned: Sequence[Mapping[str, Image]]) -> dict[str, Any]:
    """The parent's figures of its inputs, with limits wide enough for what was learned from.

    Parameters
    ----------
    card : Card
        The parent's.
    learned : sequence of mapping
        Inputs by role of the pairs that were learned from.
    """
    found = {}
    for role, known in card.input_statistics.items():
        limits = dict(known)
        own = [features(toward_lps(inputs[role])[0]) for inputs in learned if role in inputs]
        if own:
            away = [distance(one, known) for one in own]
            other = known.get("unlike")
            if other and any(distance(one, other) < a for one, a in zip(own, away, strict=True)):
                del limits["unlike"]  # what the parent refused is what was learned from
            widest = round(WIDER * max(away), 4)
            limits["warn"] = max(float(known["warn"]), widest)
            limits["refuse"] = max(float(known["refuse"]), limits["warn"])
        found[role] = limits
    return found
