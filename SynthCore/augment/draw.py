"""Which lesions go into which study: all of it drawn from one seed before anything is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from SynthCore.augment.studies import Study
from SynthCore.augment.wishes import WishRow
from SynthCore.errors import InputError
from SynthCore.lesions.wish import LesionWish

ATTEMPTS = 4
"""How often a lesion is drawn anew where a study refuses it."""


@dataclass(frozen=True)
class SubjectPlan:
    """One image set to be made.

    Attributes
    ----------
    name : str
        ``sub-0001``.
    study : Study
        What it is made from.
    row : int
        Of the wishes, from 1.
    wishes : tuple
        For each lesion the draws to try, first the first.
    """

    name: str
    study: Study
    row: int
    wishes: tuple[tuple[LesionWish, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """Without a name or path of the study."""
        return {
            "subject": self.name,
            "study": self.study.number,
            "patient": self.study.patient,
            "row": self.row,
            "wishes": [[wish.to_dict() for wish in tries] for tries in self.wishes],
        }


def draw(rows: Sequence[WishRow], studies: Sequence[Study], seed: int) -> tuple[SubjectPlan, ...]:
    """Every subject of a table of wishes.

    The studies of a row take turns in an order drawn for the row. What a row gets depends on the
    seed and its own place in the table alone.

    Raises
    ------
    InputError
        If a row names a study that is not there.
    """
    by_name = {study.name: study for study in studies}
    width = max(4, len(str(sum(row.images for row in rows))))
    plans: list[SubjectPlan] = []
    for number, row in enumerate(rows, start=1):
        missing = [name for name in row.studies if name not in by_name]
        if missing:
            raise InputError(
                f"Line {row.line} of the wishes asks for a study that the table of studies has "
                "not; write its name as it stands there."
            )
        chosen = [by_name[name] for name in row.studies] or list(studies)
        order = np.random.default_rng([seed, number]).permutation(len(chosen))
        for image in range(row.images):
            wishes = tuple(
                tuple(_draw_one(row, (seed, number, image, lesion, attempt))
                      for attempt in range(ATTEMPTS))
                for lesion in range(row.lesions)
            )  # fmt: skip
            name = f"sub-{len(plans) + 1:0{width}d}"
            plans.append(SubjectPlan(name, chosen[order[image % len(order)]], number, wishes))
    return tuple(plans)


def plan_hash(plans: Sequence[SubjectPlan]) -> str:
    """SHA-256 of all that was drawn: equal tables, files and seeds give equal hashes."""
    text = json.dumps(
        [{**plan.to_dict(), "bytes": plan.study.size} for plan in plans], sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _draw_one(row: WishRow, key: tuple[int, ...]) -> LesionWish:
    random = np.random.default_rng(list(key))
    low, high = np.log(row.volume_ml)
    volume = float(np.exp(random.uniform(low, high)))
    # rounding may leave the range by the last digit
    volume = min(max(float(f"{volume:.4g}"), row.volume_ml[0]), row.volume_ml[1])
    site = row.sites[random.integers(len(row.sites))] if row.sites else None
    contrast, texture, mass_effect = (
        round(float(random.uniform(*span)), 4)
        for span in (row.contrast, row.texture, row.mass_effect)
    )
    seed = int(random.integers(2**31))
    # drawn last: tables without them give what they always gave
    side, region = (of[random.integers(len(of))] if of else None for of in (row.sides, row.regions))
    return LesionWish(
        kind=row.kind, volume_ml=volume, at=row.at, site=site, contrast=contrast, texture=texture,
        mass_effect=mass_effect, seed=seed, side=side, region=region,
    )  # fmt: skip
