"""How all findings stand together, in one light and one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.planning.acceptance import Acceptance
from SynthCore.planning.finding import Finding, Light, worst
from SynthCore.planning.meanings import words_of

REGISTRATION = "registration_"


def applies(findings: Sequence[Finding], acceptance: Acceptance) -> bool:
    """Whether any of these thresholds judged anything."""
    return any(f.id in acceptance.limits and f.light != "shown" for f in findings)


def light_of(findings: tuple[Finding, ...], acceptance: Acceptance) -> Light:
    """The worst light; nothing is green by what this program itself expects alone."""
    light = worst(findings)
    return "shown" if light == "pass" and not applies(findings, acceptance) else light


def not_checked(findings: Sequence[Finding], acceptance: Acceptance) -> str:
    """Thresholds that had nothing to judge, in a sentence; nothing where there are none.

    Those of a registration count where there was one: they judge a step and not the image.
    """
    there = {finding.id for finding in findings}
    registered = any(name.startswith(REGISTRATION) for name in there)
    missing = [
        words_of(name)
        for name in acceptance.limits
        if name not in there and (registered or not name.startswith(REGISTRATION))
    ]
    return f" Not checked: {'; '.join(missing)}." if missing else ""


def verdict_of(findings: tuple[Finding, ...], acceptance: Acceptance) -> str:
    """A sentence, and one of what was not checked. It never says that a plan is safe."""
    told = _stands(findings, acceptance)
    return told + not_checked(findings, acceptance) if applies(findings, acceptance) else told


def _stands(findings: tuple[Finding, ...], acceptance: Acceptance) -> str:
    failed = [f for f in findings if f.light == "fail"]
    passed = sum(f.light == "pass" for f in findings)
    warned = sum(f.light == "warn" for f in findings)
    thresholds = acceptance.named
    if failed:
        by_site = [f for f in failed if f.id in acceptance.limits]
        by = thresholds if by_site else "what this program itself expects"
        more = f" {len(failed) - 1} more did not pass." if len(failed) > 1 else ""
        return f"Not accepted by {by}: {(by_site or failed)[0].reason}{more}"
    if not passed + warned:
        return "Nothing was judged: no check has a threshold."
    counted = f"{passed} check{'' if passed == 1 else 's'} passed"
    counted += f", {warned} more with a warning" if warned else ""
    if not applies(findings, acceptance):
        return (
            f"Nothing was accepted: {thresholds} say nothing of these checks. By what this "
            f"program itself expects, {counted}."
        )
    if not acceptance.signed:
        return f"Within {thresholds}, so not accepted by anyone: {counted}."
    return f"Accepted by {thresholds}: {counted}."
