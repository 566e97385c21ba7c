"""The table of a batch: one case a line, and everything that is wrong with it told at once."""

from __future__ import annotations

from pathlib import Path

from SynthCore.cohort.case import Case
from SynthCore.cohort.names import same_folder, unsafe
from SynthCore.cohort.shared import with_remarks
from SynthCore.errors import InputError
from SynthCore.files.csv_table import Row, read_rows
from SynthCore.files.read import split_series
from SynthCore.one_run.inputs import refuse_within
from SynthCore.tasks import Task
from SynthCore.words import counted

MASK, REFERENCE = "mask", "reference"
MOST_CASES = 5000
MOST_TOLD = 40


def columns_of(task: Task) -> tuple[str, ...]:
    """Columns that a table for the task may have."""
    return ("id", *task.inputs, MASK, REFERENCE)


def read_cases(path: Path, task: Task, target: str | None, out: Path) -> tuple[Case, ...]:
    """The cases of a CSV table.

    A line of column names, then a line a case: ``id``, a column for each role that the task takes,
    and if wanted ``mask`` and ``reference``. Paths are relative to the table or absolute. An empty
    cell says that the case lacks that image.

    Parameters
    ----------
    path : Path
        The table.
    task : Task
        What is to be made.
    target : str or None
        The role to make, where there is a choice.
    out : Path
        Folder for the results; must not lie in a folder that is read.

    Raises
    ------
    InputError
        With all that is wrong, line by line.
    """
    columns = columns_of(task)
    faults: list[str] = []
    rows = read_rows(path, columns, ("id",), of="cases", most=MOST_CASES, faults=faults)
    if any("id" not in row.cells for row in rows):
        raise InputError(_told(path, faults))
    faults += _doubled(rows)
    cases = []
    for row in rows:
        case, wrong = _case(row, path.parent, task, target, out)
        faults += [f"line {row.line}: {fault}" for fault in wrong]
        if case is not None:
            cases.append(case)
    if faults:
        raise InputError(_told(path, faults))
    return with_remarks(cases)


def _told(path: Path, faults: list[str]) -> str:
    shown = [f"\n- {fault[0].upper()}{fault[1:].rstrip('.')}." for fault in faults[:MOST_TOLD]]
    if len(faults) > MOST_TOLD:
        shown.append(f"\n- And {len(faults) - MOST_TOLD} more.")
    return (
        f"Nothing was computed, as {counted(len(faults), 'thing')} in the table {path.name} must "
        f"be put right first:{''.join(shown)}"
    )


def _doubled(rows: tuple[Row, ...]) -> list[str]:
    """Lines whose results would lie in one folder."""
    seen: dict[str, Row] = {}
    found = []
    for row in rows:
        name = row.text("id")
        first = seen.setdefault(same_folder(name), row)
        if name and first is not row:
            alike = "is" if name == first.text("id") else "is on some systems the same folder as"
            found.append(f"line {row.line}: the id {alike} that of line {first.line}")
    return found


def _case(
    row: Row, folder: Path, task: Task, target: str | None, out: Path
) -> tuple[Case | None, list[str]]:
    faults = []
    name = row.text("id")
    if why := unsafe(name):
        faults.append(f"the id cannot name a folder: it {why}")
    given = {
        column: _absolute(folder, row.text(column))
        for column in (*task.inputs, MASK, REFERENCE)
        if row.text(column)
    }
    for column, path in given.items():
        place, series = split_series(path)
        # the path itself is not told: it may hold a patient's name
        if not _there(place):
            faults.append(f"{column} is not a file or folder that is there")
        elif series is not None and not place.is_dir():
            faults.append(f"{column} names a series of a file: give a folder before #")
    paths = {role: given[role] for role in task.inputs if role in given}
    made = ""
    if not paths:
        faults.append(f"there is no image; {task.name} takes {', '.join(task.inputs)}")
    elif missing := [role for role in task.required if role not in paths]:
        faults.append(f"{task.name} needs {', '.join(missing)}")
    else:
        try:
            made = task.resolve_target(tuple(paths), target)
            refuse_within(out, given)
        except InputError as error:
            faults.append(str(error))
    if task.needs_mask and MASK not in given:
        faults.append(f"there is no mask, and {task.name} fills one")
    if MASK in given and REFERENCE not in given and not task.needs_mask:
        faults.append(f"{task.name} takes no mask without a reference to score in it")
    if faults:
        return None, faults
    mask, reference = given.get(MASK), given.get(REFERENCE)
    return Case(
        name, row.line, paths, made, Path(mask) if mask else None,
        Path(reference) if reference else None,
    ), []  # fmt: skip


def _absolute(folder: Path, text: str) -> str:
    # not resolved: a link stays what the person named
    return str((folder / Path(text).expanduser()).absolute())


def _there(place: Path) -> bool:
    try:
        return place.exists()
    except (OSError, ValueError):  # too long a name, a null byte
        return False
