"""The series that an archive lists, refused where they are not all: a part is not taken for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from SynthCore.dicom.archive.query import FoundSeries, Query, found_series, is_uid
from SynthCore.dicom.headers import integer, text
from SynthCore.errors import ComputationError, InputError
from SynthCore.words import counted

SeriesOf = Callable[[str, str, str], Sequence[Any]]
"""An archive's answers for series: StudyInstanceUID, SeriesInstanceUID, Modality; empty for any."""


def complete(
    query: Query, studies: Iterable[Any], series_of: SeriesOf, host: str
) -> tuple[FoundSeries, ...]:
    """Every series that fits.

    Parameters
    ----------
    query : Query
        What is looked for.
    studies : iterable of headers
        What the archive answered for studies.
    series_of : callable
        Asks it for the series of one.
    host : str
        For messages.

    Raises
    ------
    InputError
        If a series that was named is not there.
    ComputationError
        If the archive lists less than it holds, or what has no UID to fetch it by.
    """
    found: list[FoundSeries | None] = []
    without_uid = 0
    for study in filter(query.fits_study, studies):
        uid = text(study, "StudyInstanceUID")
        if is_uid(uid):
            found += [found_series(study, one) for one in _listed(query, study, series_of, host)]
        else:
            without_uid += 1
    _refuse_without_uid(without_uid, "study", "studies", host)
    _refuse_without_uid(sum(one is None for one in found), "series", "series", host)
    chosen = query.chosen(found)
    missing = set(query.series_uids) - {one.series_uid for one in chosen}
    if missing:
        raise InputError(
            f"{len(missing)} of {len(set(query.series_uids))} series asked for with --series not "
            f"found in that study{' and modality' if query.modality else ''}; list it without "
            "--series to see what it has."
        )
    return chosen


def _listed(query: Query, study: Any, series_of: SeriesOf, host: str) -> list[Any]:
    uid = text(study, "StudyInstanceUID")
    if query.series_uids:  # each is asked for by its name, and known to be missing
        return [s for one in query.series_uids for s in series_of(uid, one, query.modality)]
    everything = series_of(uid, "", "")
    _refuse_fewer(study, everything, host)
    return list(series_of(uid, "", query.modality) if query.modality else everything)


def _refuse_fewer(study: Any, series: Sequence[Any], host: str) -> None:
    """By the numbers that the study tells; archives cut a long answer, and not all say so."""
    held = {text(one, "SeriesInstanceUID"): _objects(one) for one in series}
    there = integer(study, "NumberOfStudyRelatedSeries")
    objects = integer(study, "NumberOfStudyRelatedInstances")
    if len(held) < there:
        what = f"{len(held)} of {there} series"
    elif all(held.values()) and sum(held.values()) < objects:
        what = f"series with {sum(held.values())} of {counted(objects, 'object')}"
    else:
        return
    raise ComputationError(
        f"The archive {host} lists {what} of a study; use its other protocol, name each series "
        "with --study and --series, or have it answer with more."
    )


def _objects(series: Any) -> int:
    return max(0, integer(series, "NumberOfSeriesRelatedInstances"))


def _refuse_without_uid(number: int, one: str, several: str, host: str) -> None:
    if number:
        raise ComputationError(
            f"{number} {one if number == 1 else several} of what fits in {host} cannot be fetched, "
            "as the UID there is none that DICOM allows; correct it in the archive, or name what "
            "else is wanted with --study and --series."
        )
