"""What went wrong, as the event a client can act on; nothing of the patient is in it."""

from __future__ import annotations

import os
import traceback
from dataclasses import asdict
from typing import Any

from SynthCore.errors import (
    CancelledError,
    ComputationError,
    InputError,
    ModelError,
    OutOfMemoryError,
    RefusedError,
    SynthCoreError,
)
from SynthCore.protocol import CANCELLED

DEBUG_VARIABLE = "SYNTHCORE_DEBUG"
"""Environment variable: set, an unexpected error prints its traceback on stderr."""


def event_of(error: BaseException) -> tuple[str, dict[str, Any]]:
    """Type and body of the event that tells of an error."""
    if isinstance(error, CancelledError):
        return "cancelled", {"message": CANCELLED}
    if isinstance(error, RefusedError):
        return "refused", {
            "message": str(error),
            "checks": [asdict(check) for check in error.checks],
        }
    if isinstance(error, SynthCoreError):
        fits = error.tile_that_fits if isinstance(error, OutOfMemoryError) else None
        return "error", _body(_kind(error), str(error), fits)
    if isinstance(error, MemoryError):
        return "error", _body(
            "out-of-memory", "Memory ran out; close other programs or crop the volume.", None
        )
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exception(error)
    # the message of an unexpected error may hold a path or a header: only its type is told
    name = type(error).__name__
    return "error", _body("internal", f"The engine met an unexpected {name}.", None)


def _kind(error: SynthCoreError) -> str:
    if isinstance(error, OutOfMemoryError):
        return "out-of-memory"
    if isinstance(error, ModelError):
        return "model"
    if isinstance(error, InputError):
        return "input"
    return "computation" if isinstance(error, ComputationError) else "internal"


def _body(kind: str, message: str, fits: tuple[int, int, int] | None) -> dict[str, Any]:
    return {"kind": kind, "message": message, "fits": None if fits is None else list(fits)}
