"""A table of pairs: CSV with the columns ``patient``, one for each role, and ``target``."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.files.csv_table import delimiter_of
from SynthCore.files.read import split_series
from SynthCore.training.finetune.bids import find_pairs
from SynthCore.training.finetune.rows import PairPaths, Table
from SynthCore.training.finetune.wanted import Wanted

LARGEST_BYTES = 10 << 20


def read_pairs(source: Path, kind: Wanted) -> Table:
    """The pairs of a CSV file, or of a folder in BIDS.

    Raises
    ------
    InputError
        If it cannot be read, a column or a cell is missing, a file is not there, a pair is given
        twice, or a target is an input; the sentence names the row.
    """
    try:
        if source.is_dir():
            found = find_pairs(source, kind)
        elif source.is_file():
            found = Table(tuple(_read_csv(source, kind)))
        else:
            raise InputError(
                f"There is no {source.name}; give a CSV file or a BIDS folder with --pairs."
            )
    except OSError as error:
        raise InputError(
            f"The pairs in {source.name} cannot be read ({error.strerror}); see who may."
        ) from error
    _require_distinct(found.pairs)
    return found


def _read_csv(path: Path, kind: Wanted) -> list[PairPaths]:
    if path.stat().st_size > LARGEST_BYTES:
        raise InputError(f"{path.name} is too large for a table of pairs; give a CSV file.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        reader = csv.reader(text.splitlines(), delimiter=delimiter_of(text), strict=True)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} is no CSV file in UTF-8; save it as one.") from error
    if not rows:
        raise InputError(
            f"{path.name} is empty; give a line of column names and one for each pair."
        )
    names = [cell.strip() for cell in rows[0][1]]
    _require_columns(path.name, names, kind)
    if len(rows) == 1:
        raise InputError(f"{path.name} has column names and no pair; add one line for each pair.")
    found = []
    for number, row in rows[1:]:
        where = f"row {number} of {path.name}"  # as a spreadsheet counts
        if len(row) != len(names):
            raise InputError(
                f"In {where} there are {len(row)} cells for {len(names)} columns; correct it."
            )
        cells = {name: cell.strip() for name, cell in zip(names, row, strict=True)}
        found.append(_pair(where, cells, kind, path.parent))
    return found


def _require_columns(name: str, columns: Sequence[str], kind: Wanted) -> None:
    known = ("patient", *kind.roles, "target")
    for column in columns:
        if column not in known:
            raise InputError(f"{name} has a column {column!r}; the columns are {', '.join(known)}.")
        if columns.count(column) > 1:
            raise InputError(f"{name} has the column {column!r} twice; keep one.")
    needed = ("patient", "target", *(kind.roles if kind.every else ()))
    for column in needed:
        if column not in columns:
            raise InputError(f"{name} has no column {column!r}; add it.")
    if not set(columns) & set(kind.roles):
        raise InputError(f"{name} has no column for an input; add {' or '.join(kind.roles)}.")


def _pair(where: str, cells: Mapping[str, str], kind: Wanted, folder: Path) -> PairPaths:
    if not cells["patient"]:
        raise InputError(f"In {where} the patient is empty; the split is made by patient.")
    if not cells["target"]:
        raise InputError(f"In {where} the target is empty; give the path of the image to learn.")
    given = {role: cells[role] for role in kind.roles if cells.get(role)}
    if not given or (kind.every and len(given) < len(kind.roles)):
        missing = [role for role in kind.roles if role not in given]
        joined = (" and " if kind.every else " or ").join(missing)
        raise InputError(f"In {where} there is no path for {joined}; add it.")
    paths = {role: folder / path for role, path in {**given, "target": cells["target"]}.items()}
    for role, path in paths.items():
        if not split_series(path)[0].exists():  # a folder may be followed by #NUMBER of a series
            raise InputError(f"In {where} there is no file for {role}; correct the path.")
    target = paths.pop("target")
    return PairPaths(where, cells["patient"], paths, target)


def _require_distinct(pairs: Sequence[PairPaths]) -> None:
    for pair in pairs:
        if pair.target.resolve() in {path.resolve() for path in pair.inputs.values()}:
            raise InputError(
                f"In {pair.where} the target is one of its inputs; give the image to learn."
            )
    owner: dict[Path, PairPaths] = {}
    for pair in pairs:
        for path in {p.resolve() for p in (*pair.inputs.values(), pair.target)}:
            other = owner.setdefault(path, pair)
            if other is not pair and other.patient != pair.patient:
                raise InputError(
                    f"A file of {pair.where} belongs to another patient in {other.where}; "
                    "one of them is wrong, and the split is by patient."
                )
    spelled: dict[str, PairPaths] = {}
    for pair in pairs:
        other = spelled.setdefault("".join(pair.patient.casefold().split()), pair)
        if other.patient != pair.patient:
            raise InputError(
                f"The patients of {other.where} and of {pair.where} differ in capitals or spaces "
                "alone; write one patient in one way, since the split is by patient."
            )
    seen: dict[Path, PairPaths] = {}
    for pair in pairs:
        other = seen.setdefault(pair.target.resolve(), pair)
        if other is not pair and dict(other.inputs) == dict(pair.inputs):
            raise InputError(f"{pair.where[:1].upper()}{pair.where[1:]} repeats {other.where}; "
                             "keep one.")  # fmt: skip
