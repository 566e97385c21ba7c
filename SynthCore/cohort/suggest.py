"""A table suggested for a folder of studies, for a person to read and correct."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from SynthCore.cohort.suggest_dicom import from_series
from SynthCore.cohort.suggest_names import from_names, stem_of
from SynthCore.cohort.table import MASK, REFERENCE
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.headers import text
from SynthCore.dicom.scan import Scan, scan
from SynthCore.dicom.series import SeriesInfo, series_of
from SynthCore.errors import InputError
from SynthCore.request import Progress
from SynthCore.staging import new_files, refuse_files
from SynthCore.tasks import SAME_ROLE_TASKS, Task
from SynthCore.words import counted


@dataclass(frozen=True)
class Suggested:
    """Cells by case, and a sentence for each that was left empty or needs a look."""

    cases: tuple[Mapping[str, str], ...]
    told: tuple[str, ...]


@dataclass(frozen=True)
class Roles:
    """Roles to look for: those that a task takes, and the one to compare its result with."""

    inputs: tuple[str, ...]
    real: str | None

    @classmethod
    def of(cls, task: Task, target: str | None) -> Roles:
        """Of a task; of one with a choice, where the target is named."""
        if task.name in SAME_ROLE_TASKS:
            return cls(task.inputs, None)
        real = target or (task.outputs[0] if len(task.outputs) == 1 else None)
        return cls(tuple(role for role in task.inputs if role != real), real)

    @property
    def columns(self) -> dict[str, str]:
        """The column of each role."""
        own = {role: role for role in self.inputs}
        return own if self.real is None else {**own, self.real: REFERENCE}


def write_suggestion(
    task: Task,
    target: str | None,
    folder: Path,
    table: Path,
    progress: Progress | None = None,
) -> Suggested:
    """Write a table of what lies in a folder; what is not certain stays empty, and is told.

    Each folder in it is a case, or, where it holds the images itself, each patient by the headers
    and each file name less its role. Cases are numbered: a folder may bear a patient's name.

    Parameters
    ----------
    task, target
        What is to be made.
    folder : Path
        With the studies.
    table : Path
        The file to write; must not be there.
    progress : callable, optional
        Told how far it is.

    Raises
    ------
    InputError
        If the table is there, or the folder is not or holds no image.
    """
    refuse_files(table)
    if not folder.is_dir():
        raise InputError(f"{folder.name or folder} is not a folder; give the one with the studies.")
    roles = Roles.of(task, target)
    cases: list[dict[str, str]] = []
    told: list[str] = []
    by_name = 0
    places = _places(folder)
    for n, place in enumerate(places):
        if progress is not None:
            progress(n / len(places), f"folder {n + 1} of {len(places)}")
        for found in _cases_in(place, place == folder, roles):
            name = f"case-{len(cases) + 1:03d}"
            cells = {column: _relative(path, table) for column, path in found.cells.items()}
            cases.append({"id": name, **cells})
            # by number: its name may be a patient's
            where = name if place == folder else f"{name}, folder {n + 1}"
            told += [f"{where}: {remark}" for remark in found.remarks]
            by_name += found.by_name
            if not any(role in cells for role in roles.inputs):
                told.append(f"{where}: no input is certain; name one, or take the line out")
    if not cases:
        raise InputError(
            f"{folder.name} holds no DICOM series and no image file; give the folder whose "
            "folders are the studies."
        )
    if by_name:
        told.append(
            f"The images of {counted(by_name, 'case')} were told by file names alone, which no "
            "header confirms: see that they are what they are called, and lie in one space."
        )
    columns = ["id", *roles.columns.values(), *([MASK] if task.needs_mask else [])]
    with new_files(table) as (part,), part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(cases)
    return Suggested(tuple(cases), tuple(told))


def _places(folder: Path) -> list[Path]:
    """Folders that are a case each, and the folder itself where images lie right in it."""
    inside = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    own = [folder] if any(path.is_file() for path in inside) else []
    return [*own, *(path for path in inside if path.is_dir())]


@dataclass(frozen=True)
class _Found:
    """One case in a place."""

    cells: Mapping[str, str]
    remarks: Sequence[str]
    by_name: bool = False


def _cases_in(place: Path, flat: bool, roles: Roles) -> Iterator[_Found]:
    found = _scan(place, flat)
    if found.damaged:
        yield _Found({}, ["its DICOM has damaged files, so nothing is suggested; copy it again"])
        return
    with quiet():
        series = series_of(found, place.name)
    patients: dict[str, list[SeriesInfo]] = {}
    for one in series:
        if one.kind and one.images and not one.localizer:
            patients.setdefault(text(one.instances[0].header, "PatientID"), []).append(one)
    for own in patients.values():
        numbers, remarks = from_series(own, roles.columns)
        yield _Found({column: f"{place}#{number}" for column, number in numbers.items()}, remarks)
    groups: dict[str, list[Path]] = {}
    for path in found.others:
        if (stem := stem_of(path)) is not None:
            groups.setdefault(stem if flat else "", []).append(path)
    for paths in groups.values():
        files, remarks = from_names(paths, roles.columns)
        if files or remarks:
            cells = {column: str(path) for column, path in files.items()}
            yield _Found(cells, remarks, bool(files))


def _scan(place: Path, flat: bool) -> Scan:
    """What lies under a place; of the whole folder only what lies right in it."""
    with quiet():
        found = scan(place)
    if not flat:
        return found
    return Scan(
        tuple(one for one in found.instances if one.path.parent == place),
        tuple(path for path in found.damaged if path.parent == place),
        tuple(path for path in found.others if path.parent == place),
    )


def _relative(path: str, table: Path) -> str:
    try:
        return Path(os.path.relpath(path, table.absolute().parent)).as_posix()
    except ValueError:  # another disk
        return str(Path(path).absolute())
