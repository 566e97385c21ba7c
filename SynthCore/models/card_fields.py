"""Fields of a card, checked one by one; what is wrong is a `ModelError` that names the field."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from SynthCore.errors import ModelError

DEEPEST = 12
"""Objects and lists in a card are nested no deeper than this."""

_STATISTICS = ("mean", "deviation")


def text(block: Mapping[str, Any], name: str) -> str:
    """A text that is not empty."""
    value = block[name]
    if not isinstance(value, str) or not value:
        raise ModelError(f"{name} is not a text")
    return value


def mapping(value: Any, what: str = "a block") -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, Mapping):
        raise ModelError(f"{what} is not an object")
    return value


def listed(value: Any, length: int | None, what: str) -> Sequence[Any]:
    """A JSON list, of that length where one is given."""
    if not isinstance(value, list) or (length is not None and len(value) != length):
        raise ModelError(f"{what} is not a list" + ("" if length is None else f" of {length}"))
    return value


def number(value: Any, low: float, high: float, what: str) -> float:
    """A finite number within limits; neither a text nor true or false."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ModelError(f"{what} is not a number between {low:g} and {high:g}")
    return float(value)


def whole(value: Any, low: int, high: int, what: str) -> int:
    """A whole number within limits."""
    found = number(value, low, high, what)
    if found != int(found):
        raise ModelError(f"{what} is not a whole number")
    return int(found)


def truth(value: Any, what: str) -> bool:
    """True or false, and nothing that stands for it."""
    if not isinstance(value, bool):
        raise ModelError(f"{what} is neither true nor false")
    return value


def interval(value: Any, least: float, most: float, what: str) -> tuple[float, float]:
    """Two numbers, the lower one first."""
    pair = listed(value, 2, what)
    low, high = (number(v, least, most, what) for v in pair)
    if low >= high:
        raise ModelError(f"{what} is not in ascending order")
    return low, high


def spacing_range(value: Any) -> None:
    """``spacing_range_mm``: an interval for each of i, j and k; nothing where there is no limit."""
    if value is not None:
        for axis in listed(value, 3, "spacing_range_mm"):
            interval(axis, 0.01, 1000, "spacing_range_mm")


def statistics(value: Any, roles: Sequence[str]) -> Mapping[str, Any]:
    """``input_statistics``: for a role, what `input_statistics.distance` reads, in matching shapes.

    ``names`` (n texts), ``mean`` and ``deviation`` (n numbers), ``inverse`` (n times n numbers),
    ``warn`` and ``refuse`` (distances); ``unlike``, where it is there, holds the first four of
    images to refuse, and ``what`` they show.
    """
    for role, found in mapping(value, "input_statistics").items():
        what = f"input_statistics of {role}"
        if role not in roles:
            raise ModelError(f"{what} are of no input")
        found = mapping(found, what)
        _place(found, what)
        if "unlike" in found:
            other = mapping(found["unlike"], f"{what}: unlike")
            _place(other, f"{what}: unlike")
            if not isinstance(other["what"], str):
                raise ModelError(f"{what}: unlike says not what it is")
        warn = number(found["warn"], 0, 1e9, f"{what}: warn")
        number(found["refuse"], warn, 1e9, f"{what}: refuse")
    return mapping(value)


def _place(found: Mapping[str, Any], what: str) -> None:
    names = listed(found["names"], None, f"{what}: names")
    if not names or not all(isinstance(name, str) for name in names):
        raise ModelError(f"{what}: names are not texts")
    for name in _STATISTICS:
        low = 1e-9 if name == "deviation" else -1e9
        for one in listed(found[name], len(names), f"{what}: {name}"):
            number(one, low, 1e9, f"{what}: {name}")
    for row in listed(found["inverse"], len(names), f"{what}: inverse"):
        for one in listed(row, len(names), f"{what}: inverse"):
            number(one, -1e9, 1e9, f"{what}: inverse")


def harmless(value: Any, depth: int = 0) -> None:
    """Whether all of a card can be printed: on a terminal, in a report and as JSON.

    Raises
    ------
    ModelError
        If a text holds control characters or half a character, a number is larger than a float,
        or objects are nested too deep.
    """
    if depth > DEEPEST:
        raise ModelError("its objects are nested too deep")
    if isinstance(value, str):
        if any(unicodedata.category(c) in ("Cc", "Cs") for c in value.translate(_LINES)):
            raise ModelError("a text holds control characters")
    elif isinstance(value, Mapping):
        for name, one in value.items():
            harmless(name, depth + 1)
            harmless(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            harmless(one, depth + 1)
    elif isinstance(value, int) and not math.isfinite(value):  # OverflowError where too large
        raise ModelError("a number is too large")


_LINES = str.maketrans("", "", "\n\t")
