"""Dates and times: removed, kept, or shifted by one number of days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from SynthCore.dicom.legal_dates import calendar_day, legal_date, legal_time

DUMMY = {"DA": "19000101", "TM": "000000", "DT": "19000101000000"}
"""Legal values that mean nothing, for attributes that must have one."""

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_DATE_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?")
_ZONE = re.compile(r"[+-]\d{4}$")


def moved(vr: str, value: str, days: int) -> str:
    """The value `days` later (0 to keep it), empty where it is not legal.

    Parameters
    ----------
    vr : str
        DA, TM or DT. A time of day stays what it is.
    """
    if vr == "TM":
        return legal_time(value)
    if vr == "DA":
        day = legal_date(value)
        return _shifted(day, days) if day else ""
    text = value.strip(" \0")
    zone = _ZONE.search(text)
    local = text[: zone.start()] if zone else text
    found = _DATE_TIME.fullmatch(local)
    day = calendar_day(*found.groups()[:3]) if found else None
    if found is None or day is None or not legal_time(found.group(4) or "00"):
        return ""
    start = _shifted(day, days)
    return f"{start}{found.group(4) or ''}{zone.group() if zone else ''}" if start else ""


def written_forms(day: date) -> tuple[str, ...]:
    """How a date may stand in a text."""
    y, m, d = f"{day.year:04d}", f"{day.month:02d}", f"{day.day:02d}"
    short = (str(day.day), str(day.month))
    return (
        f"{y}{m}{d}", f"{y}-{m}-{d}", f"{y}.{m}.{d}", f"{y}/{m}/{d}",
        f"{d}.{m}.{y}", f"{d}/{m}/{y}", f"{d}-{m}-{y}", f"{m}/{d}/{y}", f"{m}-{d}-{y}",
        f"{d}{m}{y}", ".".join((*short, y)), "/".join((*short, y)), "/".join((*short[::-1], y)),
        f"{y[2:]}{m}{d}", f"{d}/{m}/{y[2:]}", f"{m}/{d}/{y[2:]}", f"{d}.{m}.{y[2:]}",
        *_in_words(day),
    )  # fmt: skip


def _in_words(day: date) -> Iterator[str]:
    """With the English name of the month, in small letters."""
    for month in (_MONTHS[day.month - 1], _MONTHS[day.month - 1][:3]):
        for number in {str(day.day), f"{day.day:02d}"}:
            for year in (str(day.year), f"{day.year % 100:02d}"):
                yield from (f"{number} {month} {year}", f"{number}-{month}-{year}")
                yield from (f"{number}{month}{year}", f"{month} {number}, {year}")
                yield f"{month} {number} {year}"


def _shifted(day: date, days: int) -> str:
    try:
        later = day + timedelta(days=days)
    except OverflowError:
        return ""
    return f"{later.year:04d}{later.month:02d}{later.day:02d}"
