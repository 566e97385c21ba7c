"""Columns suggested by the names of image files, which have no header that tells the role."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROLES = {
    "t1": "T1",
    "t1w": "T1",
    "t1c": "T1c",
    "t1ce": "T1c",
    "t1gd": "T1c",
    "t2": "T2",
    "t2w": "T2",
    "flair": "FLAIR",
    "pd": "PD",
    "pdw": "PD",
    "dir": "DIR",
    "ct": "CT",
    "cbct": "CBCT",
}
_AGENT = frozenset(("ce", "gd", "gad", "post", "contrast"))
_NO_IMAGE = frozenset(
    ("mask", "masks", "seg", "segmentation", "label", "labels", "roi", "gtv", "synthetic",
     "uncertainty", "dseg", "dose")
)  # fmt: skip
_FILES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd", ".mgz", ".mgh")


def from_names(
    paths: Sequence[Path], columns: Mapping[str, str]
) -> tuple[dict[str, Path], list[str]]:
    """A file for each column, and what was left empty; a role that two files name is.

    Parameters
    ----------
    paths : sequence of Path
        Image files of one case.
    columns : mapping
        Column by role.
    """
    cells: dict[str, Path] = {}
    told: list[str] = []
    by_role: dict[str, list[Path]] = {}
    for path in paths:
        if (role := role_of(path)) is not None:
            by_role.setdefault(role, []).append(path)
    for role, column in columns.items():
        named = by_role.get(role, [])
        if len(named) == 1:
            cells[column] = named[0]
        elif named:
            told.append(f"{column} is left empty: the names of {len(named)} files say {role}")
    return cells, told


def role_of(path: Path) -> str | None:
    """The role that a file name says, None where it says none, several, or that it is a mask."""
    words = _words(path)
    if words is None or _NO_IMAGE.intersection(words):
        return None
    roles = {_ROLES[word] for word in words if word in _ROLES}
    if "FLAIR" in roles:  # T2-FLAIR
        roles.discard("T2")
    if "T1" in roles and _AGENT.intersection(words):
        roles = roles - {"T1"} | {"T1c"}
    return next(iter(roles)) if len(roles) == 1 else None


def stem_of(path: Path) -> str | None:
    """What files of one case share in a folder of many; None for what is no image file."""
    words = _words(path)
    if words is None:
        return None
    return "_".join(w for w in words if w not in _ROLES and w not in _AGENT and w not in _NO_IMAGE)


def _words(path: Path) -> list[str] | None:
    name = path.name.lower()
    ending = next((one for one in _FILES if name.endswith(one)), None)
    if ending is None:
        return None
    return [word for word in re.split(r"[^a-z0-9]+", name.removesuffix(ending)) if word]
