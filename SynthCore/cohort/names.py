"""Names of cases: each names a folder, on any system."""

from __future__ import annotations

import re
import unicodedata

LONGEST, MOST_BYTES = 64, 200
"""Letters, and bytes in UTF-8: a disk takes 255 with what is written around a name meanwhile."""

_RESERVED = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"]
)
"""Devices of Windows, with any ending."""

_OWN = frozenset(("batch", "commission"))
"""Names of the tables and the page, whatever their ending."""


def unsafe(name: str) -> str:
    """Why a name cannot be that of a folder, empty where it can."""
    if not name:
        return "is empty"
    if len(name) > LONGEST:
        return f"is longer than {LONGEST} letters"
    if len(name.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return f"is longer than {MOST_BYTES} bytes"
    if not re.fullmatch(r"[^\W_][\w.\- ]*", name):
        return "holds more than letters, digits, '.', '_', '-' and spaces, or begins with a sign"
    if name[-1] in ". ":
        return "ends with a dot or a space"
    stem = name.split(".")[0].strip().casefold()
    if stem in _RESERVED:
        return "is a name that Windows keeps for a device"
    if stem in _OWN:
        return "is a name that the folder of results needs itself"
    return ""


def same_folder(name: str) -> str:
    """Equal for names that one folder answers to on some system: case and accents aside."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
