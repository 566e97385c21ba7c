"""Images that stand under several ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from SynthCore.cohort.case import Case
from SynthCore.files.read import split_series
from SynthCore.words import listed


def with_remarks(cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases, with a remark on each whose images stand under another id too.

    One that is found under another name by a link is seen, a copy is not.
    """
    stands: dict[tuple[int, int, str], list[tuple[Case, str]]] = {}
    for case in cases:
        for column, text in case.given().items():
            if column != "mask" and (image := _image(text)) is not None:
                stands.setdefault(image, []).append((case, column))
    remarks: dict[str, list[str]] = {}
    for places in stands.values():
        for case, column in places:
            others = dict.fromkeys(one.id for one, _ in places if one.id != case.id)
            if others:
                remarks.setdefault(case.id, []).append(
                    f"The {column} of this case is also an image of {listed(list(others))}: see "
                    "that the table names the right one."
                )
    return tuple(replace(case, remarks=tuple(remarks.get(case.id, ()))) for case in cases)


def _image(text: str) -> tuple[int, int, str] | None:
    """The same for one file or series, whatever its path; None where it cannot be looked at."""
    place, series = split_series(text)
    try:
        found = place.stat()
    except OSError:  # reading it will say so
        return None
    return found.st_dev, found.st_ino, series or ""
