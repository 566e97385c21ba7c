"""Contents of files, by which it is known that they are those of before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SynthCore.dicom.scan import visible_files
from SynthCore.words import listed


@dataclass(frozen=True)
class Content:
    """Size and SHA-256 of a file."""

    size: int
    sha256: str


def hash_of(path: Path) -> str:
    """SHA-256 of a file.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def contents_of(folder: Path) -> dict[str, Content]:
    """Every file below a folder, by its name in it.

    Raises
    ------
    OSError
        If one cannot be read.
    """
    return {name: Content(path.stat().st_size, hash_of(path)) for name, path in files_below(folder)}


def from_plain(data: Mapping[str, Mapping[str, Any]]) -> dict[str, Content]:
    """What `dataclasses.asdict` made plain."""
    return {name: Content(int(one["size"]), str(one["sha256"])) for name, one in data.items()}


def what_changed(folder: Path, before: Mapping[str, Content]) -> str:
    """What became of a folder's files since, empty where they are as they were.

    A file that was added beside a result is a person's own; one that was added to a series is told,
    as it would be read with it.
    """
    now = dict(files_below(folder))
    if gone := [name for name in before if name not in now]:
        return f"is not whole: {listed(gone)} is missing"
    series = {name.rpartition("/")[0] for name in before if "/" in name}
    if added := [n for n in now if n not in before and n.rpartition("/")[0] in series]:
        return f"was changed since it was made: {listed(added)} was added"
    changed = [name for name, one in before.items() if not _is(now[name], one)]
    return f"was changed since it was made: {listed(changed)}" if changed else ""


def _is(path: Path, before: Content) -> bool:
    try:
        return path.stat().st_size == before.size and hash_of(path) == before.sha256
    except OSError:
        return False


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Files by their name in a folder, hidden ones left out, as reading does."""
    return ((path.relative_to(folder).as_posix(), path) for path in visible_files(folder))
