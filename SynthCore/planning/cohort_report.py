"""What a commissioning is written to: one page, two tables and JSON, in a folder of its own."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from SynthCore.planning.acceptance import Acceptance, told_apart
from SynthCore.planning.cohort import Cohort, Summary
from SynthCore.planning.cohort_plots import spread_plot, trend_plot
from SynthCore.planning.cohort_statistics import ASSUMPTION
from SynthCore.planning.finding import Finding
from SynthCore.planning.report_content import GROUPS, NOT_CLEARED, PURPOSE, Picture, software
from SynthCore.quality.figures import data_uri
from SynthCore.quality.pages import environment
from SynthCore.staging import new_folder

_TEMPLATES = Path(__file__).parent / "templates"
PAGE, PATIENTS, CHECKS, DATA = "commissioning.html", "patients.csv", "checks.csv", "cohort.json"


def write_cohort(folder: Path, cohort: Cohort, *, checked_by: str = "") -> Path:
    """Write page, tables and JSON into a new folder, all of them or none.

    Raises
    ------
    InputError
        If the folder holds something or cannot be written.
    """
    page, data = render_cohort(cohort, checked_by), as_json(cohort)
    with new_folder(folder) as stage:
        (stage / PAGE).write_text(page, encoding="utf-8")
        _csv(stage / PATIENTS, _PATIENT_COLUMNS, _patient_rows(cohort))
        _csv(stage / CHECKS, _CHECK_COLUMNS, _check_rows(cohort))
        text = json.dumps(data, indent=1, ensure_ascii=True, allow_nan=False)
        (stage / DATA).write_text(text + "\n", encoding="utf-8")
    return folder


def render_cohort(cohort: Cohort, checked_by: str = "") -> str:
    """The page of `write_cohort`."""
    templates = environment(_TEMPLATES)
    pictures = []
    judged = [s for s in cohort.summaries if s.judged]
    accepted, curve = cohort.acceptance, cohort.curve
    if judged:
        pictures.append(
            Picture("All judged checks", "Each dot is a patient; red are the mean and its 90% "
                    "confidence interval; green is what is accepted of a patient. Checks with a "
                    "limit on one side are not here.", spread_plot(judged, cohort.acceptance))
        )  # fmt: skip
    for one in judged:
        if one.id in accepted.limits and len(one.values) > 1:
            pictures.append(Picture(one.title, _told(one, accepted), trend_plot(one, accepted)))
    groups = [
        (title, [row_of(s, accepted) for s in cohort.summaries if s.group == group])
        for group, title in GROUPS
    ]
    return templates.get_template("commissioning.html.j2").render(
        cohort=cohort, groups=[(title, rows) for title, rows in groups if rows],
        pictures=pictures, uri=data_uri, not_cleared=NOT_CLEARED, assumption=ASSUMPTION,
        purpose=PURPOSE.replace("This report", "This page"), software=software(),
        checked=f"{datetime.now(UTC).strftime('%Y-%m-%d %H:%M UTC')} by "
        f"{checked_by or 'somebody not named'}",
        thresholds=f"{accepted.source}{f', {accepted.site}' if accepted.site else ''}; "
        + (f"signed by {accepted.signed_by} on {accepted.signed_on}" if accepted.signed
           else "signed by nobody")
        + (f"; SHA-256 {accepted.sha256}" if accepted.sha256 else ""),
        density=f"{curve.name} ({curve.kind}); SHA-256 {curve.sha256()}"
        + ("; generic, not a site's calibration" if curve.generic else ""),
    )  # fmt: skip


def as_json(cohort: Cohort) -> dict[str, Any]:
    """Everything as plain data; a figure that is not defined is null."""
    data = {
        "light": cohort.light,
        "verdict": cohort.verdict,
        "assumption": ASSUMPTION,
        "patients": [
            {"patient": p.label, "row": p.row, "date": p.day, "light": p.light,
             "verdict": p.verdict, "refused": p.refused} for p in cohort.patients
        ],
        "checks": [
            {**{k: v for k, v in asdict(s).items() if k not in ("equivalence", "trend")},
             "equivalence": None if s.equivalence is None else
             {**asdict(s.equivalence), "shown": s.equivalence.shown},
             "trend": None if s.trend is None else asdict(s.trend)} for s in cohort.summaries
        ],
    }  # fmt: skip
    return _plain(data)  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.isoformat() if hasattr(value, "isoformat") else value


def row_of(s: Summary, accepted: Acceptance) -> dict[str, str]:
    """A check as texts for a table, with digits enough to see on which side of a limit it lies."""
    equal, moves = s.equivalence, s.trend
    limit = accepted.limits.get(s.id)

    def _text(value: float) -> str:
        finding = Finding("", s.id, "", value, s.unit)
        return (finding if limit is None else told_apart(finding, limit)).text

    return {
        "title": s.title,
        "n": str(len(s.values)),
        "mean": "not defined"
        if not s.values
        else _text(s.mean)
        + (f" \N{PLUS-MINUS SIGN} {_text(s.spread)}" if math.isfinite(s.spread) else ""),
        "range": f"{_text(s.least)} to {_text(s.most)}" if s.values else "",
        "worst": f"{_text(s.worst) if s.values else 'not defined'} in {s.worst_patient}"
        + (f" ({s.worst_title})" if s.worst_title != s.title else ""),
        "passed": passed_of(s),
        "limit": s.limit,
        "equivalence": ""
        if equal is None
        else f"{'shown' if equal.shown else 'not shown'} "
        f"({equal.margins}), p {_p(equal.p)}; mean {equal.interval[0]:.3g} to "
        f"{equal.interval[1]:.3g} (90%); normal p {_p(equal.normal_p)}",
        "trend": ""
        if moves is None
        else f"{moves.per_year:+.3g}{f' {s.unit}' if s.unit else ''} a year, p {_p(moves.p)}",
    }


def passed_of(summary: Summary) -> str:
    """For a table: in how many patients it passed, of how many, and in how many it has no value."""
    if not summary.judged:
        return ""
    without = f" ({summary.undefined} not defined)" if summary.undefined else ""
    return f"{summary.passed} of {summary.judged}{without}"


def _p(value: float) -> str:
    if not math.isfinite(value):
        return "not defined"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _told(s: Summary, accepted: Acceptance) -> str:
    row = row_of(s, accepted)
    parts = [f"Mean {row['mean']}, worst {row['worst']}."]
    parts += [f"Equivalence {row['equivalence']}."] if row["equivalence"] else []
    parts += [f"Not defined in {s.undefined}, who are not in the mean."] if s.undefined else []
    parts += [f"Trend {row['trend']}."] if row["trend"] else []
    return " ".join(parts)


_PATIENT_COLUMNS = ("patient", "date", "group", "check", "title", "value", "unit", "light", "limit")
_CHECK_COLUMNS = (
    "group", "check", "title", "unit", "n", "mean", "sd", "least", "most", "worst", "worst_patient",
    "worst_title", "limit", "passed", "judged", "undefined", "margin_low", "margin_high", "tost_p",
    "ci90_low", "ci90_high", "normal_p", "trend_per_year", "trend_p",
)  # fmt: skip


def _patient_rows(cohort: Cohort) -> Iterable[Sequence[Any]]:
    for p in cohort.patients:
        day = p.day.isoformat() if p.day else ""
        if p.refused:
            yield p.label, day, "", "refused", p.refused, "", "", "fail", ""
        for f in p.findings:
            yield p.label, day, f.group, f.id, f.title, f.value, f.unit, f.light, f.limit


def _check_rows(cohort: Cohort) -> Iterable[Sequence[Any]]:
    for s in cohort.summaries:
        e, t = s.equivalence, s.trend
        yield (
            s.group, s.id, s.title, s.unit, len(s.values), s.mean, s.spread, s.least, s.most,
            s.worst, s.worst_patient, s.worst_title, s.limit, s.passed, s.judged, s.undefined,
            *((e.low, e.high, e.p, *e.interval, e.normal_p) if e else [None] * 6),
            *((t.per_year, t.p) if t else [None] * 2),
        )  # fmt: skip


def _csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Any) -> Any:
    """Nothing for what is not defined; a text that a spreadsheet would compute is made one."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@" and value else value
