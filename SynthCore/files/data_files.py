"""Files beside a header in which its voxels lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_HEADERS = (".mhd", ".mha", ".nhdr", ".nrrd")
_MOST, _LONGEST_LINE = 16 << 20, 1 << 16
"""Bytes of a header, and of a line of it."""

_NAMED = re.compile(r"\s*(?:ElementDataFile\s*[=:]|data ?file\s*:)(.*)", re.IGNORECASE)
_NUMBER = re.compile(r"%[\d.]*[a-z]", re.IGNORECASE)
"""As C prints numbers: ``slice%03d.raw 1 20 1``, and then from, to and step."""


def data_files(header: Path) -> tuple[Path, ...]:
    """Files that a MetaImage or NRRD header names, in its order; empty where it holds its voxels.

    For a pattern of names all files that fit it are given, whatever their numbers. A file may be
    missing.

    Raises
    ------
    OSError
        If the header or its folder cannot be read.
    """
    if header.suffix.lower() not in _HEADERS:
        return ()
    names: list[str] = []
    with header.open("rb") as stream:
        lines = _lines(iter(lambda: stream.readline(_LONGEST_LINE), b""))
        for line in lines:
            if found := _NAMED.fullmatch(line):
                first = found[1].strip()
                is_list = first.split()[:1] == ["LIST"]
                names = [one.strip() for one in lines if one.strip()] if is_list else [first]
                break
            if not line.strip() and header.suffix.lower() in _HEADERS[2:]:
                break  # a NRRD's voxels follow an empty line
    return tuple(
        path
        for name in names
        if name and name.lower() != "local"
        for path in _named(header.parent, name)
    )


def _lines(raw: Iterator[bytes]) -> Iterator[str]:
    left = _MOST
    for line in raw:
        left -= len(line)
        if left < 0:  # reading refuses it too
            return
        yield line.decode("utf-8", "surrogateescape").rstrip("\r\n")


def _named(folder: Path, name: str) -> list[Path]:
    number = _NUMBER.search(name)
    if number is None:
        return [folder / name]
    start = folder / f"{name[: number.start()]}%"
    before, end = start.name[:-1], "".join(name[number.end() :].split()[:1])
    return sorted(
        path
        for path in start.parent.iterdir()
        if path.name.startswith(before) and path.name.endswith(end)
    )
