"""Every figure against statsmodels, scipy or a naive loop."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import binom_tost, proportion_confint

from SynthCore.readers.bootstrap import GRID, Scores, bootstrap
from SynthCore.readers.statistics import (
    auc,
    cohen,
    compare_paired,
    compare_unpaired,
    equivalence_p,
    fleiss,
    holm,
    roc,
    wilson,
)


@pytest.mark.parametrize(("hits", "count"), [(0, 5), (5, 5), (13, 20), (1, 1), (431, 900)])
def test_wilson(hits: int, count: int) -> None:
    low, high = proportion_confint(hits, count, method="wilson")
    found = wilson(hits, count)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)
    assert found.value == hits / count


def test_nothing_has_no_share() -> None:
    assert math.isnan(wilson(0, 0).value)
    assert math.isnan(wilson(0, 0).low)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("quadratic", [False, True])
def test_cohen(seed: int, quadratic: bool) -> None:
    random = np.random.default_rng(seed)
    a = random.integers(1, 7, 40)
    b = np.where(random.random(40) < 0.5, a, random.integers(1, 7, 40))
    a[:6], b[:6] = range(1, 7), range(1, 7)  # every level occurs
    table = np.array([[np.sum((a == x) & (b == y)) for y in range(1, 7)] for x in range(1, 7)])
    expected = cohens_kappa(table, wt="fc" if quadratic else None)
    found = cohen(a.tolist(), b.tolist(), quadratic=quadratic)
    assert found.value == pytest.approx(expected.kappa, abs=1e-12)
    assert found.low == pytest.approx(expected.kappa_low, abs=1e-9)
    assert found.high == pytest.approx(expected.kappa_upp, abs=1e-9)
    assert found.exact == np.mean(a == b)


def test_cohen_where_chance_alone_agrees() -> None:
    found = cohen([1, 1, 1], [1, 1, 1])
    assert math.isnan(found.value) and found.exact == 1
    assert cohen([], []).count == 0
    assert cohen([0, 1, 0, 1], [0, 1, 0, 1]).value == 1


@pytest.mark.parametrize(("raters", "seed"), [(2, 0), (3, 1), (5, 2)])
def test_fleiss(raters: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 2, 25)
    ratings = np.where(random.random((raters, 25)) < 0.7, truth, 1 - truth)
    expected = fleiss_kappa(aggregate_raters(ratings.T)[0])
    assert fleiss(ratings).value == pytest.approx(expected, abs=1e-12)
    assert fleiss(ratings).exact == np.mean([len(set(column)) == 1 for column in ratings.T])


def test_fleiss_is_not_defined_for_one_reader_or_one_answer() -> None:
    assert math.isnan(fleiss(np.array([[0, 1, 1]])).value)
    assert math.isnan(fleiss(np.ones((3, 4), dtype=np.int64)).value)


@pytest.mark.parametrize("seed", range(4))
def test_auc_and_roc(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = np.arange(30) % 3 == 0
    scores = np.clip(random.integers(1, 6, 30) + truth, 1, 6)
    wins = [(s > r) + 0.5 * (s == r) for s, r in itertools.product(scores[truth], scores[~truth])]
    assert auc(scores.tolist(), truth.tolist()) == pytest.approx(float(np.mean(wins)))
    points = roc(scores.tolist(), truth.tolist(), 6)
    assert tuple(points[0]) == (0, 0) and tuple(points[-1]) == (1, 1)
    assert np.trapezoid(points[:, 1], points[:, 0]) == pytest.approx(float(np.mean(wins)))


def test_auc_needs_both_truths() -> None:
    assert math.isnan(auc([1, 2, 3], [True, True, True]))
    assert auc([1, 2, 6, 5], [False, False, True, True]) == 1


def test_holm() -> None:
    p = [0.02, 0.5, 0.013]
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    known = holm([0.02, math.nan, 0.013])
    assert math.isnan(known[1])
    assert (known[0], known[2]) == pytest.approx(multipletests([0.02, 0.013], method="holm")[1])


@pytest.mark.parametrize(("hits", "count"), [(10, 20), (100, 200), (117, 200), (0, 4), (500, 1000)])
def test_equivalence(hits: int, count: int) -> None:
    expected = binom_tost(hits, count, 0.4, 0.6)[0]
    assert equivalence_p(hits, count, 0.1) == pytest.approx(float(expected), abs=1e-12)


def test_guessing_on_few_images_is_no_equivalence() -> None:
    assert equivalence_p(10, 20, 0.1) > 0.05
    assert equivalence_p(200, 400, 0.1) < 0.05
    assert equivalence_p(100, 400, 0.1) > 0.99  # far below chance is not chance


def test_paired_by_every_change_of_signs() -> None:
    """The exact p of a signed-rank test is a count over all 2^n signs."""
    real, made = np.array([4.1, 3, 5, 4.5, 2, 3.3, 4.7]), np.array([3, 3.2, 3.5, 4, 2.7, 1, 3.7])
    difference = made - real
    ranks = stats.rankdata(np.abs(difference))
    rank_sum = ranks[difference > 0].sum()
    sums = np.array([
        sum(r for r, plus in zip(ranks, signs, strict=True) if plus)
        for signs in itertools.product((0, 1), repeat=7)
    ])  # fmt: skip
    expected = min(1.0, 2 * min((sums <= rank_sum).mean(), (sums >= rank_sum).mean()))
    found = compare_paired(real.tolist(), made.tolist())
    assert found.p == pytest.approx(expected)
    assert found.test == "Wilcoxon signed-rank"
    assert found.count == 7, "pairs"
    assert compare_paired([1, 2, 3], [1, 2, 3]).p == 1


def test_unpaired_by_every_choice_of_places() -> None:
    real, made = [4.0, 4.5, 3.8, 5.0], [2.0, 3.9, 1.5]
    everything = np.array(real + made)
    u = [
        sum(a > b for a in everything[list(some)] for b in np.delete(everything, some))
        for some in itertools.combinations(range(7), 3)
    ]
    own = sum(a > b for a in made for b in real)
    expected = 2 * min(np.mean(np.array(u) <= own), np.mean(np.array(u) >= own))
    found = compare_unpaired(real, made)
    assert found.p == pytest.approx(expected)
    assert (found.count_real, found.count_synthetic, found.count) == (4, 3, 7)
    assert math.isnan(compare_unpaired([1.0], [2.0, 3.0]).p) and not compare_unpaired([], []).test


def _scores(seed: int = 5) -> Scores:
    random = np.random.default_rng(seed)
    synthetic = np.arange(16) % 2 == 1
    confidence = np.clip(random.integers(1, 6, (3, 16)) + synthetic, 1, 6).astype(float)
    confidence[2, 10:] = math.nan  # one did not finish
    return Scores(confidence, synthetic, np.arange(16) // 2, 6, 4)


def test_bootstrap_draw_by_draw() -> None:
    """Once more with the same random numbers, by lists of what was drawn."""
    scores, draws = _scores(), 200
    found = bootstrap(scores, seed=3, draws=draws)
    random = np.random.default_rng(np.random.SeedSequence(3))
    areas, shares = [], []
    for _ in range(draws):
        readers = random.integers(3, size=3)
        cases = random.integers(8, size=8)
        images = [n for case in cases for n in range(16) if scores.cases[n] == case]
        area, share = [], []
        for reader in readers:
            seen = [n for n in images if not math.isnan(scores.confidence[reader, n])]
            given = [int(scores.confidence[reader, n]) for n in seen]
            truth = [bool(scores.synthetic[n]) for n in seen]
            area.append(auc(given, truth) if seen else math.nan)
            share.append(np.mean([(g >= 4) == t for g, t in zip(given, truth, strict=True)]))
        areas.append(np.mean(area))
        shares.append(np.mean(share))
    assert found.auc.draws == pytest.approx([v for v in areas if not math.isnan(v)])
    assert found.accuracy.draws == pytest.approx([v for v in shares if not math.isnan(v)])
    low, high = found.auc.interval()
    assert (low, high) == pytest.approx(tuple(np.quantile(found.auc.draws, (0.025, 0.975))))
    assert np.trapezoid(found.roc, GRID) == pytest.approx(found.auc.value, abs=0.02)


def test_the_curve_takes_the_upper_of_points_above_each_other_and_ends_in_its_corner() -> None:
    """Nobody is sure that a real image is real, and two thresholds part synthetic ones alone."""
    confidence = np.array([[2.0, 2, 4, 4, 2, 3, 4, 6, 6, 6]])
    synthetic = np.array([False] * 4 + [True] * 6)
    scores = Scores(confidence, synthetic, np.arange(10), 6, 4)
    curve = dict(zip(GRID.tolist(), bootstrap(scores, seed=0, draws=2).roc, strict=True))
    assert curve[0.0] == 0 and curve[1.0] == pytest.approx(1.0)
    assert curve[0.5] == pytest.approx(5 / 6)  # 4/6 from the threshold 4, 5/6 from 3
    assert curve[0.025] == pytest.approx(0.5 + 0.05 / 6, abs=1e-6)


def test_more_readers_and_cases_make_narrower_intervals() -> None:
    few = bootstrap(_scores(), seed=0, draws=300)
    many = _scores()
    many = Scores(
        np.tile(many.confidence, (3, 4)), np.tile(many.synthetic, 4), np.arange(64) // 2, 6, 4
    )
    width = np.ptp(bootstrap(many, seed=0, draws=300).accuracy.interval())
    assert width < 0.75 * np.ptp(few.accuracy.interval())


def test_one_truth_has_no_auc() -> None:
    scores = Scores(np.array([[1.0, 5.0, 6.0]]), np.ones(3, dtype=bool), np.arange(3), 6, 4)
    found = bootstrap(scores, seed=0, draws=50)
    assert math.isnan(found.auc.value) and math.isnan(found.auc.interval()[0])
    assert found.accuracy.value == pytest.approx(2 / 3)
