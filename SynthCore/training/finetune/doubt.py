"""Registrations that look wrong by their figures: told before a person accepts them."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from statistics import median

from SynthCore.training.finetune.place import Placed
from SynthCore.training.rigid_move import LARGEST_MM, at_limit

FAR_BELOW = 0.5
"""Of the median of the other pairs: mutual information of pairs of one site differs by less."""

APART, APART_MM = 2.0, 2.0
"""Outlines: times the median of the other pairs, and at least so many mm more."""


def doubts(found: Sequence[Placed]) -> dict[int, tuple[str, ...]]:
    """Sentences on registrations that look wrong, by the number of the pair."""
    told = {one.pair.number: _doubts(one, [o for o in found if o is not one]) for one in found}
    return {number: sentences for number, sentences in told.items() if sentences}


def _doubts(one: Placed, others: Sequence[Placed]) -> tuple[str, ...]:
    told = []
    if at_limit(one.pair.fixed, one.place.rigid):
        told.append(
            f"The rigid move stopped at its limit of {LARGEST_MM:g} mm, and the images may still "
            "be apart: lay the target roughly on the input first."
        )
    usual = _median([o.figures.information for o in others])
    if usual is not None and one.figures.information < FAR_BELOW * usual:
        told.append(
            f"Its mutual information is {one.figures.information:.3f}, far below that of the "
            f"other pairs (median {usual:.3f}): look whether both images are of one patient and "
            "lie on each other."
        )
    usual = _median([o.figures.outline_mm for o in others])
    apart = one.figures.outline_mm
    if usual is not None and apart > max(APART * usual, usual + APART_MM):
        told.append(
            f"Its outlines are {apart:.1f} mm apart, those of the other pairs {usual:.1f} mm "
            "(median): look whether the images lie on each other."
        )
    return tuple(told)


def _median(values: Sequence[float]) -> float | None:
    known = [value for value in values if isfinite(value)]
    return median(known) if known else None
