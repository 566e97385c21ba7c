"""The order of a reader study: seeded, with repeats far from what they repeat.

Nothing here sees an image. A presentation is one showing of one image; its id says nothing.
"""

from __future__ import annotations

import hashlib
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
        Twelve random hexadecimal digits, the first a letter; all that a reader's page knows of it.
    image : int
        Which image, as counted from 0 in the table.
    repeats : str
        Id of the earlier showing of the same image, empty for the first.
    """

    id: str
    image: int
    repeats: str = ""


def design(entries: Sequence[Entry], hashes: Sequence[str], seed: int) -> tuple[Presentation, ...]:
    """Order the images of a study.

    Every image is shown once, in random order; a tenth of them (rounded, at least one; as many
    real as synthetic where it goes) a second time, at least a quarter of the study later (three
    showings at the least, where there are so many). Images of one case do not follow each other
    where it can be helped.

    Parameters
    ----------
    entries : sequence of Entry
        The images.
    hashes : sequence of str
        SHA-256 of each image's voxels, in hexadecimal. A reader has neither: with the seed alone,
        whoever guesses it (0, 1, 2, ...) finds the ids again that stand in the page, and with them
        the truth of a table whose lines alternate.
    seed : int
        Same entries, hashes and seed: same order and ids.
    """
    secret = hashlib.sha256("\n".join(hashes).encode("ascii")).digest()
    rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(secret)]))
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


def concerns_of(order: Sequence[Presentation], cases: Sequence[str]) -> tuple[str, ...]:
    """What in an order could bias the result, in sentences."""
    count = neighbors([showing.image for showing in order], cases)
    if not count:
        return ()
    times = "once" if count == 1 else f"{count} times"
    return (f"An image follows another of its case {times}: there are too few cases.",)


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
    """A random order in which no case follows itself, or as seldom as was found."""
    distance = min(spacing_wanted(count + len(again)), count)
    best: list[int] = []
    for _ in range(_TRIES):
        order = _with_repeats([int(n) for n in rng.permutation(count)], again, distance, rng)
        if not best or neighbors(order, cases) < neighbors(best, cases):
            best = order
        if not neighbors(best, cases):
            return best
    for _ in range(_TRIES):
        best = _exchanged(best, again, cases, distance, rng)
    return best


def neighbors(order: Sequence[int], cases: Sequence[str]) -> int:
    """How often an image follows another of its case."""
    return sum(cases[a] == cases[b] for a, b in pairwise(order))


def _exchanged(
    order: list[int],
    again: list[int],
    cases: Sequence[str],
    distance: int,
    rng: np.random.Generator,
) -> list[int]:
    """Two places exchanged, one of them beside its own case, if that is no worse."""
    beside = [n for n in range(1, len(order)) if cases[order[n - 1]] == cases[order[n]]]
    if not beside:
        return order
    one, other = int(rng.choice(beside)), int(rng.integers(len(order)))
    changed = list(order)
    changed[one], changed[other] = changed[other], changed[one]
    if neighbors(changed, cases) > neighbors(order, cases):
        return order
    for image in again:
        first = changed.index(image)
        if image not in changed[first + distance :]:
            return order
    return changed


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
        # a spreadsheet takes 123456789012 and 1234e5678901 for numbers, and dec... for a month
        if name not in found and name[0] in "abc":
            found.append(name)
    return found
