"""Why an engine is no longer there, in one sentence for a person."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

from SynthCore.protocol import VERSION, Message

ENDED = "engine-ended"
"""It worked and then ended; the next request has a fresh one."""
MISSING = "engine-missing"
"""There is none that can be used: not found, never answering, or of another version."""


@dataclass(frozen=True)
class Ending:
    """What became of an engine.

    Attributes
    ----------
    kind : str
        `ENDED` or `MISSING`.
    message : str
        One sentence: what, and what to do.
    details : str
        The last lines of its standard error, as they came.
    """

    kind: str
    message: str
    details: str = ""

    def body(self) -> dict[str, Any]:
        """Body of the ``error`` event that tells of it."""
        return {"kind": self.kind, "message": self.message, "fits": None, "details": self.details}


def how_it_ended(exit_code: int | None) -> str:
    """An exit code in words."""
    if exit_code is None:
        return "its connection broke"
    if exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        name = f"signal {-exit_code}"
    return f"{name}, often a lack of memory" if name == "SIGKILL" else name


def ended_in_use(exit_code: int | None, problem: str, details: str) -> Ending:
    """Of an engine that had answered."""
    message = problem or (
        f"The engine ended unexpectedly ({how_it_ended(exit_code)}); try again, a fresh one "
        "starts by itself."
    )
    return Ending(ENDED, message, details)


def never_answered(exit_code: int | None, times: int, details: str) -> Ending:
    """Of an engine that ended each time before it had answered once."""
    message = (
        f"The engine ended {times} times before it answered ({how_it_ended(exit_code)}); install "
        "it again, or correct its command under Engine."
    )
    return Ending(MISSING, message, details)


def too_slow(seconds: float, details: str) -> Ending:
    """Of an engine that runs and says nothing."""
    message = (
        f"The engine did not answer within {seconds:.0f} seconds; correct its command "
        "under Engine (a remote one must not ask for a password)."
    )
    return Ending(MISSING, message, details)


def wrong_greeting(answer: Message) -> Ending | None:
    """Of an engine whose answer to ``hello`` is not this client's kind; None if it is."""
    if answer.type != "result":
        return Ending(MISSING, str(answer.body.get("message", "The engine refused to start.")))
    found = answer.body.get("protocol")
    if found == VERSION:
        return None
    return Ending(
        MISSING,
        f"The engine speaks version {str(found)[:20]} of the protocol and this module version "
        f"{VERSION}; install the same release of both.",
    )
