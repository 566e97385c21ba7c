"""The folder of a study, as it is read again: what readers see, and the truth apart from it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SynthCore.errors import InputError
from SynthCore.readers.pictures import Place
from SynthCore.readers.table import Truth

SCHEMA = 1
STUDY, KEY, RECORD, README = "study.json", "key.json", "record.json", "README.txt"
PICTURES, ANSWERS = "pictures", "answers"
MOST_BYTES = 64 * 1024 * 1024
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Truths:
    """What the key says of one showing.

    Attributes
    ----------
    truth : {'real', 'synthetic'}
        What the image is.
    case, role : str
        As in the table.
    image : int
        Which image, the same for a repeat.
    repeats : str
        Id of the showing that this one repeats, or empty.
    clue : str
        What gives it away.
    place : Place or None
        Where.
    """

    truth: Truth
    case: str
    role: str
    image: int
    repeats: str = ""
    clue: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Study:
    """What a reader may know of a study: nothing of the truth.

    Attributes
    ----------
    folder : Path
        Where it lies.
    id : str
        Sixteen hexadecimal digits; answers name it.
    title : str
        Shown to readers.
    items : tuple of str
        Ids of the showings in order.
    pixels : tuple of int
        Slices, rows and columns of every item.
    """

    folder: Path
    id: str
    title: str
    items: tuple[str, ...]
    pixels: tuple[int, int, int]

    def slices(self, item: str) -> list[str]:
        """The slices of an item as PNG in base64.

        Raises
        ------
        InputError
            If the item is none of the study's, or its file is gone or damaged.
        """
        if item not in self.items:
            raise InputError("The study has no such item.")
        found = read_json(self.folder / PICTURES / f"{item}.json").get("slices")
        if (
            not isinstance(found, list)
            or len(found) != self.pixels[0]
            or not all(isinstance(one, str) and _is_base64(one) for one in found)
        ):
            raise InputError("The pictures of an item are damaged; make the study again.")
        return found


def open_study(folder: Path) -> Study:
    """Open a study.

    Raises
    ------
    InputError
        If the folder holds none, or it is damaged.
    """
    data = read_json(
        folder / STUDY, "is not a reader study; name a folder that readers design wrote"
    )
    items, pixels = data.get("items"), data.get("pixels")
    whole = (
        data.get("schema") == SCHEMA
        and isinstance(data.get("id"), str)
        and re.fullmatch(r"[0-9a-f]{16}", data["id"])
        and isinstance(data.get("title"), str)
        and isinstance(items, list)
        and items
        and all(isinstance(item, str) and _ID.fullmatch(item) for item in items)
        and isinstance(pixels, list)
        and len(pixels) == 3
        and all(isinstance(n, int) and 0 < n <= 4096 for n in pixels)
    )
    if not whole or items is None or pixels is None:
        raise InputError(f"The study {folder.name} is damaged or of another version; make it anew.")
    return Study(folder, data["id"], data["title"], tuple(items), (pixels[0], pixels[1], pixels[2]))


def open_key(study: Study) -> dict[str, Truths]:
    """The truth of every item, for a report or the teaching mode.

    Raises
    ------
    InputError
        If the key is not there, is damaged or belongs to another study.
    """
    data = read_json(study.folder / KEY, "holds no key.json; the truth is kept where it was made")
    if data.get("study") != study.id:
        raise InputError("The key belongs to another study; put back the one made with it.")
    try:
        found = {name: _truths(value) for name, value in data["items"].items()}
        if set(found) != set(study.items):
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("The key of the study is damaged; make the study again.") from error
    return found


def read_json(path: Path, otherwise: str = "is damaged: a file of the study is missing") -> Any:
    """An object in a JSON file of the study.

    Raises
    ------
    InputError
        If it is not there or is none.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path.name} is too large for a file of a study.")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"The folder {path.parent.name or path.parent} {otherwise}.") from error
    if not isinstance(found, dict):
        raise InputError(f"{path.name} is damaged; make the study again.")
    return found


def _truths(value: dict[str, Any]) -> Truths:
    if value["truth"] not in ("real", "synthetic"):
        raise ValueError
    at = value.get("place")
    return Truths(
        value["truth"],
        str(value["case"]),
        str(value["role"]),
        int(value["image"]),
        str(value.get("repeats", "")),
        str(value.get("clue", "")),
        None if at is None else Place(int(at[0]), float(at[1]), float(at[2])),
    )


def _is_base64(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9+/]+=*", text) is not None
