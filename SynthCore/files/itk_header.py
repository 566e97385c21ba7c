"""What a NRRD or MetaImage header states beyond what ITK reads of it, and what it leaves out."""

from __future__ import annotations

import re
from pathlib import Path

from SynthCore.errors import InputError

_MOST = 65536
"""Bytes of a header that are looked at."""

NO_ORIENTATION = (
    "The file states no orientation of its axes in the patient; they were taken to run to the "
    "patient's left, back and head."
)
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
        If its lengths are not in millimeters, or its values are stored scaled, which ITK ignores.
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
        stated = any(name in fields for name in ("transformmatrix", "rotation", "orientation"))
        return () if stated else (NO_ORIENTATION,)
    units = set(re.findall(r'"([^"]*)"', fields.get("space units", ""))[:3])
    if units - {"mm", ""}:
        raise InputError(
            f"{path.name} states lengths in {sorted(units - {'mm', ''})[0][:16]}: write it in mm."
        )
    known = _PATIENT_SPACES.fullmatch(fields.get("space", ""))
    return () if known else (NO_ORIENTATION,)


def _fields(path: Path, sign: str) -> dict[str, str]:
    with path.open("rb") as file:
        head = file.read(_MOST)
    found: dict[str, str] = {}
    for line in head.split(b"\n"):
        text = line.strip().decode("latin-1")
        if not text and sign == ":":
            break  # a NRRD's data follow an empty line
        name, _, value = text.partition(sign)
        key = name.strip().lower()
        found.setdefault(key, value.strip())
        if key == "elementdatafile":
            break
    return found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
