"""The table of a commissioning: one patient a line, and where their files lie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.files.csv_table import Row, read_rows
from SynthCore.planning.study import Paths

PATHS = (
    "synthetic", "reference", "mr", "structures", "plan", "dose_reference", "dose_synthetic",
)  # fmt: skip
COLUMNS = ("patient", "date", *PATHS, "targets", "prescription")
MOST_ROWS = 2000


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
    rows = read_rows(path, COLUMNS, ("patient", "synthetic"), of="patients", most=MOST_ROWS)
    found = [_patient(row, path) for row in rows]
    seen: dict[str, int] = {}
    for patient in found:
        first = seen.setdefault(patient.label, patient.row)
        if first != patient.row:
            raise InputError(
                f"Lines {first} and {patient.row} of {path.name} name one patient: a patient "
                "counts once, or the spread is too small."
            )
    return tuple(found)


def _patient(row: Row, table: Path) -> Patient:
    where, given = f"Line {row.line} of {table.name}", row.cells
    for needed in ("patient", "synthetic"):
        if not given[needed]:
            raise InputError(f"{where} has no {needed}.")
    paths = {name: table.parent / given[name] for name in PATHS if given.get(name)}
    day, gray = None, None
    try:
        day = date.fromisoformat(given["date"]) if given.get("date") else None
    except ValueError as error:
        raise InputError(f"{where} has an invalid date: write YYYY-MM-DD.") from error
    try:
        gray = float(given["prescription"]) if given.get("prescription") else None
    except ValueError as error:
        raise InputError(f"{where} has a prescription that is not a dose in Gy.") from error
    if gray is not None and not 0 < gray < 1000:
        raise InputError(f"{where} has a prescription that is not a dose in Gy.")
    targets = tuple(t.strip() for t in given.get("targets", "").split(";") if t.strip())
    where_files = Paths(
        paths["synthetic"], paths.get("reference"), paths.get("mr"), paths.get("structures"), {},
        paths.get("plan"), paths.get("dose_reference"), paths.get("dose_synthetic"),
    )  # fmt: skip
    return Patient(given["patient"], row.line, day, where_files, targets, gray)
