"""A folder of people: opened for one wish, gone on with, and listed in a table and a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from SynthCore.errors import InputError
from SynthCore.files.one_call import one_call
from SynthCore.people import page, table
from SynthCore.people.person_file import PersonFile
from SynthCore.people.whole import all_whole, finished
from SynthCore.staging import PREFIX, refuse_filled, renewed

ASKED = "people.json"
KEPT = ".people"
"""Holds the lock of the call that is at work."""


@contextmanager
def opened(out: Path, asked: Mapping[str, Any]) -> Iterator[list[PersonFile]]:
    """Begin a folder, or go on in one that was begun with the same wish; no other call does so.

    Parameters
    ----------
    out : Path
        Missing, empty, or begun before.
    asked : mapping
        What its people are made by, as JSON has it.

    Yields
    ------
    list of PersonFile
        Who is there already, whole.

    Raises
    ------
    InputError
        If it was begun with another wish, another call is at work there, a person in it is not
        whole, it holds something else, or cannot be written.
    """
    if not (out / ASKED).is_file() and not _only_begun(out):
        refuse_filled(out)
    with one_call(out, KEPT, (ASKED,), "generate"):
        _begin(out, asked)
        yield all_whole(out)


def _only_begun(out: Path) -> bool:
    """Whether a call was ended by force before it wrote what it was asked for."""
    try:
        names = [path.name for path in out.iterdir()]
    except OSError:  # not there, or told of where it is refused
        return False
    return KEPT in names and all(name == KEPT or name.startswith(PREFIX) for name in names)


def _begin(out: Path, asked: Mapping[str, Any]) -> None:
    """Write the wish, or see that it is that of before."""
    path = out / ASKED
    if not path.is_file():
        _renew(path, json.dumps(asked, indent=1) + "\n")
        return
    before = _json(path)
    _refuse_exchanged(before.get("labels"), asked.get("labels"), out.name)
    differ = [key for key in asked if before.get(key) != json.loads(json.dumps(asked[key]))]
    if differ or set(before) != set(asked):
        what = ", ".join(differ) or "version"
        raise InputError(
            f"The people in {out.name} were made with other options ({what}); give the same "
            "ones, or another folder with --out."
        )


def list_people(out: Path) -> list[PersonFile]:
    """Write ``people.csv`` and ``people.html`` anew, and give who is in them."""
    people = finished(out)
    if people:
        _renew(out / table.NAME, table.table_of(people))
        _renew(out / page.NAME, page.page_of(people, out))
    return people


def forget(out: Path) -> None:
    """Forget the wish of a folder that holds nobody, which goes then if the call made it."""
    if not any(out.glob("person-*")):
        with suppress(OSError):
            (out / ASKED).unlink(missing_ok=True)


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
