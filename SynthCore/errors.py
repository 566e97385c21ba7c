"""The errors a caller can meet, each with the exit code of the command line.

Every message is one sentence that says what is wrong, where, and what to do about it.
"""

from __future__ import annotations

from typing import Any


class SynthCoreError(Exception):
    """Base of every error raised on purpose; `exit_code` is the command line's."""

    exit_code = 4


class InputError(SynthCoreError):
    """Wrong use or input that cannot be read."""

    exit_code = 2


class ModelError(InputError):
    """A model folder that is broken, altered or not allowed to load."""


class RefusedError(SynthCoreError):
    """The input was read, but a check found that it is not fit for what is asked.

    A model was not made for it, a reference was not acquired, a lesion finds no place. `checks` are
    the `SynthCore.request.Check` of the input, with the one that refused it.
    """

    exit_code = 3

    def __init__(self, message: str, checks: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.checks = checks


class ComputationError(SynthCoreError):
    """The computation failed after the input was accepted."""

    exit_code = 4


class OutOfMemoryError(ComputationError):
    """Memory ran out; `tile_that_fits` is the largest tile (k, j, i) that would fit, if any."""

    def __init__(self, message: str, tile_that_fits: tuple[int, int, int] | None = None) -> None:
        super().__init__(message)
        self.tile_that_fits = tile_that_fits


class CancelledError(SynthCoreError):
    """The user asked to stop."""

    exit_code = 130
