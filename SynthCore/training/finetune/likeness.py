"""Limits of the check for likeness, wide enough for what was learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from SynthCore.axes import toward_lps
from SynthCore.models.card import Card
from SynthCore.models.input_statistics import distance, features
from SynthCore.training.finetune.cases import Truth

WIDER = 1.1
"""Limits of likeness grow to this times the largest distance of an image that was learned from."""


def widened(card: Card, learned: Sequence[Truth]) -> dict[str, Any]:
    """The parent's figures of its inputs, with limits wide enough for what was learned from."""
    found = {}
    for role, known in card.input_statistics.items():
        limits = dict(known)
        own = [
            distance(features(toward_lps(t.placed.pair.inputs[role])[0]), known)
            for t in learned
            if role in t.placed.pair.inputs
        ]
        if own:
            widest = round(WIDER * max(own), 4)
            limits["warn"] = max(float(known["warn"]), widest)
            limits["refuse"] = max(float(known["refuse"]), limits["warn"])
        found[role] = limits
    return found
