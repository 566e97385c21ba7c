"""Columns suggested by the headers of DICOM series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from SynthCore.cohort.table import REFERENCE
from SynthCore.dicom.series import SeriesInfo


def from_series(
    series: Sequence[SeriesInfo], columns: Mapping[str, str]
) -> tuple[dict[str, int], list[str]]:
    """The number of a series for each column, and what was left empty.

    Parameters
    ----------
    series : sequence of SeriesInfo
        Of one patient.
    columns : mapping
        Column by role.

    Returns
    -------
    tuple
        Only where words and numbers of the headers agree, and one series alone suggests the role.
    """
    cells: dict[str, int] = {}
    told: list[str] = []
    acquired = [one for one in series if not one.synthetic and one.images > 1]
    for role, column in columns.items():
        suggesting = [one for one in acquired if one.role == role]
        certain = [one for one in suggesting if one.suggestion.certain]
        if len(certain) == 1:
            cells[column] = certain[0].number
            more = [one for one in suggesting if one not in certain]
            if more:
                told.append(f"{column} is #{certain[0].number}; {_numbers(more)} may be {role} too")
        elif certain:
            told.append(
                f"{column} is left empty: {_numbers(certain)} suggest {role}; take one, as "
                f"FOLDER#{certain[0].number}"
            )
        elif suggesting:
            reasons = "; ".join(f"#{one.number}: {one.suggestion.reason}" for one in suggesting)
            told.append(
                f"{column} is left empty, as no series is {role} for certain ({reasons})"
                + (
                    f"; if it is, write FOLDER#{suggesting[0].number}"
                    if len(suggesting) == 1
                    else ""
                )
            )
    return _same_frame(cells, told, acquired), told


def _same_frame(
    cells: dict[str, int], told: list[str], series: Sequence[SeriesInfo]
) -> dict[str, int]:
    """Without a reference that the scanner placed elsewhere: it would be scored as if it fitted."""
    frames = {
        one.number: str(one.instances[0].header.get("FrameOfReferenceUID", "")) for one in series
    }
    inputs = {frames[number] for column, number in cells.items() if column != REFERENCE}
    if REFERENCE in cells and frames[cells[REFERENCE]] not in inputs:
        which = f"#{cells[REFERENCE]}"
        why = f"{which} has another frame of reference than the input; register it first"
        if not inputs:
            why = f"write FOLDER{which} where it has the input's frame of reference"
        told.append(f"reference is left empty: {why}")
        return {column: number for column, number in cells.items() if column != REFERENCE}
    return cells


def _numbers(series: Sequence[SeriesInfo]) -> str:
    return ", ".join(f"#{one.number}" for one in series)
