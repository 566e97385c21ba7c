"""Text that any reader can show: ASCII, one line, no longer than the attribute allows."""

from __future__ import annotations

SH, LO, ST = 16, 64, 1024
"""Longest values of the DICOM value representations, in characters (PS3.5, table 6.2-1)."""


def fit(text: str, length: int) -> str:
    """`text` in printable ASCII without a backslash, cut to `length` characters.

    ASCII, because it means the same in every character set a copied header may be in; no
    backslash, because DICOM separates values with it.
    """
    plain = text.encode("ascii", "replace").decode("ascii").replace("\\", "/")
    line = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
    return line if len(line) <= length else line[: length - 3].rstrip() + "..."


def decimal(value: float, digits: int = 10) -> str:
    """A decimal string (DS, at most 16 characters) with `digits` significant digits, at most 10."""
    return f"{value + 0.0:.{digits}g}"


def value_text(value: object) -> str:
    """An attribute's value as text, also where a system without its dictionary kept raw bytes."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("ascii", "replace").strip(" \0")
    return str(value).strip()
