"""Pairs in a BIDS folder, by a few fixed rules.

One pair for each ``sub-*/ses-*``, and one for what lies in ``sub-*`` beside sessions; in all
folders of it (``anat``, ``ct``, ...):

===========  =====================================================
role         files (``.nii`` or ``.nii.gz``)
===========  =====================================================
T1           ``*_T1w``, without ``ce-``
T1c          ``*_ce-*_T1w``
T2           ``*_T2w``
FLAIR        ``*_FLAIR``
PD           ``*_PDw``
CT           ``*_ct``
CBCT         ``*_cbct``
===========  =====================================================

CT and CBCT are not in the standard; case does not matter. A session without the target or without
an input is left out and told; two files for one role are an error, since there is no telling which
to take. Subjects, and the sessions of each, are called by their number in the order of their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.training.finetune.rows import PairPaths, Table
from SynthCore.training.finetune.wanted import Wanted

SUFFIXES = {
    "t1w": "T1",
    "t2w": "T2",
    "flair": "FLAIR",
    "pdw": "PD",
    "ct": "CT",
    "cbct": "CBCT",
}
_NAME = re.compile(r"(?P<entities>.+)_(?P<suffix>[A-Za-z0-9]+)\.nii(\.gz)?", re.IGNORECASE)


def find_pairs(folder: Path, kind: Wanted) -> Table:
    """The pairs of a BIDS folder, sorted by subject and session, and what makes none.

    Raises
    ------
    InputError
        If there are no subjects or no pairs, or a role has two files in one session.
    """
    found, missing = [], []
    for where, pair in _sessions(folder, kind):
        if pair is None:
            missing.append(where)
        else:
            found.append(pair)
    if not found:
        joined = (" and " if kind.every else " or ").join(kind.roles)
        raise InputError(
            f"No session in {folder.name} has {joined} with {kind.target}; see the rules for "
            "BIDS folders in docs/physicist.md."
        )
    return Table(tuple(found), tuple(missing))


def _sessions(folder: Path, kind: Wanted) -> Iterator[tuple[str, PairPaths | None]]:
    """Sessions with an image to use, and the pair of each where it makes one."""
    subjects = sorted(p for p in folder.glob("sub-*") if p.is_dir())
    if not subjects:
        raise InputError(
            f"{folder.name} has no sub-* folders; give a BIDS folder or a CSV file with --pairs."
        )
    for n, subject in enumerate(subjects, start=1):
        sessions = sorted(p for p in subject.glob("ses-*") if p.is_dir())
        for m, session in enumerate((subject, *sessions)):
            # by number: pages and messages show it, and a label may be a name
            where = f"subject {n}, session {m}" if m else f"subject {n}"
            images = _images(session, where, {*kind.roles, kind.target})
            inputs = {role: images[role] for role in kind.roles if role in images}
            whole = len(inputs) == len(kind.roles) if kind.every else bool(inputs)
            if whole and kind.target in images:
                yield (
                    where,
                    PairPaths(where, subject.name, inputs, images[kind.target], labeled=True),
                )
            elif images:
                yield where, None


def _images(session: Path, where: str, roles: set[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(session.rglob("*.nii*")):
        parts = path.relative_to(session).parts
        # what a Mac leaves beside a file, and what belongs to a session of its own
        if path.name.startswith(".") or parts[0].startswith("ses-"):
            continue
        match = _NAME.fullmatch(path.name)
        role = SUFFIXES.get(match["suffix"].lower(), "") if match else ""
        if match is not None and role == "T1" and "_ce-" in match["entities"].lower():
            role = "T1c"
        if role not in roles:
            continue
        if role in found:
            raise InputError(
                f"{where[:1].upper()}{where[1:]} (in the order of their names) has two files for "
                f"{role}; keep one, or name the pairs in a CSV file."
            )
        found[role] = path
    return found
