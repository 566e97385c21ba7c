"""A table of bad inputs: what makes each, and how it must be refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Make = Callable[[Path], list[str]]
"""Makes bad input in a folder and returns the arguments for `run`."""


class BadInputs(dict[str, tuple[int, str, Make]]):
    """By name: exit code, part of the sentence, and what makes it."""

    def refused(self, code: int, says: str = "") -> Callable[[Make], Make]:
        """Put the function below into the table.

        `says` is part of the sentence, where another check could refuse the same input.
        """

        def add(make: Make) -> Make:
            self[make.__name__] = (code, says, make)
            return make

        return add


def t1(path: Path | str, *more: str) -> list[str]:
    """Arguments that ask for a CT of a T1."""
    return ["mr-to-ct", "--input", f"T1={path}", "--format", "nifti", *more]
