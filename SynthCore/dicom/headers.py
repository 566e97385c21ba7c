"""Values out of a DICOM header that may be missing, empty or broken: `None` then, no error."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

Header = Any
"""A pydicom data set."""

SYNTHETIC_DATA = 0x0008001C
"""SyntheticData by its number: a keyword only since DICOM 2024b."""


def value(header: Header, keyword: str) -> Any:
    """The value as pydicom gives it, None where the attribute is absent, empty or unreadable."""
    try:
        found = header.get(keyword)
    except Exception:
        return None
    if found is None:
        return None
    if isinstance(found, str) and not found.strip():
        return None
    return found


def first_text(headers: Sequence[Header], keyword: str) -> str:
    """The value as text in the first of an image's headers; empty where it has none."""
    return text(headers[0], keyword) if headers else ""


def text(header: Header, keyword: str) -> str:
    """The value as text, empty where there is none; several values joined by a backslash."""
    found = value(header, keyword)
    if found is None:
        return ""
    if isinstance(found, str):
        return found.strip(" \0")
    try:
        parts = [str(part).strip(" \0") for part in found]
    except TypeError:
        return str(found).strip(" \0")
    return "\\".join(parts)


def code(header: Header, keyword: str) -> str:
    """A code string (VR CS) fit for a message, empty where it is no such thing.

    In a damaged header a short value can run on over the next elements, the name among them.
    """
    found = text(header, keyword)
    return found if re.fullmatch(r"[A-Z0-9_ ]{1,16}", found) else ""


def line(header: Header, keyword: str) -> str:
    """A line of text (VR LO) fit for a list, empty where it is too long or not printable."""
    found = text(header, keyword)
    return found if len(found) <= 64 and found.isprintable() else ""


def texts(header: Header, keyword: str) -> tuple[str, ...]:
    """The values of a multi-valued text attribute."""
    joined = text(header, keyword)
    return tuple(part for part in joined.split("\\") if part)


def numbers(header: Header, keyword: str) -> tuple[float, ...]:
    """The finite numbers of an attribute; empty where one of them is not a number."""
    found = value(header, keyword)
    if found is None:
        return ()
    try:
        if isinstance(found, str | bytes | int | float):
            parts = [float(found)]
        else:
            parts = [float(part) for part in found]
    except (TypeError, ValueError):
        return ()
    return tuple(parts) if all(math.isfinite(part) for part in parts) else ()


def number(header: Header, keyword: str) -> float | None:
    """The first number of an attribute."""
    found = numbers(header, keyword)
    return found[0] if found else None


def integer(header: Header, keyword: str, default: int = 0) -> int:
    """The first number of an attribute as a whole number."""
    found = number(header, keyword)
    return default if found is None else int(found)


def items(header: Header, keyword: str) -> tuple[Header, ...]:
    """The items of a sequence, none where it is absent."""
    found = value(header, keyword)
    try:
        return tuple(item for item in found if hasattr(item, "get")) if found is not None else ()
    except TypeError:
        return ()


def item(header: Header, keyword: str) -> Header | None:
    """The first item of a sequence."""
    found = items(header, keyword)
    return found[0] if found else None


def words(header: Header, *keywords: str) -> str:
    """The attributes as one lower-case line, for looking for words in it."""
    joined = " ".join(text(header, keyword) for keyword in keywords)
    return re.sub(r"\s+", " ", joined.replace("\\", " ")).strip().lower()


def is_synthetic(header: Header) -> bool:
    """Whether the object is marked as synthetic, SyntheticData (0008,001C) ``YES``.

    By its number: libraries older than DICOM 2024b do not know the keyword.
    """
    try:
        element = header.get(SYNTHETIC_DATA)
        found = element.value if element is not None else ""
    except Exception:
        return False
    return (
        found.decode(errors="ignore") if isinstance(found, bytes) else str(found)
    ).strip() == "YES"
