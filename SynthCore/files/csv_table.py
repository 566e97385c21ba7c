"""CSV tables that a person writes: lines of cells by column, and errors that name the line."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from SynthCore.errors import InputError

MOST_BYTES, MOST_ROWS = 1_000_000, 10_000


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
        UTF-8, a line of column names first; separated by commas, semicolons or tabs.
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
            f"The table {path.name} cannot be read: give a CSV file in UTF-8."
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


def delimiter_of(text: str) -> str:
    """What separates the cells of a table's first line.

    Spreadsheets of some countries write semicolons.
    """
    return max(",;\t", key=text.lstrip().partition("\n")[0].count)


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

    reader = csv.DictReader(io.StringIO(text), restkey="", restval="", delimiter=delimiter_of(text))
    names = [(name or "").strip() for name in reader.fieldnames or ()]
    for unknown in (name for name in names if name not in columns):
        fault(f"The table {table} has a column {unknown[:40]!r}; there are {', '.join(columns)}.")
    if twice := [name for name in columns if names.count(name) > 1]:
        raise InputError(f"The table {table} has the column {twice[0]} more than once.")
    for missing in (name for name in needed if name not in names):
        fault(f"The table {table} needs the column {missing}.")
    reader.fieldnames = names
    found = []
    for cells in reader:
        if not any(part.strip() for cell in cells.values() for part in cell):
            continue  # a spreadsheet's line of separators alone, however many
        if "" in cells and "" not in names:
            fault(f"Line {reader.line_num} of {table} has more cells than columns.")
        stripped = {
            name: value.strip() if isinstance(value, str) else "" for name, value in cells.items()
        }
        if any(stripped.values()):
            found.append(Row(reader.line_num, table, stripped))
    return tuple(found)
