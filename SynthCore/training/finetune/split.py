"""Which patients are trained on and which are kept, by seed and by patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from SynthCore.errors import InputError

FEWEST = 3
"""Patients: two to learn from and one to keep."""

KEPT_SHARE = 0.2


@dataclass(frozen=True)
class Split:
    """Numbers of patients, in the order of the table; no patient is on both sides."""

    trained: tuple[int, ...]
    kept: tuple[int, ...]

    def __post_init__(self) -> None:
        if set(self.trained) & set(self.kept):
            raise ValueError("a patient cannot be both trained on and kept")


def split_patients(
    patients: Sequence[int], seed: int, never_kept: frozenset[int] = frozenset()
) -> Split:
    """Keep a fifth of the patients, one at least, drawn by `seed`.

    Parameters
    ----------
    patients : sequence of int
        Numbers, any of them several times.
    seed : int
        Another one draws others.
    never_kept : frozenset of int
        Patients that the model has learned from before: they tell nothing about it.

    Raises
    ------
    InputError
        If there are fewer than three patients, or none can be kept.
    """
    distinct = sorted(set(patients))
    if len(distinct) < FEWEST:
        raise InputError(
            f"There are pairs of {len(distinct)} patient{'s' * (len(distinct) != 1)}; "
            f"at least {FEWEST} are needed, so that one can be kept for validation."
        )
    free = [p for p in distinct if p not in never_kept]
    if not free:
        raise InputError(
            "The model has learned from every one of these patients before, so that none can be "
            "kept for validation; add pairs of others."
        )
    count = max(1, round(KEPT_SHARE * len(distinct)))
    kept = {free[n] for n in np.random.default_rng(seed).permutation(len(free))[:count]}
    return Split(
        trained=tuple(p for p in distinct if p not in kept),
        kept=tuple(p for p in distinct if p in kept),
    )


def number_patients(names: Sequence[str]) -> list[int]:
    """A number for each row, from 1 by first appearance: what cards and pages call the patient."""
    order = {name: n for n, name in enumerate(dict.fromkeys(names), start=1)}
    return [order[name] for name in names]
