"""By what it is known that the files of a case are those of before.

Names, sizes and times of change are compared, which takes no time; where a time differs the
contents are, so that a folder that was copied or touched is still the same one. A file whose
content was changed under its old size and time is not noticed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SynthCore.cohort.case import Case
from SynthCore.errors import InputError
from SynthCore.files.read import split_series

_HEADERS = (".mhd", ".nhdr", ".hdr")
"""Their voxels lie in a file beside them, of the same stem."""

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Stamp:
    """The files of one image: relative name, size and time of change of each, and their hash.

    `series` is what stood after ``#``.
    """

    files: tuple[tuple[str, int, int], ...]
    sha256: str
    series: str = ""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Stamp:
        """The stamp that `dataclasses.asdict` made plain."""
        files = tuple((str(n), int(size), int(time)) for n, size, time in data["files"])
        return cls(files, str(data["sha256"]), str(data["series"]))


def stamps_of(case: Case) -> dict[str, Stamp]:
    """The stamps of everything that a case names, by column.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    found = {}
    for column, text in case.given().items():
        place, series = split_series(text)
        try:
            found[column] = Stamp(_files(place), _content(place), series or "")
        except OSError as error:
            raise _unreadable(column, error) from error
    return found


def changed(case: Case, before: Mapping[str, Stamp]) -> tuple[str, ...]:
    """Columns of a case whose files are no longer those of `before`.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    given = case.given()
    found = [column for column in before if column not in given]
    for column, text in given.items():
        old = before.get(column)
        place, series = split_series(text)
        try:
            if old is None or (series or "") != old.series or not _same(place, old):
                found.append(column)
        except OSError as error:
            raise _unreadable(column, error) from error
    return tuple(sorted(found))


def names_of(case: Case) -> dict[str, str]:
    """What an error may name of a case's files, and how a page calls it instead.

    File names can hold a patient's name.
    """
    found: dict[str, str] = {}
    for column, text in case.given().items():
        place = split_series(text)[0]
        try:
            inside = [name for name, *_ in _files(place)] if place.is_dir() else []
        except OSError:
            inside = []
        for number, name in enumerate(inside, start=1):
            found.setdefault(Path(name).name, f"[{column}, file {number} of {len(inside)}]")
        found |= {str(place): f"[{column}]", place.name: f"[{column}]"}
    return found


def _same(place: Path, old: Stamp) -> bool:
    files = _files(place)
    if files == old.files:
        return True
    sizes = [(name, size) for name, size, _ in files]
    if sizes != [(name, size) for name, size, _ in old.files]:
        return False
    return _content(place) == old.sha256


def _files(place: Path) -> tuple[tuple[str, int, int], ...]:
    found = []
    for name, path in _walk(place):
        state = path.stat()
        found.append((name, state.st_size, state.st_mtime_ns))
    return tuple(found)


def _content(place: Path) -> str:
    whole = hashlib.sha256()
    for name, path in _walk(place):
        own = hashlib.sha256()
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                own.update(block)
        whole.update(name.encode("utf-8", "surrogateescape") + b"\0" + own.digest())
    return whole.hexdigest()


def _walk(place: Path) -> Iterator[tuple[str, Path]]:
    """Files by name, hidden ones left out, as reading does; names do not hold the place's own."""
    if not place.is_dir():
        yield "", place
        if place.suffix.lower() in _HEADERS:
            beside = sorted(p for p in place.parent.glob(f"{_literal(place.stem)}.*") if p != place)
            yield from ((path.suffix, path) for path in beside if path.is_file())
        return
    for root, folders, names in os.walk(place):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and path.is_file():
                yield path.relative_to(place).as_posix(), path


def _literal(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)


def _unreadable(column: str, error: OSError) -> InputError:
    reason = error.strerror or type(error).__name__
    return InputError(f"The {column} of the case cannot be read ({reason}); check the files.")
