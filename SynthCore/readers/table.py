"""The table of a reader study: one image a line, what it is, and what gives it away."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from SynthCore.errors import InputError
from SynthCore.files.csv_table import Row, read_rows
from SynthCore.tasks import parse_role

Truth = Literal["real", "synthetic"]
Point = tuple[float, float, float]

COLUMNS = ("image", "truth", "case", "role", "window", "center", "clue", "clue_point")
NEEDED = ("image", "truth", "case", "role")
MOST_ROWS, LONGEST_CLUE = 500, 1000


@dataclass(frozen=True)
class Entry:
    """One line of the table.

    Attributes
    ----------
    row : int
        Line of the file, by which errors name it.
    image : str
        Path of the image (``FOLDER#SERIES`` for one series of several).
    truth : {'real', 'synthetic'}
        What it is.
    case : str
        What the site calls the patient in this study; a real and a synthetic image of one case
        are compared with each other. It stands in the results, so that it is no name.
    role : str
        Of the catalogue: ``T1``, ``CT``, ...
    window : tuple of float or None
        Values shown black and white; the same for all images of a role.
    center : tuple of float or None
        LPS mm: the middle of what is shown; the same for all images of a case.
    clue : str
        What gives the image away, shown by the teaching mode.
    clue_point : tuple of float or None
        LPS mm: where.
    """

    row: int
    image: str
    truth: Truth
    case: str
    role: str
    window: tuple[float, float] | None = None
    center: Point | None = None
    clue: str = ""
    clue_point: Point | None = None


def read_table(path: Path) -> tuple[Entry, ...]:
    """The images of a CSV table.

    A line of column names (``image, truth, case, role`` and, where wanted, ``window, center, clue,
    clue_point``), then one line an image; paths are relative to the table. Numbers of one cell
    stand with spaces between: a window ``-160 240``, a point ``12.5 -30 41`` in LPS mm.

    Raises
    ------
    InputError
        If it cannot be read, a column or a cell is not as above, all images are of one truth, or
        the windows of a role differ.
    """
    rows = read_rows(path, COLUMNS, NEEDED, of="images", least=2, most=MOST_ROWS)
    found = [_entry(row, path) for row in rows]
    if len({entry.truth for entry in found}) < 2:
        raise InputError(f"The table {path.name} has only {found[0].truth} images: give both.")
    return _agreed(found, path)


def _entry(row: Row, table: Path) -> Entry:
    where, given = f"Line {row.line} of {table.name}", row.cells
    for needed in NEEDED:
        if not given[needed]:
            raise InputError(f"{where} has no {needed}.")
    truth = given["truth"].lower()
    if truth not in ("real", "synthetic"):
        raise InputError(f"{where} has the truth {truth[:40]!r}; write real or synthetic.")
    if len(given["case"]) > 64:
        raise InputError(f"{where} has a case of more than 64 characters: give a short label.")
    clue = given.get("clue", "")
    if len(clue) > LONGEST_CLUE:
        raise InputError(f"{where} has a clue of more than {LONGEST_CLUE} characters; shorten it.")
    window = _numbers(given.get("window", ""), 2, f"{where} has a window")
    if window is not None and window[0] >= window[1]:
        raise InputError(f"{where} has a window whose first value is not the lower one.")
    center = _numbers(given.get("center", ""), 3, f"{where} has a center")
    point = _numbers(given.get("clue_point", ""), 3, f"{where} has a clue_point")
    return Entry(
        row.line,
        str(table.parent / given["image"]),
        "real" if truth == "real" else "synthetic",
        given["case"],
        parse_role(given["role"]),
        None if window is None else (window[0], window[1]),
        _point(center),
        clue,
        _point(point),
    )


def _numbers(text: str, count: int, what: str) -> tuple[float, ...] | None:
    if not text:
        return None
    try:
        values = tuple(float(part) for part in text.replace(";", " ").split())
    except ValueError:
        values = ()
    if len(values) != count or not all(math.isfinite(v) for v in values):
        raise InputError(f"{what} that is not {count} numbers with spaces between.")
    return values


def _point(values: tuple[float, ...] | None) -> Point | None:
    return None if values is None else (values[0], values[1], values[2])


def _agreed(entries: list[Entry], table: Path) -> tuple[Entry, ...]:
    """One window a role and one center a case: a difference there would tell the truth."""
    windows: dict[str, tuple[float, float]] = {}
    centers: dict[str, Point] = {}
    for entry in entries:
        if entry.window and windows.setdefault(entry.role, entry.window) != entry.window:
            raise InputError(
                f"Line {entry.row} of {table.name} has another window for {entry.role} than a line "
                "before; all images of a role are shown alike."
            )
        if entry.center and centers.setdefault(entry.case, entry.center) != entry.center:
            raise InputError(
                f"Line {entry.row} of {table.name} has another center for its case than a line "
                "before; all images of a case are shown at one place."
            )
    return tuple(
        replace(entry, window=windows.get(entry.role), center=centers.get(entry.case))
        for entry in entries
    )
