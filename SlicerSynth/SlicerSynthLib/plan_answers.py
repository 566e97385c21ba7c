"""What the engine answered to a plan check, as lines for a table and sentences below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RESEARCH = (
    "Research software, not cleared for clinical use: no figure here allows a treatment. Whether "
    "this image may be planned on is for the people who answer for the patient."
)
LIGHTS = ("fail", "warn", "pass", "shown")
"""Worst first; ``shown`` is a figure that nothing judges."""
SIGNS = {"fail": "\N{MULTIPLICATION X}", "warn": "!", "pass": "\N{CHECK MARK}", "shown": ""}
WORDS = {
    "fail": "Outside its bounds", "warn": "A warning", "pass": "Within its bounds",
    "shown": "Not judged",
}  # fmt: skip


def lines_of(answer: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """Light, title, reason, value and threshold of every finding, the worst first."""
    found = [one for one in answer.get("findings") or () if isinstance(one, Mapping)]
    found.sort(key=lambda one: LIGHTS.index(light_of(one)))
    return [
        (
            light_of(one),
            str(one.get("title") or ""),
            reason_of(one),
            str(one.get("text") or ""),
            str(one.get("limit") or ""),
        )
        for one in found
    ]


def reason_of(finding: Mapping[str, Any]) -> str:
    """Why it stands as it does, without the value and the threshold that stand beside it."""
    title, text, limit = (str(finding.get(name) or "") for name in ("title", "text", "limit"))
    reason = str(finding.get("reason") or "")
    prefix = f"{title} is {text}, "
    if limit and reason.startswith(prefix):
        said, _, more = reason.removeprefix(prefix).partition(f" ({limit}).")
        known = light_of(finding) == "pass" and more
        reason = more.strip() if known else f"{said[:1].upper()}{said[1:]}.{more}"
    return reason or f"{WORDS[light_of(finding)]}."


def light_of(finding: Mapping[str, Any]) -> str:
    """One of `LIGHTS`."""
    light = str(finding.get("light") or "")
    return light if light in LIGHTS else "shown"


def counted(answer: Mapping[str, Any]) -> str:
    """How many findings stand how, in words."""
    lights = [light_of(one) for one in answer.get("findings") or ()]
    names = {"fail": "outside", "warn": "with a warning", "pass": "within", "shown": "not judged"}
    parts = [f"{lights.count(light)} {names[light]}" for light in LIGHTS if light in lights]
    return ", ".join(parts) + "." if parts else ""


def about(answer: Mapping[str, Any]) -> str:
    """What every figure of a check depends on: thresholds, curve, notes, the other CT beside."""
    thresholds, curve = answer.get("thresholds") or {}, answer.get("curve") or {}
    signed = thresholds.get("signed_by")
    by = f", signed by {signed} on {thresholds.get('signed_on')}" if signed else ", not signed"
    parts = [
        counted(answer),
        f"Thresholds: {thresholds.get('source')}{by}.",
        f"Density: {curve.get('name')}.",
        *(str(note) for note in answer.get("notes") or ()),
    ]
    return " ".join(part for part in parts if part)
