"""The table of a commissioning: one patient a line, and where their files lie."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.planning.study import Paths

PATHS = (
    "synthetic", "reference", "mr", "structures", "plan", "dose_reference", "dose_synthetic",
)  # fmt: skip
COLUMNS = ("patient", "date", *PATHS, "targets", "prescription")
MOST_BYTES, MOST_ROWS = 1_000_000, 2000


@dataclass(frozen=True)
class Patient:
    """One line of the table.

    Attributes
    ----------
    label : str
        As the site calls the patient in this study; it stands in the results.
    row : int
        Line of the file, by which errors name it.
    day : datetime.date or None
        Of the scan, for the trend.
    paths : Paths
        Where everything lies.
    targets : tuple of str
        Names of structures.
    prescription_gy : float or None
        What differences are percent of.
    """

    label: str
    row: int
    day: date | None
    paths: Paths
    targets: tuple[str, ...] = ()
    prescription_gy: float | None = None


def read_cohort(path: Path) -> tuple[Patient, ...]:
    """The patients of a CSV table.

    A line of column names, then one line a patient; paths are relative to the table. ``patient``
    and ``synthetic`` are needed; several targets stand in one cell with ``;`` between.

    Raises
    ------
    InputError
        If it cannot be read, has an unknown column or no patient, names one twice, or a cell is no
        date or number.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"The table {path.name} is too large: give one line a patient.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The table {path.name} cannot be read: give a CSV file.") from error
    rows = csv.DictReader(io.StringIO(text), restkey="", restval="")
    names = [(name or "").strip() for name in rows.fieldnames or ()]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or len(set(names)) < len(names):
        raise InputError(
            f"The table {path.name} has a column {(unknown or ['twice'])[0][:40]!r}; there are "
            f"{', '.join(COLUMNS)}."
        )
    if not {"patient", "synthetic"} <= set(names):
        raise InputError(f"The table {path.name} needs the columns patient and synthetic.")
    rows.fieldnames = names
    found = []
    for cells in rows:
        if "" in cells:
            raise InputError(f"Line {rows.line_num} of {path.name} has more cells than columns.")
        if any(value.strip() for value in cells.values()):
            found.append(_patient(cells, rows.line_num, path))
    if not 1 <= len(found) <= MOST_ROWS:
        raise InputError(f"The table {path.name} has {len(found)} patients: give 1 to {MOST_ROWS}.")
    seen: dict[str, int] = {}
    for patient in found:
        first = seen.setdefault(patient.label, patient.row)
        if first != patient.row:
            raise InputError(
                f"Lines {first} and {patient.row} of {path.name} name one patient: a patient "
                "counts once, or the spread is too small."
            )
    return tuple(found)


def _patient(cells: dict[str, str], row: int, table: Path) -> Patient:
    where = f"Line {row} of {table.name}"
    given = {name: value.strip() for name, value in cells.items()}
    for needed in ("patient", "synthetic"):
        if not given[needed]:
            raise InputError(f"{where} has no {needed}.")
    paths = {name: table.parent / given[name] for name in PATHS if given.get(name)}
    day, gray = None, None
    try:
        day = date.fromisoformat(given["date"]) if given.get("date") else None
    except ValueError as error:
        raise InputError(f"{where} has a date that is none: write YYYY-MM-DD.") from error
    try:
        gray = float(given["prescription"]) if given.get("prescription") else None
    except ValueError as error:
        raise InputError(f"{where} has a prescription that is no number of Gy.") from error
    if gray is not None and not 0 < gray < 1000:
        raise InputError(f"{where} has a prescription that is no number of Gy.")
    targets = tuple(t.strip() for t in given.get("targets", "").split(";") if t.strip())
    where_files = Paths(
        paths["synthetic"], paths.get("reference"), paths.get("mr"), paths.get("structures"), {},
        paths.get("plan"), paths.get("dose_reference"), paths.get("dose_synthetic"),
    )  # fmt: skip
    return Patient(given["patient"], row, day, where_files, targets, gray)
