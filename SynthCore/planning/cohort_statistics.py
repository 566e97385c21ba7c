"""What the same checks say over several patients: mean, spread, worst, trend and equivalence.

Every patient has one value of each check: the mean over its beams where there are several.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy import stats

LEAST_PATIENTS = 3
"""Fewer say nothing about a mean."""

LEAST_TREND = 5
LEAST_DATES = 3
"""Two days show a difference, no trend."""

ALPHA = 0.05

ASSUMPTION = (
    "The tests take patients as independent and their values as roughly normal (Shapiro-Wilk p "
    "beside, where low the result is in doubt); they are of each check alone, without correction "
    "for how many there are. Equivalence of a mean says nothing of a single patient: look at the "
    "worst."
)


@dataclass(frozen=True)
class Equivalence:
    """A test of a mean against margins.

    Attributes
    ----------
    low, high : float or None
        The margins; one of them is missing where a bound has one side.
    p : float
        Of the null hypothesis that the mean lies beyond a margin: the larger of two one-sided t
        tests (TOST), or the only one.
    interval : tuple of float
        90% confidence interval of the mean; equivalent at 5% if it lies within the margins.
    normal_p : float
        Of Shapiro and Wilk's test.
    """

    low: float | None
    high: float | None
    p: float
    interval: tuple[float, float]
    normal_p: float

    @property
    def shown(self) -> bool:
        """Whether equivalence was shown at 5%."""
        return self.p < ALPHA

    @property
    def margins(self) -> str:
        """For a table."""
        if self.low is None:
            return f"at most {self.high:g}"
        return f"at least {self.low:g}" if self.high is None else f"{self.low:g} to {self.high:g}"


def equivalence(
    values: Sequence[float], low: float | None, high: float | None
) -> Equivalence | None:
    """Two one-sided t tests of a mean; nothing for fewer than `LEAST_PATIENTS` values.

    Parameters
    ----------
    values : sequence of float
        One a patient.
    low, high : float or None
        Margins, at least one.

    References
    ----------
    Schuirmann, J Pharmacokinet Biopharm 1987;15:657.
    """
    sample = np.asarray(values, dtype=np.float64)
    if len(sample) < LEAST_PATIENTS:
        return None
    mean = float(sample.mean())
    error = float(sample.std(ddof=1)) / math.sqrt(len(sample))
    reach = float(stats.t.ppf(1 - ALPHA, len(sample) - 1)) * error
    spread = error > 1e-12 * max(1.0, abs(mean))

    def one_sided(beyond: float) -> float:
        """P of the null hypothesis that a mean so far within a margin lies beyond it."""
        if not spread:  # all the same
            return 0.0 if beyond > 0 else 1.0
        return float(stats.t.sf(beyond / error, len(sample) - 1))

    found = [one_sided(mean - low)] if low is not None else []
    found += [one_sided(high - mean)] if high is not None else []
    normal = float(stats.shapiro(sample).pvalue) if spread else float("nan")
    return Equivalence(low, high, max(found), (mean - reach, mean + reach), normal)


@dataclass(frozen=True)
class Trend:
    """How values went over time.

    Attributes
    ----------
    per_year : float
        The median of all slopes between two patients (Theil and Sen).
    p : float
        Of Kendall's test that there is no trend.
    """

    per_year: float
    p: float


def trend(days: Sequence[date | None], values: Sequence[float]) -> Trend | None:
    """A trend over dated values; nothing for fewer than `LEAST_TREND`, or `LEAST_DATES` days."""
    dated = [(d.toordinal(), v) for d, v in zip(days, values, strict=True) if d is not None]
    if len(dated) < LEAST_TREND or len({day for day, _ in dated}) < LEAST_DATES:
        return None
    at, sample = (np.asarray(column, dtype=np.float64) for column in zip(*dated, strict=True))
    if np.ptp(sample) == 0:
        return Trend(0.0, 1.0)
    # its confidence interval, which is not used, is not defined with many ties
    with np.errstate(invalid="ignore"):
        slope = float(stats.theilslopes(sample, at).slope)
    return Trend(365.25 * slope, float(stats.kendalltau(at, sample).pvalue))


def control_limits(values: Sequence[float]) -> tuple[float, float] | None:
    """Ends of the range in which values of a stable process lie, by their moving range.

    Mean and 2.66 times the mean difference of neighbors in time (Shewhart's chart of single
    values: 3 / 1.128); nothing for fewer than `LEAST_TREND`.
    """
    if len(values) < LEAST_TREND:
        return None
    sample = np.asarray(values, dtype=np.float64)
    reach = 2.66 * float(np.abs(np.diff(sample)).mean())
    return float(sample.mean()) - reach, float(sample.mean()) + reach
