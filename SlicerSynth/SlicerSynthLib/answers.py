"""Events of the engine as the state of a job, with a sentence for a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from SlicerSynthLib.jobs import Job
from SynthCore.protocol import Message

_GRAVEST = {"refuse": 0, "pass": 2}
_PASSED_OVER = re.compile(r"The model (\S+) was not used: ")
"""How the engine's warnings begin where it chose the model and a better one refused."""


def apply_event(job: Job, message: Message) -> None:
    """Bring the job up to date with one event of its request."""
    body = message.body
    if message.type == "progress":
        job.state = "running"
        job.fraction = min(max(float(body.get("fraction") or 0.0), 0.0), 1.0)
        job.stage = str(body.get("stage") or "")
        left = body.get("seconds_left")
        job.seconds_left = None if left is None else float(left)
    elif message.type == "result":
        job.state, job.fraction, job.seconds_left = "done", 1.0, 0.0
        job.answer = body
        job.message, job.details = checks_in_words(body)
    elif message.type == "refused":
        job.state, job.message = "refused", str(body.get("message", ""))
        job.details = "\n".join(check_lines(body.get("checks") or ()))
    elif message.type == "cancelled":
        job.state, job.message = "cancelled", str(body.get("message", ""))
    elif message.type == "error":
        job.state, job.message = "failed", str(body.get("message", ""))
        job.details = str(body.get("details") or "")
        job.trouble = str(body.get("kind") or "")
        fits = body.get("fits")
        job.fits = tuple(int(n) for n in fits) if fits else None


def checks_in_words(body: Mapping[str, Any]) -> tuple[str, str]:
    """What the checks of a result or of a record said: one line, and the lines behind it.

    That another model refused is among the lines only: it says nothing against the result.
    """
    checks = [check for check in body.get("checks") or () if isinstance(check, Mapping)]
    warnings = [str(text) for text in body.get("warnings") or ()]
    warned = [check for check in checks if check.get("outcome") != "pass"]
    spoken = {str(check.get("message")) for check in warned}
    others = [text for text in warnings if _PASSED_OVER.match(text)]
    more = [text for text in warnings if text not in spoken and text not in others]
    count = len(warned) + len(more)
    if not count:
        n = len(checks)
        line = f"All {n} checks passed." if n > 1 else "Checked: nothing to say against it."
    else:
        first = str(warned[0].get("message")) if warned else more[0]
        line = first if count == 1 else f"{first} And {count - 1} more."
    told = [*(f"Warning: {text}" for text in more), *others]
    return line, "\n".join([*told, *check_lines(checks)])


def passed_over(warnings: Iterable[Any]) -> list[str]:
    """The models that refused before the one that was used, where the engine chose."""
    found = (_PASSED_OVER.match(str(text)) for text in warnings)
    return [one.group(1) for one in found if one is not None]


def check_lines(checks: Any) -> list[str]:
    """One line a check, the gravest first: its outcome, its sentence, its figure and the limit.

    A figure without a limit says nothing that the sentence does not say.
    """
    lines = []
    for check in sorted(checks, key=lambda check: _GRAVEST.get(str(check.get("outcome")), 1)):
        outcome = {"pass": "Passed", "warn": "Warning", "refuse": "Refused"}.get(
            str(check.get("outcome")), "Checked"
        )
        value, limit = check.get("value"), check.get("limit")
        known = value is not None and limit is not None
        figures = f" ({_figure(value)}, limit {_figure(limit)})" if known else ""
        lines.append(f"{outcome}: {check.get('message') or check.get('name')}{figures}")
    return lines


def _figure(value: Any) -> str:
    return f"{float(value):.4g}"
