"""Draws as JSON: frozen dataclasses to text and back, so that every image can be made again."""

from __future__ import annotations

import json
import types
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from SynthCore.errors import InputError

T = TypeVar("T")


def to_json(drawn: Any) -> str:
    """Write a dataclass of numbers, texts, tuples and other such dataclasses as JSON."""
    return json.dumps(asdict(drawn), allow_nan=False, sort_keys=True)


def from_json(kind: type[T], text: str) -> T:
    """Read what `to_json` wrote; equal to what was written.

    Raises
    ------
    InputError
        If the text is no JSON, or does not fit the dataclass.
    """
    try:
        built: T = _build(kind, json.loads(text))
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"This text is not the record of a {kind.__name__}.") from error
    return built


def _build(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        choices = [choice for choice in get_args(kind) if choice is not type(None)]
        return _build(choices[0], value)
    if origin is tuple:
        inner = get_args(kind)
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_build(one, item) for one, item in zip(kinds, value, strict=True))
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        if set(value) != {field.name for field in fields(kind)}:
            raise KeyError
        return kind(**{name: _build(hints[name], item) for name, item in value.items()})
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind in (int, float, str, bool) and type(value) is not kind:
        raise TypeError
    return value
