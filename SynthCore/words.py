"""Numbers and nouns that agree."""

from __future__ import annotations

from collections.abc import Sequence

NAMED = 3
"""Of several names in a sentence; the rest is counted."""


def counted(number: int, noun: str) -> str:
    """``1 image``, ``2 images``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Sequence[str]) -> str:
    """The first `NAMED`, and how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
