"""A folder of people: opened for one wish, gone on with, and listed in a table and a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from SynthCore.errors import InputError
from SynthCore.people import page, person_file, table
from SynthCore.people.person_file import PersonFile, read_person
from SynthCore.staging import named, refuse_filled, renewed

ASKED = "people.json"
_DIGITS = 3


def name_of(number: int) -> str:
    """``person-001``."""
    return f"person-{number:0{_DIGITS}d}"


def open_folder(out: Path, asked: Mapping[str, Any]) -> None:
    """Begin a folder, or see that it was begun with the same wish.

    Parameters
    ----------
    out : Path
        Missing, empty, or begun before.
    asked : mapping
        What its people are made by, as JSON has it.

    Raises
    ------
    InputError
        If it was begun with another wish, holds something else, or cannot be written.
    """
    path = out / ASKED
    if path.is_file():
        before = _json(path)
        _refuse_exchanged(before.get("labels"), asked.get("labels"), out.name)
        differ = [key for key in asked if before.get(key) != json.loads(json.dumps(asked[key]))]
        if differ or set(before) != set(asked):
            what = ", ".join(differ) or "version"
            raise InputError(
                f"The people in {out.name} were made with other options ({what}); give the same "
                "ones, or another folder with --out."
            )
        return
    refuse_filled(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        _renew(path, json.dumps(asked, indent=1) + "\n")
    except OSError as error:
        raise named(error, out) from error


def finished(out: Path) -> list[PersonFile]:
    """The people of a folder that are there, by number.

    Raises
    ------
    InputError
        If the draws of one cannot be read.
    """
    there = (path for path in out.glob("person-*") if (path / person_file.NAME).is_file())
    found = sorted(there, key=lambda path: (len(path.name), path.name))  # 1000 after 999
    return [read_person(path / person_file.NAME) for path in found]


def list_people(out: Path) -> list[PersonFile]:
    """Write ``people.csv`` and ``people.html`` anew, and give who is in them."""
    people = finished(out)
    if people:
        _renew(out / table.NAME, table.table_of(people))
        _renew(out / page.NAME, page.page_of(people, out))
    return people


def forget(out: Path) -> None:
    """Remove a folder that was begun and holds nobody."""
    if not finished(out):
        with suppress(OSError):
            (out / ASKED).unlink(missing_ok=True)
            out.rmdir()


def _refuse_exchanged(before: Any, now: Any, folder: str) -> None:
    """Refuse a label map of the same name with other voxels."""
    if not (isinstance(before, list) and isinstance(now, list) and len(before) == len(now)):
        return
    for old, new in zip(before, now, strict=True):
        if isinstance(old, dict) and old.get("name") == new["name"] and old != new:
            raise InputError(
                f"The label map {new['name']} holds other voxels than the one that the people in "
                f"{folder} were drawn on; give that one, or another folder with --out."
            )


def _renew(path: Path, text: str) -> None:
    with renewed(path) as part:
        part.write_text(text, encoding="utf-8", newline="")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path.name} of the folder is damaged; give another folder with --out."
        ) from error
    return found if isinstance(found, dict) else {}
