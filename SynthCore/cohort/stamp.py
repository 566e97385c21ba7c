"""By what it is known that the files of a case are those of before.

Where place, names, sizes, times and numbers of the files in their file system are those of before
they are the same, which takes no time to see. Wherever one of them differs the contents are
compared, so that a folder that was copied or touched is still the same one, and another patient's
of equal names, sizes and times is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from SynthCore.cohort.case import Case
from SynthCore.cohort.contents import files_below, hash_of
from SynthCore.errors import InputError
from SynthCore.files.data_files import data_files
from SynthCore.files.read import split_series


@dataclass(frozen=True)
class Stamp:
    """The files of one image.

    Attributes
    ----------
    files : tuple
        Hash of the relative name, size, times of change of content and of the file's own facts,
        and the number of each in its file system.
    sha256 : str
        Of names and contents.
    series : str
        Hash of what stood after ``#``, empty where nothing did.
    place : str
        Hash of where they lie, as given and without links.

    Names and places are kept as hashes, as they may hold a patient's name.
    """

    files: tuple[tuple[str, int, int, int, int], ...]
    sha256: str
    series: str
    place: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Stamp:
        """The stamp that `dataclasses.asdict` made plain."""
        files = tuple(
            (str(name), int(size), int(time), int(own), int(number))
            for name, size, time, own, number in data["files"]
        )
        return cls(files, str(data["sha256"]), str(data["series"]), str(data["place"]))

    def hidden(self) -> Stamp:
        """One of earlier versions, which kept names as they were, as it is kept now."""
        files = tuple((_hash_of_text(one[0]), *one[1:]) for one in self.files)
        return replace(self, files=files, series=_hash_of_text(self.series))


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
            found[column] = Stamp(
                _files(place), _content(place), _hash_of_text(series or ""), _where(place)
            )
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
            if old is None or _hash_of_text(series or "") != old.series or not _same(place, old):
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
        place, series = split_series(text)
        try:
            inside = [path for _, path in _walk(place) if path != place]
        except OSError:
            inside = []
        for number, path in enumerate(inside, start=1):
            found.setdefault(path.name, f"[{column}, file {number} of {len(inside)}]")
            for above in path.parents:
                if place in above.parents:
                    found.setdefault(above.name, f"[{column}, folder]")
        found |= {str(place): f"[{column}]", place.name: f"[{column}]"}
        if series and not series.isdigit():
            found[series] = f"[{column}, series]"
    return found


def _same(place: Path, old: Stamp) -> bool:
    files = _files(place)
    if files == old.files and _where(place) == old.place:
        return True
    sizes = [(name, size) for name, size, *_ in files]
    if sizes != [(name, size) for name, size, *_ in old.files]:
        return False
    return _content(place) == old.sha256


def _where(place: Path) -> str:
    return _hash_of_text(f"{place}\0{place.resolve()}")


def _hash_of_text(text: str) -> str:
    """Empty of nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest() if text else ""


def _files(place: Path) -> tuple[tuple[str, int, int, int, int], ...]:
    found = []
    for name, path in _walk(place):
        state = path.stat()
        times = state.st_mtime_ns, state.st_ctime_ns
        found.append((_hash_of_text(name), state.st_size, *times, state.st_ino))
    return tuple(found)


def _content(place: Path) -> str:
    whole = hashlib.sha256()
    for name, path in _walk(place):
        whole.update(name.encode("utf-8", "surrogateescape") + b"\0")
        whole.update(bytes.fromhex(hash_of(path)))
    return whole.hexdigest()


def _walk(place: Path) -> Iterator[tuple[str, Path]]:
    """Files by name, hidden ones left out, as reading does; names do not hold the place's own."""
    if not place.is_dir():
        yield "", place
        for n, path in enumerate(data_files(place), start=1):
            if path.is_file() or not path.exists():  # a header can name a device, which has no end
                yield f"data file {n}", path
        return
    yield from files_below(place)


def _unreadable(column: str, error: OSError) -> InputError:
    reason = error.strerror or type(error).__name__
    return InputError(f"The {column} of the case cannot be read ({reason}); check the files.")
