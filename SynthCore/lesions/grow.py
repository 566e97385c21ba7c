"""One lesion at several dates: every date's lesion holds all that it held before."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.lesions.blend import blend_border
from SynthCore.lesions.body import Body
from SynthCore.lesions.drawn import draw
from SynthCore.lesions.place import build_in, finish, measure
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.scene import Scene, make_scene
from SynthCore.lesions.wish import LesionWish
from SynthCore.request import Progress, part_of

MOST_DATES = 24
_MOST_DOUBLINGS = 40
"""From a milliliter to what no patient holds; numbers end soon after."""


def volumes_of(first_ml: float, dates: Sequence[date], doubling_days: float) -> tuple[float, ...]:
    """Volumes at dates of a lesion that doubles in so many days (exponential growth).

    Of lung nodules see MacMahon et al., Radiology 2017;284:228: solid cancers double in 100 to 400
    days, subsolid ones in 3 to 5 years.
    """
    if not (math.isfinite(doubling_days) and doubling_days > 0):
        raise InputError("The doubling time is a number of days above 0.")
    doublings = [(day - dates[0]).days / doubling_days for day in dates]
    if max(doublings, default=0.0) > _MOST_DOUBLINGS:
        raise InputError(
            f"From {dates[0]} to {max(dates)} the lesion would double {max(doublings):.0f} times; "
            "give a longer doubling time, or dates nearer to each other."
        )
    return tuple(first_ml * 2**n for n in doublings)


def grow(
    images: Mapping[str, Image],
    wish: LesionWish,
    dates: Sequence[date],
    volumes_ml: Sequence[float] = (),
    *,
    doubling_days: float | None = None,
    organ: Image | None = None,
    scene: Scene | None = None,
    blend: bool = False,
    progress: Progress | None = None,
) -> list[tuple[date, Placed]]:
    """Place the same lesion as it is at several dates.

    Parameters
    ----------
    images : mapping
        By role: the patient without it; every date begins from them.
    wish : LesionWish
        Its volume is that of the first date where `doubling_days` is given, else not looked at.
    dates : sequence of datetime.date
        Rising.
    volumes_ml : sequence of float
        One a date, not falling; or none, and `doubling_days`.
    doubling_days : float, optional
        Time in which the volume doubles.
    organ, scene, blend, progress
        As in `SynthCore.lesions.place.place`.

    Returns
    -------
    list of tuple
        Date and what was placed, in order.

    Raises
    ------
    InputError
        If dates or volumes do not fit.
    RefusedError
        If there is no room for the lesion at its largest; nothing is placed then.
    """
    days = tuple(dates)
    volumes = tuple(volumes_ml) or (
        () if doubling_days is None else volumes_of(wish.volume_ml, days, doubling_days)
    )
    _check(days, volumes)
    scene = scene or make_scene(images, wish, organ, part_of(progress, 0.0, 0.1))
    wishes = [replace(wish, volume_ml=volume) for volume in volumes]
    measure(scene, wishes[-1], part_of(progress, 0.1, 0.14))
    drawn = draw(scene, wishes[-1])
    # refuses before anything is painted
    build_in(scene, images, wishes[-1], drawn, progress=part_of(progress, 0.14, 0.2))
    out: list[tuple[date, Placed]] = []
    body: Body | None = None
    for n, (day, now) in enumerate(zip(days, wishes, strict=True)):
        low, share = 0.2 + 0.8 * n / len(days), 0.8 / len(days)
        dated = part_of(progress, 0.0, 1.0, before=f"{day.isoformat()}: ")
        body = build_in(scene, images, now, drawn, body, part_of(dated, low, low + 0.2 * share))
        held = out[-1][1].mask.voxels > 0 if out else None
        painted = low + (0.5 if blend else 1.0) * share
        placed = finish(images, now, scene, body, part_of(dated, low + 0.2 * share, painted), held)
        if blend:
            placed = blend_border(placed, body, progress=part_of(dated, painted, low + share))
        facts = {**placed.facts, "date": day.isoformat()}
        uid = out[0][1].uid if out else placed.uid
        out.append((day, replace(placed, facts=facts, uid=uid)))
    return out


def _check(days: Sequence[date], volumes: Sequence[float]) -> None:
    if not 1 <= len(days) <= MOST_DATES:
        raise InputError(f"Give 1 to {MOST_DATES} dates of a growing lesion.")
    for earlier, later in itertools.pairwise(days):
        if later <= earlier:
            raise InputError(
                f"The date {later} does not lie after {earlier}; give the dates of a growing "
                "lesion in their order, each once."
            )
    if len(volumes) != len(days):
        raise InputError(
            f"There are {len(days)} dates and {len(volumes)} volumes; give a volume for each "
            "date, or a doubling time."
        )
    for day, (before, now) in zip(days[1:], itertools.pairwise(volumes), strict=True):
        if now < before:
            raise InputError(
                f"The volume falls from {before:g} to {now:g} ml on {day}; a lesion here only "
                "grows or stays as it is, so give volumes that do not fall."
            )
