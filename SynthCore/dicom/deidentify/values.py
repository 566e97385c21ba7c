"""Legal values: dummies for what goes, and the nearest legal form of what stays."""

from __future__ import annotations

import math
import re
from typing import Any

from pydicom.dataset import Dataset
from pydicom.valuerep import format_number_as_ds

from SynthCore.dicom.deidentify.dates import DUMMY
from SynthCore.dicom.marks import code_item

REMOVED = "REMOVED"
"""What stands where an attribute must have a value."""

_OLDEST = 90
"""Age in years that stands for every higher one."""

_NUMBERS = {"AS": "000Y", "DS": "0", "IS": "0"}
_BINARY = ("OB", "OW", "OF", "OD", "OL", "OV", "UN")
_UNITS = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0}


def dummy_value(vr: str) -> Any:
    """A legal value of the value representation that says nothing."""
    if vr in DUMMY:
        return DUMMY[vr]
    if vr in _NUMBERS:
        return _NUMBERS[vr]
    if vr in _BINARY:
        return b"\0\0"
    return REMOVED if vr in ("LO", "SH", "LT", "ST", "UT", "UC", "PN", "AE", "CS") else 0


def dummy_code() -> Dataset:
    """A code item that says nothing."""
    return code_item((REMOVED, "99" + REMOVED, REMOVED))


def legal_code(text: str) -> str:
    """A code string (CS) of legal characters and length; one that is beyond repair is emptied."""
    code = text.strip(" \0").upper()
    return code if re.fullmatch(r"[A-Z0-9_ ]{0,16}", code) else ""


def legal_age(text: str) -> str:
    """An age (AS), at most 90 years; empty where it is none."""
    found = re.fullmatch(r"(\d{3})([DWMY])", text.strip())
    if not found:
        return ""
    years = int(found.group(1)) / _UNITS[found.group(2)]
    return found.group(0) if years <= _OLDEST else f"{_OLDEST:03d}Y"


def legal_number(vr: str, value: Any) -> str | None:
    """A decimal or integer string within its length; None where it is no number."""
    text = str(getattr(value, "original_string", value)).strip(" \0")
    if not text:
        return ""
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    if vr == "IS":
        return str(int(number)) if number == int(number) and abs(number) < 2**31 else None
    return text if len(text) <= 16 else format_number_as_ds(number)
