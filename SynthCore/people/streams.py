"""Streams of random numbers: one for each thing that is drawn, and no two alike."""

from __future__ import annotations

import numpy as np

PERSON, LESION, SCAN, CT_SCAN, PHANTOM = 1, 2, 3, 4, 5
"""What a stream is for; none is 0, for numpy pads seeds with zeros."""

MOST_SEED = 2**63 - 1
"""The largest whole number of 64 bits, which programs that read the table know."""

MOST = 10_000
"""People of a folder."""

_NUMBERS = 1 << 14
"""More than `MOST`."""


def stream(seed: int, number: int, use: int, part: int = 0) -> np.random.Generator:
    """The stream of one use for one person.

    Parameters
    ----------
    seed : int
        Of the folder, 0 to `MOST_SEED`.
    number : int
        Of the person.
    use : int
        `PERSON`, `LESION`, `SCAN`, `CT_SCAN` or `PHANTOM`.
    part : int
        Which of several of that use: a role, an attempt.
    """
    return np.random.default_rng(_words(seed, number, use, part))


def phantom_seed(seed: int, number: int) -> int:
    """Seed of a person's digital phantom; the number lies in it, so that none has another's."""
    high = int(np.random.SeedSequence(_words(seed, 0, PHANTOM, 0)).generate_state(1)[0])
    return high * _NUMBERS + number


def _words(seed: int, number: int, use: int, part: int) -> tuple[int, ...]:
    # always five words of 32 bits: of different lengths, two could be read as the same
    return (use, part, number, seed & 0xFFFFFFFF, seed >> 32)
