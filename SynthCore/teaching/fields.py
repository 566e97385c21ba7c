"""Take fields from a table of a case file, one kind of value at a time.

Every complaint is an `InputError` that says which field of which table, and what belongs there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from SynthCore.errors import InputError

Table = Mapping[str, Any]
LONGEST = 20_000
"""Characters of a text."""

MOST = 200
"""Entries of a list."""


class Fields:
    """The fields of one table; `where` names it in a complaint."""

    def __init__(self, table: Any, where: str, known: Sequence[str]) -> None:
        if not isinstance(table, Mapping):
            raise InputError(f"{where} is not a table of fields; see `synthcore teach --new`.")
        unknown = sorted(str(key) for key in table if key not in known)
        if unknown:
            raise InputError(
                f"{where} has an unknown field {unknown[0]!r}; its fields are {', '.join(known)}."
            )
        self._table: Table = table
        self.where = where

    def text(self, name: str, default: str | None = "", *, line: bool = False) -> str:
        """A text; without a default it must be there and not be empty."""
        value = self._table.get(name)
        if value is None:
            if default is None:
                raise InputError(f"{self.where} has no {name}; write one.")
            return default
        if not isinstance(value, str):
            raise InputError(f"{self._named(name)} is not a text; put it in quotation marks.")
        value = value.strip()
        if not value and default is None:
            raise InputError(f"{self._named(name)} is empty; write one.")
        if len(value) > LONGEST:
            raise InputError(f"{self._named(name)} is longer than {LONGEST} characters.")
        if any(ord(c) < 32 and c not in "\n\t\r" for c in value):
            raise InputError(f"{self._named(name)} holds a control character; remove it.")
        return " ".join(value.split()) if line else value.replace("\r\n", "\n")

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of short texts, none of them empty."""
        values = self.entries(name)
        if not all(isinstance(v, str) and v.strip() and len(v) <= LONGEST for v in values):
            raise InputError(f'{self._named(name)} is not a list of texts, such as ["one", "two"].')
        return tuple(" ".join(v.split()) for v in values)

    def entries(self, name: str) -> Sequence[Any]:
        """A list of anything."""
        values = self._table.get(name, [])
        if not isinstance(values, list):
            raise InputError(f"{self._named(name)} is not a list; put it in brackets [].")
        if len(values) > MOST:
            raise InputError(f"{self._named(name)} has more than {MOST} entries.")
        return values

    def one_of(self, name: str, allowed: Sequence[str], default: str) -> str:
        """One of a few words."""
        value = self.text(name, default)
        if value not in allowed:
            raise InputError(
                f"{self._named(name)} is {value!r}; it is one of {', '.join(allowed)}."
            )
        return value

    def yes(self, name: str) -> bool:
        """Whether a field is true; false where it is missing."""
        value = self._table.get(name, False)
        if not isinstance(value, bool):
            raise InputError(f"{self._named(name)} is true or false, without quotation marks.")
        return value

    def count(self, name: str) -> int | None:
        """A whole number from 1, where it is given."""
        value = self._table.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(f"{self._named(name)} is not a whole number from 1.")
        return value

    def numbers(self, name: str, how_many: int, example: str) -> tuple[float, ...] | None:
        """So many numbers in brackets, where they are given."""
        value = self._table.get(name)
        return None if value is None else numbers_in(value, how_many, self._named(name), example)

    def _named(self, name: str) -> str:
        return f"The {name} of {self.where[:1].lower()}{self.where[1:]}"

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        return name in self._table

    def raw(self, name: str) -> Any:
        """The value as it was read."""
        return self._table.get(name)


def numbers_in(value: Any, how_many: int, named: str, example: str) -> tuple[float, ...]:
    """A list of so many finite numbers; `named` begins the complaint."""
    good = isinstance(value, list) and len(value) == how_many
    if not good or not all(
        isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in value
    ):
        raise InputError(f"{named} is not {how_many} numbers, such as {example}.")
    return tuple(float(v) for v in value)
