"""What a NRRD or MetaImage header states beyond what ITK reads of it, and what it leaves out."""

from __future__ import annotations

import re
from pathlib import Path

from SynthCore.errors import InputError

_MOST = 16 * 1024 * 1024
"""Bytes that a header may have; attributes that Slicer writes into one make it long."""

NO_ORIENTATION = (
    "The file states no orientation of its axes in the patient; they were taken to run to the "
    "patient's left, back and head."
)
_NO_LENGTHS = {"", "s", "ms", "sec", "none", "???"}
_UNTURNED = re.compile(r"(right|left)-anterior-superior-time|[rl]ast", re.IGNORECASE)
"""Spaces that ITK does not turn to its own, as it does those without time."""

_PATIENT_SPACES = re.compile(
    r"(right|left)-(anterior|posterior)-(superior|inferior)(-time)?|[rl][ap][si]t?", re.IGNORECASE
)


def notes_on(path: Path, kind: str) -> tuple[str, ...]:
    """What was assumed of a file.

    Parameters
    ----------
    path : Path
        The header.
    kind : str
        ``nrrd`` or ``metaimage``.

    Raises
    ------
    InputError
        If its lengths are not in millimeters, its values are stored scaled, or its space is one
        that ITK does not turn: it ignores all of these. If it is packed as ITK cannot read it.
    """
    fields = _fields(path, "=" if kind == "metaimage" else ":")
    if kind == "metaimage":
        scaled = {
            name: fields[name]
            for name, plain in (
                ("elementtointensityfunctionslope", 1.0),
                ("elementtointensityfunctionoffset", 0.0),
            )
            if name in fields and _number(fields[name]) != plain
        }
        if scaled:
            raise InputError(
                f"{path.name} stores its values scaled (ElementToIntensityFunction): write them "
                "out as they are meant."
            )
        unit = fields.get("distanceunits", "mm").lower()
        if unit not in ("mm", "?"):
            raise InputError(f"{path.name} states lengths in {unit[:16]}: write it in mm.")
        stated = any(name in fields for name in ("transformmatrix", "rotation", "orientation"))
        return () if stated else (NO_ORIENTATION,)
    if fields.get("encoding", "").lower() in ("bzip2", "bz2"):
        raise InputError(f"{path.name} is packed with bzip2, which is not read; write it as gzip.")
    stated_units = (
        *re.findall(r'"([^"]*)"', fields.get("space units", ""))[:3],
        *re.findall(r'"([^"]*)"', fields.get("units", "")),
    )
    if other := sorted(set(stated_units) - {"mm"} - _NO_LENGTHS):
        raise InputError(f"{path.name} states lengths in {other[0][:16]}: write it in mm.")
    space = fields.get("space", "")
    if _UNTURNED.fullmatch(space):
        raise InputError(
            f"{path.name} lies in the space {space}, which is not read right: write it without "
            "time."
        )
    known = _PATIENT_SPACES.fullmatch(space)
    return () if known else (NO_ORIENTATION,)


def _fields(path: Path, sign: str) -> dict[str, str]:
    found: dict[str, str] = {}
    left = _MOST
    with path.open("rb") as file:
        while left > 0 and (line := file.readline(left)):
            left -= len(line)
            text = line.strip().decode("latin-1")
            if not text and sign == ":":
                return found  # a NRRD's data follow an empty line
            name, _, value = text.partition(sign)
            key = name.strip().lower()
            found.setdefault(key, value.strip())
            if key == "elementdatafile":
                return found
    if left <= 0:
        raise InputError(f"{path.name} has a header of more than {_MOST >> 20} MB; write it anew.")
    return found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
