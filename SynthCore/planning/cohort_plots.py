"""Plots of a commissioning: every patient's value by date, with what is accepted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from SynthCore.planning.acceptance import Acceptance
from SynthCore.planning.cohort import Summary
from SynthCore.planning.cohort_statistics import control_limits
from SynthCore.planning.plots import COLORS
from SynthCore.quality.panels import to_png

BAND = "#3a7d44"


def trend_plot(summary: Summary, acceptance: Acceptance) -> bytes:
    """Values by date, or in the table's order where a date is missing; PNG.

    Green is what is accepted of a patient, dotted the range of a stable process, the ring the
    patient with the worst single finding.
    """
    figure = Figure(figsize=(9, 2.6), layout="constrained")
    axes = figure.add_subplot()
    dated = all(day is not None for day in summary.days)
    places = (
        np.array([np.datetime64(day) for day in summary.days])
        if dated
        else np.arange(1, len(summary.values) + 1)
    )
    axes.plot(places, summary.values, "o-", color=COLORS[0], markersize=4, linewidth=0.8)
    axes.axhline(summary.mean, color=COLORS[0], linewidth=0.8, linestyle="--")
    limits = control_limits(summary.values)
    for value in limits or ():
        axes.axhline(value, color="#555555", linewidth=0.8, linestyle=":")
    at = summary.patients.index(summary.worst_patient)
    axes.plot(places[at : at + 1], summary.values[at : at + 1], "o", color=COLORS[1],
              markersize=10, fillstyle="none")  # fmt: skip
    shown = [*summary.values, *(limits or ())]
    low, high = _accepted(summary.id, acceptance, min(shown), max(shown))
    if low is not None and high is not None:
        axes.axhspan(low, high, color=BAND, alpha=0.1, linewidth=0)
    axes.set_ylabel(summary.unit or "value")
    axes.set_xlabel("date" if dated else "patient, in the table's order")
    if dated:
        locator = AutoDateLocator(maxticks=8)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    else:
        axes.set_xticks(places[:: max(1, len(places) // 20)])
    axes.grid(alpha=0.3)
    return to_png(figure)


def spread_plot(summaries: Sequence[Summary], acceptance: Acceptance) -> bytes:
    """Every judged check with limits on both sides, as shares of its limit; PNG."""
    rows = [s for s in summaries if _half(s.id, acceptance)]
    figure = Figure(figsize=(9, 0.8 + 0.34 * max(len(rows), 1)), layout="constrained")
    axes = figure.add_subplot()
    axes.axvspan(-1, 1, color=BAND, alpha=0.1, linewidth=0)
    for n, summary in enumerate(rows):
        half = _half(summary.id, acceptance) or 1.0
        values = np.array(summary.values) / half
        axes.plot(values, np.full(len(values), n), "o", color=COLORS[0], alpha=0.45, markersize=4)
        axes.plot([summary.mean / half] * 2, [n - 0.3, n + 0.3], color=COLORS[1], linewidth=2)
        found = summary.equivalence
        if found is not None:
            axes.plot(np.array(found.interval) / half, [n, n], color=COLORS[1], linewidth=1)
    axes.set_yticks(range(len(rows)), [_short(s.title) for s in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("value over what is accepted of a patient")
    axes.grid(alpha=0.3, axis="x")
    return to_png(figure)


def _half(name: str, acceptance: Acceptance) -> float | None:
    limit = acceptance.limits.get(name)
    return limit.value if limit is not None and limit.kind == "absolute" and limit.value else None


def _accepted(
    name: str, acceptance: Acceptance, least: float, most: float
) -> tuple[float | None, float | None]:
    limit = acceptance.limits.get(name)
    if limit is None:
        return None, None
    if limit.kind == "absolute":
        return -limit.value, limit.value
    reach = 0.05 * max(most - least, 1e-6)
    if limit.kind == "least":
        return limit.value, max(most + reach, limit.value + reach)
    return min(least - reach, limit.value - reach), limit.value


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
