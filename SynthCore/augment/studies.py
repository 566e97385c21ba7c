"""The table of studies: whose images the lesions are placed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.files.csv_table import Row, read_rows
from SynthCore.tasks import CT_ROLES, MR_ROLES

ROLES = (*MR_ROLES, CT_ROLES[0])
COLUMNS = ("study", "patient", *ROLES, "mask", "organ")


@dataclass(frozen=True)
class Study:
    """One patient's images of one date.

    Attributes
    ----------
    name : str
        By which wishes choose it; it stands nowhere in what is written.
    patient : int
        Number of the patient, counted from 1 in the order of the table. It is what is written:
        names in a table may be a clinic's own.
    number : int
        Of the study, from 1.
    paths : mapping
        Image file or DICOM folder by role.
    mask : Path or None
        Lesions that are there already: nothing is placed on them, and they count as truth.
    organ : Path or None
        The organ that lesions are placed in, where it is not found by rule (the liver).
    size : int
        Bytes of all its files: by this a run that is gone on with sees that they are others.
    """

    name: str
    patient: int
    number: int
    paths: Mapping[str, Path] = field(default_factory=dict)
    mask: Path | None = None
    organ: Path | None = None
    size: int = 0


def read_studies(path: Path) -> tuple[Study, ...]:
    """The studies of a CSV table.

    A line a study: ``study``, a column for each role with the path of its image (relative to the
    table), and if known ``patient`` (by default the study is a patient of its own), ``mask`` and
    ``organ``.

    Raises
    ------
    InputError
        If the table cannot be read, names a study twice, or one has no image.
    """
    rows = read_rows(path, COLUMNS, ("study",))
    patients: dict[str, int] = {}
    found: dict[str, Study] = {}
    for number, row in enumerate(rows, start=1):
        made = _study(row, number, patients, path.parent)
        if made.name in found:
            raise InputError(f"Line {row.line} of {path.name} names a study twice.")
        found[made.name] = made
    return tuple(found.values())


def _study(row: Row, number: int, patients: dict[str, int], folder: Path) -> Study:
    name = row.text("study")
    if not name:
        raise row.wrong("study", "given")
    paths = {role: _there(row, role, folder) for role in ROLES if row.text(role)}
    if not paths:
        raise InputError(
            f"Line {row.line} of {row.table} has no image; give a path under one of "
            f"{', '.join(ROLES)}."
        )
    mask, organ = (
        _there(row, column, folder) if row.text(column) else None for column in ("mask", "organ")
    )
    patient = patients.setdefault(row.text("patient") or name, len(patients) + 1)
    size = sum(_bytes(path) for path in (*paths.values(), mask, organ) if path is not None)
    return Study(name, patient, number, paths, mask, organ, size)


def _there(row: Row, column: str, folder: Path) -> Path:
    found = folder / row.text(column)
    try:
        there = found.exists()
    except OSError:  # a name that is too long
        there = False
    if not there:
        raise row.wrong(column, "a file or folder that is there")
    return found


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
