"""The order of a reader study: seeded, with repeats far from what they repeat.

Nothing here sees an image. A presentation is one showing of one image; its id says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from SynthCore.readers.table import Entry

REPEAT_SHARE = 0.10
"""Of the images are shown a second time, at least one, for agreement with oneself."""

_TRIES = 300


@dataclass(frozen=True)
class Presentation:
    """One showing.

    Attributes
    ----------
    id : str
        Twelve random hexadecimal digits; all that a reader's page knows of it.
    image : int
        Which image, as counted from 0 in the table.
    repeats : str
        Id of the earlier showing of the same image, empty for the first.
    """

    id: str
    image: int
    repeats: str = ""


def design(entries: Sequence[Entry], seed: int) -> tuple[Presentation, ...]:
    """Order the images of a study.

    Every image is shown once, in random order; a tenth of them (rounded, at least one; as many
    real as synthetic where it goes) a second time, at least a quarter of the study later (three
    showings at the least, where there are so many). Images of one case do not follow each other
    where it can be helped.

    Parameters
    ----------
    entries : sequence of Entry
        The images.
    seed : int
        Same entries and seed: same order and ids.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    again = _repeated(entries, rng)
    order = _order(len(entries), again, [entry.case for entry in entries], rng)
    ids = _ids(len(order), rng)
    first: dict[int, str] = {}
    found = []
    for name, image in zip(ids, order, strict=True):
        found.append(Presentation(name, image, first.get(image, "")))
        first.setdefault(image, name)
    return tuple(found)


def spacing_wanted(count: int) -> int:
    """How many places a repeat lies behind the first showing, in a study of `count` showings."""
    return max(3, count // 4)


def concerns(entries: Sequence[Entry]) -> tuple[str, ...]:
    """What in the choice of images could tell their truth or bias the result, in sentences."""
    found = []
    real = sum(entry.truth == "real" for entry in entries)
    if real * 2 != len(entries):
        found.append(
            f"{real} of {len(entries)} images are real: with unequal shares, guessing does not "
            "give half right, and accuracy is not to be held against 0.5."
        )
    for role in sorted({entry.role for entry in entries}):
        truths = {entry.truth for entry in entries if entry.role == role}
        if len(truths) == 1:
            found.append(f"Every {role} image is {truths.pop()}: what it shows tells its truth.")
    shown = [(entry.case, entry.role, entry.truth) for entry in entries]
    if len(set(shown)) < len(shown):
        found.append("A case has several images of one role and truth; they are not independent.")
    return tuple(found)


def _repeated(entries: Sequence[Entry], rng: np.random.Generator) -> list[int]:
    """Images to show again, real and synthetic by turns."""
    count = max(1, math.floor(REPEAT_SHARE * len(entries) + 0.5))
    piles = [
        [int(n) for n in rng.permutation([i for i, e in enumerate(entries) if e.truth == truth])]
        for truth in ("real", "synthetic")
    ]
    if rng.random() < 0.5:
        piles.reverse()
    found: list[int] = []
    while len(found) < count and any(piles):
        for pile in piles:
            if pile and len(found) < count:
                found.append(pile.pop())
    return found


def _order(
    count: int, again: list[int], cases: Sequence[str], rng: np.random.Generator
) -> list[int]:
    """The first random order in which no case follows itself; the last one where none is."""
    distance = min(spacing_wanted(count + len(again)), count)
    for _ in range(_TRIES):
        order = _with_repeats([int(n) for n in rng.permutation(count)], again, distance, rng)
        if all(cases[a] != cases[b] for a, b in pairwise(order)):
            break
    return order


def _with_repeats(
    order: list[int], again: list[int], distance: int, rng: np.random.Generator
) -> list[int]:
    """Put every repeat at a random place at least `distance` after its first showing.

    What is put in later can only widen the distances. A first showing that lies too late changes
    places with an earlier image that is not repeated, or else with any.
    """
    for image in again:
        latest = len(order) - distance
        if (place := order.index(image)) > latest:
            free = [n for n in range(latest + 1) if order[n] not in again] or [0]
            other = int(rng.choice(free))
            order[place], order[other] = order[other], order[place]
    for image in again:
        at = order.index(image) + distance
        order.insert(int(rng.integers(at, len(order) + 1)), image)
    return order


def _ids(count: int, rng: np.random.Generator) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        name = rng.bytes(6).hex()
        if name not in found:
            found.append(name)
    return found
