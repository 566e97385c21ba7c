"""Who is in a folder of people, and whether everything that is listed of them is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.people import person_file
from SynthCore.people.files import TRUTH
from SynthCore.people.person_file import PersonFile, read_person
from SynthCore.words import listed

_DIGITS = 3
_NAME = re.compile(rf"person-(\d{{{_DIGITS},}})")
_VOLUME = ".nii.gz"


def name_of(number: int) -> str:
    """``person-001``."""
    return f"person-{number:0{_DIGITS}d}"


def finished(out: Path) -> list[PersonFile]:
    """The people of a folder that are there, by number; a folder of any other name is nobody's.

    Raises
    ------
    InputError
        If the draws of one cannot be read.
    """
    paths = [folder / person_file.NAME for folder in _folders(out)]
    found = [(read_person(path), path.parent.name) for path in paths if path.is_file()]
    return [one for one, name in found if one.id == name]


def all_whole(out: Path) -> list[PersonFile]:
    """The people of a folder, each with every file of theirs.

    Raises
    ------
    InputError
        If a folder of a person holds another one or something else, or lacks a file.
    """
    found = []
    for folder in _folders(out):
        path = folder / person_file.NAME
        if not path.is_file():
            if any(folder.iterdir()):
                raise InputError(_told(folder, f"is not whole: {path.name} is missing"))
            continue
        one = read_person(path)
        if one.id != folder.name:
            raise InputError(_told(folder, f"holds {one.id}"))
        if missing := list(_missing(one, folder)):
            raise InputError(_told(folder, f"is not whole: {listed(missing)} is missing"))
        found.append(one)
    return found


def _told(folder: Path, what: str) -> str:
    return f"{folder.name} in {folder.parent.name} {what}; move it away to make this person again."


def _folders(out: Path) -> list[Path]:
    """By number: 1000 after 999."""
    named = [(_NAME.fullmatch(path.name), path) for path in out.glob("person-*") if path.is_dir()]
    numbers = [(int(found[1]), path) for found, path in named if found]
    return [path for number, path in sorted(numbers) if path.name == name_of(number)]


def _missing(one: PersonFile, folder: Path) -> Iterator[str]:
    grid = one.draws.grid
    slices = grid.shape[0] // grid.every
    for image in one.images:
        series = folder / image.role
        if not series.is_dir():
            yield from _without(folder, f"{image.role}{_VOLUME}")
        elif (there := sum(1 for _ in series.glob("*.dcm"))) < slices:
            yield f"{slices - there} of the {slices} files of {image.role}"
    for kept in one.truth:
        yield from _without(folder, f"{TRUTH}/{Path(kept.name).name}")


def _without(folder: Path, name: str) -> Iterator[str]:
    """A file, or the record beside it, that is not there."""
    beside = [f"{name.removesuffix(_VOLUME)}.json"] if name.endswith(_VOLUME) else []
    yield from (file for file in (name, *beside) if not (folder / file).is_file())
