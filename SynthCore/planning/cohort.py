"""The same checks over several patients: commissioning, and whether it still holds later."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from SynthCore.errors import CancelledError, InputError, SynthCoreError
from SynthCore.planning.acceptance import DEFAULTS, MEANINGS, Acceptance
from SynthCore.planning.cohort_statistics import Equivalence, Trend, equivalence, trend
from SynthCore.planning.cohort_table import Patient
from SynthCore.planning.density import GENERIC, Curve
from SynthCore.planning.finding import Finding, Light
from SynthCore.planning.identity import patient_of
from SynthCore.planning.path_length import Beam
from SynthCore.planning.plan_check import check
from SynthCore.planning.study import Study, read_study
from SynthCore.planning.verdict import applies
from SynthCore.request import Cancelled, Progress, or_stop, part_of

POOLED = ("range_mean", "range_worst", "bulk_range", "range_uncertainty")
"""Over the beams of a patient, which differ between patients; of other checks each title counts."""

HIGH_IS_GOOD = ("dice", "ssim", "psnr", "gamma", "inside", "information", "mr_body",
                "shrinks", "covered_", "beside_")  # fmt: skip

MEDIANS = "median_"
"""How the names of medians of tissues begin: neither high nor low is bad."""


@dataclass(frozen=True)
class Checked:
    """One patient's findings, or why there are none; `again` with the ID of an earlier line."""

    label: str
    row: int
    day: date | None
    light: Light
    verdict: str
    findings: tuple[Finding, ...] = ()
    refused: str = ""
    again: bool = False


@dataclass(frozen=True)
class Summary:
    """One check over all patients that have it.

    Attributes
    ----------
    id, group, title, unit : str
        Of its findings; the title without a beam.
    patients : tuple of str
        Labels, in the order of `values`.
    days : tuple of datetime.date or None
        Of the patients.
    values : tuple of float
        One a patient, in the order of dates and then of the table; none where it is not defined in
        anyone, and the figures of them are then NaN.
    mean, spread, least, most : float
        Spread is the standard deviation of the sample; NaN for one patient.
    worst_patient, worst_title : str
        Whose single finding is worst, and which one.
    worst : float
        That finding's value.
    limit : str
        What was accepted of a single patient, or what this program expects.
    passed, judged : int
        Patients in whom every such finding passed, and patients in whom any was judged.
    undefined : int
        Patients in whom it has no value and failed for that: among `judged`, not in the mean.
    equivalence, trend
        Nothing where there is no margin, no date, or too few patients.
    """

    id: str
    group: str
    title: str
    unit: str
    patients: tuple[str, ...]
    days: tuple[date | None, ...]
    values: tuple[float, ...]
    mean: float
    spread: float
    least: float
    most: float
    worst_patient: str
    worst_title: str
    worst: float
    limit: str
    passed: int
    judged: int
    undefined: int
    equivalence: Equivalence | None
    trend: Trend | None


@dataclass(frozen=True)
class Cohort:
    """All patients, every check over them, and a sentence."""

    patients: tuple[Checked, ...]
    summaries: tuple[Summary, ...]
    acceptance: Acceptance
    curve: Curve
    light: Light
    verdict: str


def check_cohort(
    patients: Sequence[Patient],
    *,
    acceptance: Acceptance = DEFAULTS,
    curve: Curve = GENERIC["spr"],
    beams: Sequence[Beam] = (),
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Cohort:
    """Check patient after patient; one that is refused is told and does not stop the others.

    Parameters
    ----------
    patients : sequence of Patient
        What `read_cohort` gave.
    acceptance, curve, beams
        As of `plan_check.check`.

    Raises
    ------
    CancelledError
        If `cancelled` said so.
    """
    found = []
    seen: dict[tuple[str, str], int] = {}
    for n, patient in enumerate(patients):
        done, next_done = n / len(patients), (n + 1) / len(patients)
        part = part_of(progress, done, next_done, before=f"patient {n + 1}, ")
        try:
            study = read_study(
                patient.paths, patient.targets, progress=or_stop(part_of(part, 0.0, 0.3), cancelled)
            )
            _require_new(study, patient.row, seen)
            one = check(
                study, acceptance=acceptance, curve=curve, beams=beams,
                prescription_gy=patient.prescription_gy, progress=part_of(part, 0.3, 1.0),
                cancelled=cancelled,
            )  # fmt: skip
            who = patient_of(study.synthetic)
            before = seen.setdefault(("patient", who), patient.row) if who else patient.row
            found.append(
                Checked(patient.label, patient.row, patient.day, one.light, one.verdict,
                        one.findings, again=before != patient.row)
            )  # fmt: skip
        except CancelledError:
            raise
        except SynthCoreError as error:
            found.append(
                Checked(patient.label, patient.row, patient.day, "fail", "", refused=str(error))
            )
    return summarize(found, acceptance, curve)


def _require_new(study: Study, row: int, seen: dict[tuple[str, str], int]) -> None:
    """A patient counts once: a line that was copied would narrow every interval."""
    real = study.reference.sha256() if study.reference is not None else ""
    before = seen.setdefault((study.synthetic.sha256(), real), row)
    if before != row:
        raise InputError(f"The images are those of line {before}: give every patient once.")


def summarize(found: Sequence[Checked], acceptance: Acceptance, curve: Curve) -> Cohort:
    """Every check over the patients that were checked."""
    ordered = sorted(found, key=lambda one: (one.day or date.max, one.row))
    keys: dict[tuple[str, str], None] = {}
    for one in ordered:
        keys |= dict.fromkeys(_key(finding) for finding in one.findings)
    summaries = tuple(
        made for key in keys if (made := _summary(key, ordered, acceptance)) is not None
    )
    return Cohort(tuple(found), summaries, acceptance, curve, *_verdict(found, acceptance))


def _key(finding: Finding) -> tuple[str, str]:
    return finding.id, "" if finding.id in POOLED else finding.title


def _summary(
    key: tuple[str, str], ordered: Sequence[Checked], acceptance: Acceptance
) -> Summary | None:
    rows: list[tuple[Checked, list[Finding]]] = []
    for one in ordered:
        parts = [f for f in one.findings if _key(f) == key and math.isfinite(f.value)]
        if parts:
            rows.append((one, parts))
    if not rows:
        return _undefined(key, ordered)
    values = [float(np.mean([f.value for f in parts])) for _, parts in rows]
    first = rows[0][1][0]
    bad = _badness(first.id, acceptance, values)
    worst_of, worst = max(
        ((one, f) for one, parts in rows for f in parts), key=lambda pair: bad(pair[1].value)
    )
    # one of two beams without a value is no smaller failure than a beam beyond the limit
    whole = [[f for f in one.findings if _key(f) == key] for one, _ in rows]
    judged = [parts for parts in whole if any(f.light != "shown" for f in parts)]
    there = {one.label for one, _ in rows}
    undefined = sum(
        any(_key(f) == key and f.light == "fail" for f in one.findings)
        for one in ordered
        if one.label not in there
    )
    days = tuple(one.day for one, _ in rows)
    margins = _margins(first.id, acceptance)
    return Summary(
        first.id, first.group, key[1] or _pooled_title(first), first.unit,
        tuple(one.label for one, _ in rows), days, tuple(values), float(np.mean(values)),
        float(np.std(values, ddof=1)) if len(values) > 1 else float("nan"),
        min(values), max(values), worst_of.label, worst.title, worst.value,
        first.limit,
        sum(all(_passed(f, acceptance) for f in parts) for parts in judged),
        len(judged) + undefined, undefined,
        None if margins is None else equivalence(values, *margins), trend(days, values),
    )  # fmt: skip


def _undefined(key: tuple[str, str], ordered: Sequence[Checked]) -> Summary | None:
    """Of a check that has a value in no patient, where it failed for that."""
    failed = [
        (one, f) for one in ordered for f in one.findings if _key(f) == key and f.light == "fail"
    ]
    if not failed:
        return None
    one, first = failed[0]
    count = len({checked.label for checked, _ in failed})
    none = float("nan")
    return Summary(
        first.id, first.group, key[1] or _pooled_title(first), first.unit, (), (), (), none, none,
        none, none, one.label, first.title, none, first.limit, 0, count, count, None, None,
    )  # fmt: skip


def _passed(finding: Finding, acceptance: Acceptance) -> bool:
    """Within the limit: a warning is within a site's, but beyond what is expected of our own."""
    return finding.light in ("pass", "shown") or (
        finding.light == "warn" and finding.id in acceptance.limits
    )


def _pooled_title(finding: Finding) -> str:
    text = MEANINGS.get(finding.id, "difference of path length from that in bulk density, percent")
    return text[0].upper() + text[1:].rpartition(",")[0]


def _badness(
    name: str, acceptance: Acceptance, values: Sequence[float]
) -> Callable[[float], float]:
    limit = acceptance.limits.get(name)
    if limit is not None and limit.kind == "least":
        return lambda value: -value
    if limit is not None and limit.kind == "most":
        return lambda value: value
    if limit is None and _high_is_good(name):
        return lambda value: -value
    if name.startswith(MEDIANS):  # the one that lies farthest from the others
        middle = float(np.median(values))
        return lambda value: abs(value - middle)
    return abs


def _high_is_good(name: str) -> bool:
    return any(part in name for part in HIGH_IS_GOOD)


def _margins(name: str, acceptance: Acceptance) -> tuple[float | None, float | None] | None:
    """The site's own margin of a mean, or what it accepts of a single patient.

    What is bounded on one side is tested on that side.
    """
    limit = acceptance.limits.get(name)
    margin = acceptance.margins.get(name, None if limit is None else limit.value)
    if margin is None:
        return None
    kind = limit.kind if limit is not None else "least" if _high_is_good(name) else "absolute"
    if kind == "least":
        return margin, None
    return (None if kind == "most" else -margin), margin


def _verdict(found: Sequence[Checked], acceptance: Acceptance) -> tuple[Light, str]:
    refused = sum(bool(one.refused) for one in found)
    failed = sum(one.light == "fail" and not one.refused for one in found)
    held = [applies(one.findings, acceptance) for one in found if one.light != "fail"]
    passed, unjudged = held.count(True), held.count(False)
    which = acceptance.named if acceptance.signed else f"the {acceptance.named}"
    told = f"{passed} of {len(found)} patients passed every one of {which}"
    warned = sum(one.light == "warn" and applies(one.findings, acceptance) for one in found)
    told += f", {warned} of them with a warning" if warned else ""
    told += f"; {failed} did not" if failed else ""
    told += f"; to {unjudged} none of them applies" if unjudged else ""
    told += f"; {refused} could not be checked" if refused else ""
    if again := [one.label for one in found if one.again]:  # anonymous IDs may be alike: no refusal
        few = ", ".join(again[:5]) + (", ..." if len(again) > 5 else "")
        told += f"; {few} with the patient ID of an earlier line, counted as if another patient"
    lights = {one.light for one in found}
    light: Light = "fail" if failed or refused else "warn" if "warn" in lights else "pass"
    if light == "pass" and (unjudged or not passed):
        light = "shown"
    return light, f"{told}."


def with_registration(patients: Sequence[Patient], kind: str) -> tuple[Patient, ...]:
    """The patients with their real CTs registered.

    Raises
    ------
    InputError
        If it is no kind of registration.
    """
    from SynthCore.planning.registration import parse_kind

    register = parse_kind(kind)
    return tuple(
        replace(p, paths=replace(p.paths, register=register if p.paths.reference else None))
        for p in patients
    )
