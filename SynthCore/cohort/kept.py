"""What is kept of a case beside its folder, so that a later call knows it again.

It is written whole before the case's folder takes its name: where the folder is there without it,
the folder is somebody else's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import SynthCore
from SynthCore.cohort.contents import Content, contents_of, from_plain
from SynthCore.cohort.outcome import Outcome
from SynthCore.cohort.stamp import Stamp
from SynthCore.staging import named, renewed

KEPT = ".batch"
"""Folder of what is kept, in the output folder."""

_FORMAT, _WITH_NAMES = 3, 2
"""Of the file; before it held names of files as they were."""


@dataclass(frozen=True)
class MadeBy:
    """The model and the program that made a result, and the files that it is."""

    model: str
    version: str
    weights_sha256: str
    files: Mapping[str, Content]
    synthcore: str = SynthCore.__version__


@dataclass(frozen=True)
class Kept:
    """One case as it was left.

    Attributes
    ----------
    order : mapping
        `Order.facts` of the call.
    stamps : mapping
        Of its files, by column.
    outcome : Outcome
        What became of it; `waiting` while it is computed.
    made_by : MadeBy or None
        Where it is done.
    picture : str
        As a ``data:`` address.
    """

    order: Mapping[str, Any]
    stamps: Mapping[str, Stamp]
    outcome: Outcome
    made_by: MadeBy | None = None
    picture: str = field(default="", repr=False)


def keep(out: Path, kept: Kept) -> None:
    """Write it, over what was kept of that case before.

    Raises
    ------
    InputError, ComputationError
        If the folder cannot be written.
    """
    data = {**asdict(kept), "format": _FORMAT}
    with renewed(_path(out, kept.outcome.id)) as part:
        part.write_text(json.dumps(data, ensure_ascii=True) + "\n", encoding="utf-8")


def kept_of(out: Path, case: str) -> Kept | None:
    """What is kept of a case; None where nothing is, or nothing that can be read."""
    try:
        data = json.loads(_path(out, case).read_text(encoding="utf-8"))
        if data["format"] not in (_FORMAT, _WITH_NAMES):
            return None
        stamps = {str(column): Stamp.from_dict(one) for column, one in data["stamps"].items()}
        if data["format"] == _WITH_NAMES:
            stamps = {column: one.hidden() for column, one in stamps.items()}
        made_by = data["made_by"]
        return Kept(
            dict(data["order"]),
            stamps,
            Outcome.from_dict(data["outcome"]),
            None
            if made_by is None
            else MadeBy(**{**made_by, "files": from_plain(made_by["files"])}),
            str(data["picture"]),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def kept_cases(out: Path) -> tuple[str, ...]:
    """Ids of all cases of which something is kept."""
    return tuple(sorted(path.name.removesuffix(".json") for path in (out / KEPT).glob("*.json")))


def files_of(folder: Path) -> dict[str, Content]:
    """The files of a result that was just written.

    Raises
    ------
    InputError
        If one cannot be read.
    """
    try:
        return contents_of(folder)
    except OSError as error:
        raise named(error, folder) from error


def _path(out: Path, case: str) -> Path:
    return out / KEPT / f"{case}.json"
