"""CSV tables: those that a person writes, with errors that name the line, and those we write."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from SynthCore.errors import InputError

MOST_BYTES, MOST_ROWS = 1_000_000, 10_000

_SAID = re.compile(r"sep=([,;\t])[,;\t ]*", re.IGNORECASE)
"""Excel's own first line."""


@dataclass(frozen=True)
class Row:
    """One line: its number in the file, the file's name, and its cells without white space."""

    line: int
    table: str
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """The cell, empty where there is none."""
        return self.cells.get(column, "")

    def wrong(self, column: str, need: str) -> InputError:
        """The error for a cell that is not what is needed; the cell is not quoted."""
        return InputError(f"Line {self.line} of {self.table}: {column} is not {need}.")

    def number(self, column: str, default: float) -> float:
        """The cell as a finite number."""
        text = self.text(column)
        return default if not text else self._number(column, text)

    def count(self, column: str, default: int) -> int:
        """The cell as a whole number from 1 up."""
        value = self.number(column, default)
        if value != int(value) or value < 1:
            raise self.wrong(column, "a whole number from 1 up")
        return int(value)

    def span(self, column: str, default: tuple[float, float]) -> tuple[float, float]:
        """The cell as ``LOW-HIGH`` or one number, both above 0."""
        text = self.text(column)
        if not text:
            return default
        low, dash, high = text.partition("-")
        found = self._number(column, low), self._number(column, high if dash else low)
        if not 0 < found[0] <= found[1]:
            raise self.wrong(column, "a number above 0 or a range such as 0.5-3")
        return found

    def numbers(self, column: str) -> tuple[float, ...]:
        """The cell as numbers with spaces or semicolons between, none where it is empty."""
        text = self.text(column).replace(";", " ")
        return tuple(self._number(column, part) for part in text.split())

    def words(self, column: str) -> tuple[str, ...]:
        """The cell's parts between semicolons."""
        return tuple(part.strip() for part in self.text(column).split(";") if part.strip())

    def _number(self, column: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError as error:
            raise self.wrong(column, "a number") from error
        if not math.isfinite(value):
            raise self.wrong(column, "a finite number")
        return value


def read_rows(
    path: Path,
    columns: Collection[str],
    needed: Collection[str],
    *,
    of: str = "lines",
    least: int = 1,
    most: int = MOST_ROWS,
    faults: list[str] | None = None,
) -> tuple[Row, ...]:
    """The lines of a CSV table; empty ones are left out.

    Parameters
    ----------
    path : Path
        UTF-8, a line of column names first, in any case; separated by commas, semicolons or tabs.
        Excel's line ``sep=;`` before it and empty columns without a name are left out.
    columns, needed : collection of str
        Names that may be there, and those that must.
    of : str
        What stands on the lines, for errors.
    least, most : int
        So many of them.
    faults : list of str, optional
        Takes what is wrong with columns and cells, so that all of it can be told at once: the rest
        is read. Without it the first fault is raised.

    Raises
    ------
    InputError
        If it cannot be read, has an unknown column, lacks one, or holds no line or too many.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                f"The table {path.name} is too large: give at most {MOST_BYTES} bytes."
            )
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(f"The table {path.name} is not there; check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The table {path.name} cannot be read: give a CSV file in UTF-8, which Excel saves as "
            '"CSV UTF-8".'
        ) from error
    try:
        found = _parse(path.name, text, columns, needed, faults)
    except csv.Error as error:
        raise InputError(
            f"The table {path.name} cannot be read: check that every quotation mark has its other."
        ) from error
    if not least <= len(found) <= most:
        raise InputError(f"The table {path.name} has {len(found)} {of}: give {least} to {most}.")
    return found


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """A table to write, RFC 4180, in which no cell is a formula for a spreadsheet."""
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """No formula; numbers keep their minus."""
    if cell[:1] in ("=", "+", "@", "\t", "\r") or (cell[:1] == "-" and not _is_number(cell)):
        return f"'{cell}"
    return cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def delimiter_of(text: str) -> str:
    """What separates the cells of a table's first line.

    Spreadsheets of some countries write semicolons.
    """
    first = text.lstrip().partition("\n")[0]
    if said := _SAID.fullmatch(first.rstrip("\r")):
        return said[1]
    return max(",;\t", key=first.count)


def _parse(
    table: str,
    text: str,
    columns: Collection[str],
    needed: Collection[str],
    faults: list[str] | None,
) -> tuple[Row, ...]:
    def fault(sentence: str) -> None:
        if faults is None:
            raise InputError(sentence)
        faults.append(sentence)

    reader = csv.reader(io.StringIO(text), delimiter=delimiter_of(text))
    lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    lines = [(number, row) for number, row in lines if any(row)]
    if lines and _SAID.match(text.lstrip()):
        del lines[0]
    known = {name.casefold(): name for name in columns}
    names = [known.get(name.casefold(), name) for name in lines[0][1]] if lines else []
    # a spreadsheet's columns that nobody wrote into
    used = [
        at
        for at, name in enumerate(names)
        if name or any("".join(row[at : at + 1]) for _, row in lines[1:])
    ]
    for unknown in (names[at] for at in used if names[at] not in columns):
        fault(f"The table {table} has a column {unknown[:40]!r}; there are {', '.join(columns)}.")
    if twice := [name for name in columns if names.count(name) > 1]:
        raise InputError(f"The table {table} has the column {twice[0]} more than once.")
    for missing in (name for name in needed if name not in names):
        fault(f"The table {table} needs the column {missing}.")
    found = []
    for number, row in lines[1:]:
        if len(row) > len(names):
            fault(f"Line {number} of {table} has more cells than columns.")
        cells = dict(zip(names, [*row, *[""] * len(names)], strict=False))
        if any(cells.values()):
            found.append(Row(number, table, cells))
    return tuple(found)
