"""Dates and times as DICOM has them now, of those that older files hold."""

from __future__ import annotations

import re
from datetime import date

_DATE = re.compile(r"(\d{4})[.\-]?(\d{2})[.\-]?(\d{2})$")
_TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(\.\d{1,6})?$")


def legal_date(value: str) -> date | None:
    """A DA value (also the old form with dots, and with hyphens), None where it is none."""
    found = _DATE.match(value.strip(" \0"))
    return calendar_day(*found.groups()) if found else None


def legal_time(value: str) -> str:
    """A TM value, also of the old form with colons, as DICOM has it now; empty where none."""
    text = value.strip(" \0")
    found = _TIME.match(text)
    if not found:
        return ""
    limits = zip(found.groups()[:3], ("23", "59", "59"), strict=True)
    if any(part is not None and part > limit for part, limit in limits):
        return ""
    return text.replace(":", "")


def calendar_day(year: str, month: str, day: str) -> date | None:
    """The day of these numbers, None where no calendar has it."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
