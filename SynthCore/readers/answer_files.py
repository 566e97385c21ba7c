"""The files that one reader's answers come in.

A page or the server writes JSON lines, one answer each; a page that was handed out gives CSV or
JSON. All three are read here, and none is trusted.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from SynthCore.errors import InputError
from SynthCore.files.csv_table import delimiter_of
from SynthCore.readers.answers import FIELDS, LIKERT, Answer, parse_answer
from SynthCore.readers.study import Study

MOST_BYTES = 8 * 1024 * 1024
_IN_TABLES = FIELDS[: FIELDS.index("comment")]
"""Columns without which an answer is none."""


def read_answers(path: Path, study: Study) -> tuple[Answer, ...]:
    """The answers of one reader, the first to each item, in the order given.

    A last line that was cut short (the power went) is left out.

    Parameters
    ----------
    path : Path
        ``.jsonl``, ``.json`` (an object with ``answers``) or ``.csv``.
    study : Study
        Whose answers they are.

    Raises
    ------
    InputError
        If the file cannot be read, holds none, is of several readers, or an answer is wrong.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path.name} is too large for the answers of a reader.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The answers {path.name} cannot be read; check the path.") from error
    found: dict[str, Answer] = {}
    for number, data in enumerate(_records(text, path), 1):
        try:
            answer = parse_answer(data, study)
        except InputError as error:
            raise InputError(f"Answer {number} of {path.name}: {error}") from error
        found.setdefault(answer.item, answer)
    if not found:
        raise InputError(f"{path.name} holds no answer.")
    if len({(answer.reader, answer.taught) for answer in found.values()}) > 1:
        raise InputError(f"{path.name} holds answers of several readers: give one file for each.")
    return tuple(found.values())


def _records(text: str, path: Path) -> Iterable[Any]:
    suffix = path.suffix.lower()
    try:
        if suffix == ".csv":
            return _rows(text, path)
        if suffix == ".json":
            data = json.loads(text)
            answers = data.get("answers") if isinstance(data, dict) else data
            if not isinstance(answers, list):
                raise ValueError
            return answers
        return parse_lines(text)
    except (ValueError, KeyError, csv.Error, RecursionError) as error:
        raise InputError(
            f"{path.name} is damaged: give the .jsonl, .json or .csv file as it was written."
        ) from error


def parse_lines(text: str) -> list[Any]:
    """JSON lines that are answers, without a last one that was cut short."""
    lines = text.split("\n")
    if lines[-1]:
        lines.pop()
    found = [json.loads(line) for line in lines if line.strip()]
    return [one for one in found if not (isinstance(one, dict) and "seen" in one)]


def has_answers(path: Path) -> bool:
    """Whether a reader's file of the server holds an answer, and not only how long they looked."""
    try:
        return bool(parse_lines(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True  # whoever reads it whole says what is wrong with it


def _rows(text: str, path: Path) -> list[dict[str, Any]]:
    """The lines of a CSV table, also as a spreadsheet saves it again."""
    table = csv.DictReader(io.StringIO(text), strict=True, delimiter=delimiter_of(text))
    missing = [name for name in _IN_TABLES if name not in (table.fieldnames or ())]
    if missing:
        raise InputError(
            f"{path.name} is not a table of answers, or not a whole one: it has no column "
            f"{missing[0]}. Give the file that the page of the study wrote."
        )
    return [_typed(row) for row in table]


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    """A CSV line with numbers where they belong; what is none stays text, to be named."""
    data: dict[str, Any] = {name: row.get(name) or "" for name in FIELDS}
    for name in ("confidence", *LIKERT):
        data[name] = _number(data[name], int)
    data["seconds"] = _number(data["seconds"].replace(",", "."), float)
    data["taught"] = {"true": True, "false": False, "": False}.get(
        data["taught"].lower(), data["taught"]
    )
    if data["comment"][:2] in ("'=", "'+", "'-", "'@"):  # written so against spreadsheets
        data["comment"] = data["comment"][1:]
    return data


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    try:
        return kind(text)
    except ValueError:
        return text
