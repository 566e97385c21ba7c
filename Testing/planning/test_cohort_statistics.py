"""Mean, equivalence and trend against what another way of computing them gives."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from SynthCore.planning.cohort_statistics import control_limits, equivalence, trend

VALUES = [0.4, -0.2, 0.9, 0.3, -0.5, 0.7, 0.1, 0.2]


def test_two_one_sided_tests_are_those_of_scipy() -> None:
    found = equivalence(VALUES, -1.0, 1.0)
    assert found is not None
    below = stats.ttest_1samp(VALUES, -1.0, alternative="greater").pvalue
    above = stats.ttest_1samp(VALUES, 1.0, alternative="less").pvalue
    assert found.p == pytest.approx(max(below, above), rel=1e-9) and found.shown
    low, high = stats.ttest_1samp(VALUES, 0.0).confidence_interval(0.90)
    assert found.interval == pytest.approx((low, high), rel=1e-9)


def test_equivalence_and_the_interval_say_the_same() -> None:
    for margin in np.linspace(0.05, 1.5, 40):
        found = equivalence(VALUES, -margin, margin)
        assert found is not None
        assert found.shown == (-margin < found.interval[0] and found.interval[1] < margin)


def test_a_bound_with_one_side_is_tested_on_that_side() -> None:
    found = equivalence([0.985, 0.99, 0.992, 0.988], 0.98, None)
    assert found is not None and found.shown and found.margins == "at least 0.98"
    assert not equivalence([0.985, 0.99, 0.992, 0.988], None, 0.98).shown  # type: ignore[union-attr]


def test_no_difference_from_zero_is_not_equivalence() -> None:
    scattered = [-9.0, 8.0, -7.0, 9.0, -2.0]
    assert stats.ttest_1samp(scattered, 0.0).pvalue > 0.5
    found = equivalence(scattered, -2.0, 2.0)
    assert found is not None and not found.shown


def test_few_or_equal_values() -> None:
    assert equivalence([0.1, 0.2], -1, 1) is None
    same = equivalence([0.5] * 4, -1, 1)
    assert same is not None and same.p == 0.0 and same.interval == (0.5, 0.5)
    assert equivalence([1.5] * 4, -1, 1).p == 1.0  # type: ignore[union-attr]


def test_a_drift_is_told_by_year() -> None:
    days: list[date | None] = [date(2026, 1, 1) + timedelta(days=30 * n) for n in range(8)]
    values = [2.0 * 30 * n / 365.25 for n in range(8)]
    found = trend(days, values)
    assert found is not None and found.per_year == pytest.approx(2.0) and found.p < 0.001
    assert trend([*days[:4], *[None] * 4], values) is None
    assert trend([days[0]] * 8, values) is None
    assert trend([*[days[0]] * 7, days[1]], values) is None
    still = trend(days, [1.0] * 8)
    assert still is not None and still.per_year == 0 and still.p == 1


@pytest.mark.filterwarnings("error")
def test_many_patients_on_a_day_are_no_warning() -> None:
    days: list[date | None] = [date(2026, 7, 1)] * 8 + [date(2026, 7, 2), date(2026, 7, 3)]
    found = trend(days, [0.0] * 8 + [1.0, 2.0])
    assert found is not None and found.per_year > 0


def test_limits_of_a_stable_process_come_from_neighbors() -> None:
    # neighbors differ by 1: sigma is estimated as 1 / 1.128
    found = control_limits([0, 1, 0, 1, 0, 1])
    assert found is not None
    assert found[1] - 0.5 == pytest.approx(3 / 1.128, rel=1e-3) and found[0] + found[1] == 1
    assert control_limits([1, 2]) is None
