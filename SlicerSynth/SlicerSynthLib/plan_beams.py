"""What is typed or chosen for a plan check: beams, a prescription, small files."""

from __future__ import annotations

import math
from pathlib import Path

from SynthCore.errors import InputError

MOST_BYTES = 1_000_000
"""Of a file of thresholds or of a curve: they have some lines."""


def beams_in(typed: str) -> list[list[float]]:
    """Gantry and couch angles in degrees, from ``0, 90, 180/10``.

    Raises
    ------
    InputError
        If a part of it is no angle.
    """
    return [_angles(part) for part in typed.replace(";", ",").split(",") if part.strip()]


def prescription_in(typed: str) -> float | None:
    """A dose in Gy, None where nothing is typed.

    Raises
    ------
    InputError
        If it is no dose.
    """
    words = typed.strip().lower().removesuffix("gy").strip()
    if not words:
        return None
    try:
        dose = float(words)
    except ValueError:
        dose = math.nan
    if not 0 < dose <= 1000:
        raise InputError("The prescription is not a dose; give a number of Gy, or leave it empty.")
    return dose


def text_of_file(path: str, what: str, encoding: str = "utf-8") -> dict[str, str]:
    """Name and text of a file, as a request carries it; empty where none is chosen.

    Raises
    ------
    InputError
        If it cannot be read as text.
    """
    if not path.strip():
        return {}
    file = Path(path.strip())
    try:
        if file.stat().st_size > MOST_BYTES:
            raise InputError(f"The {what} {file.name} is too large a file; choose another one.")
        return {"name": file.name, "text": file.read_bytes().decode(encoding)}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The {what} {file.name} cannot be read as text; choose another file."
        ) from error


def _angles(part: str) -> list[float]:
    try:
        angles = [float(one) for one in part.split("/")]
    except ValueError:
        angles = []
    if not 1 <= len(angles) <= 2 or not all(-360 <= angle <= 360 for angle in angles):
        raise InputError(
            f"The beam {part.strip()!r} is not an angle; give GANTRY or GANTRY/COUCH in degrees, "
            "with commas between beams."
        )
    return [angles[0], angles[1] if len(angles) == 2 else 0.0]
