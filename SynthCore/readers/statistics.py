"""Figures of a reader study, each from plain arrays, with the source of its formula.

A case is positive where it is synthetic: sensitivity is the share of synthetic images that were
called synthetic, specificity that of real images called real.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ALPHA = 0.05
CHANCE = 0.5


@dataclass(frozen=True)
class Proportion:
    """A share with Wilson's 95% interval.

    Attributes
    ----------
    hits, count : int
        How many of how many.
    low, high : float
        Ends of the interval; not a number where `count` is 0, as `value` then is.
    """

    hits: int
    count: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share."""
        return self.hits / self.count if self.count else math.nan


def wilson(hits: int, count: int) -> Proportion:
    """A share with its score interval.

    References
    ----------
    Wilson, J Am Stat Assoc 1927;22:209. Brown, Cai, DasGupta, Stat Sci 2001;16:101.
    """
    if not count:
        return Proportion(0, 0, math.nan, math.nan)
    found = stats.binomtest(hits, count).proportion_ci(1 - ALPHA, method="wilson")
    return Proportion(hits, count, float(found.low), float(found.high))


def exact_interval(hits: int, count: int) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share: never narrower than stated; (0, 1) of none.

    References
    ----------
    Clopper, Pearson, Biometrika 1934;26:404.
    """
    if not count:
        return 0.0, 1.0
    found = stats.binomtest(hits, count).proportion_ci(1 - ALPHA, method="exact")
    return float(found.low), float(found.high)


def t_interval(values: Sequence[float], alpha: float = ALPHA) -> tuple[float, float]:
    """Student's interval of a mean; not numbers for fewer than two values."""
    if len(values) < 2:
        return math.nan, math.nan
    sample = np.asarray(values, dtype=np.float64)
    reach = float(stats.t.ppf(1 - alpha / 2, len(sample) - 1)) * float(stats.sem(sample))
    return float(sample.mean()) - reach, float(sample.mean()) + reach


@dataclass(frozen=True)
class Kappa:
    """Agreement beyond chance.

    Attributes
    ----------
    value : float
        1 where all agree, 0 as by chance; not a number where chance alone agrees always.
    low, high : float
        95% interval (asymptotic); not a number where it is not given.
    exact : float
        Share of equal answers.
    count : int
        Images judged by both, or by all.
    """

    value: float
    low: float
    high: float
    exact: float
    count: int


def cohen(first: Sequence[int], second: Sequence[int], *, quadratic: bool = False) -> Kappa:
    """Cohen's kappa of two raters.

    Parameters
    ----------
    first, second : sequence of int
        Their categories of the same images.
    quadratic : bool
        Weigh a disagreement by its square, for ordered categories.

    References
    ----------
    Cohen, Educ Psychol Meas 1960;20:37; Psychol Bull 1968;70:213 (weights).
    Fleiss, Cohen, Everitt, Psychol Bull 1969;72:323 (standard error).
    """
    a, b = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    if not len(a):
        return Kappa(math.nan, math.nan, math.nan, math.nan, 0)
    levels = np.arange(min(a.min(), b.min()), max(a.max(), b.max()) + 1)
    table = ((a[:, None, None] == levels[:, None]) & (b[:, None, None] == levels)).mean(axis=0)
    apart = np.abs(levels[:, None] - levels).astype(np.float64)
    weight = 1 - (apart / max(apart.max(), 1)) ** 2 if quadratic else (apart == 0).astype(float)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed = float((weight * table).sum())
    expected = float(rows @ weight @ columns)
    exact = float((a == b).mean())
    if math.isclose(expected, 1.0):
        return Kappa(math.nan, math.nan, math.nan, exact, len(a))
    value = (observed - expected) / (1 - expected)
    mean_rows, mean_columns = weight @ columns, weight.T @ rows
    inner = weight - (mean_rows[:, None] + mean_columns) * (1 - value)
    variance = float((table * inner**2).sum()) - (value - expected * (1 - value)) ** 2
    error = math.sqrt(max(variance, 0.0) / len(a)) / (1 - expected)
    reach = float(stats.norm.ppf(1 - ALPHA / 2)) * error
    return Kappa(value, max(-1.0, value - reach), min(1.0, value + reach), exact, len(a))


def fleiss(ratings: Ints) -> Kappa:
    """Fleiss' kappa of several raters.

    Parameters
    ----------
    ratings : numpy.ndarray of int
        Shape (raters, images): categories. `Kappa.exact` is the share of images on which all
        agree.

    References
    ----------
    Fleiss, Psychol Bull 1971;76:378.
    """
    raters, images = ratings.shape
    if raters < 2 or not images:
        return Kappa(math.nan, math.nan, math.nan, math.nan, images)
    counts = (ratings[..., None] == np.unique(ratings)).sum(axis=0)
    exact = float((counts.max(axis=1) == raters).mean())
    shares = counts.sum(axis=0) / (raters * images)
    expected = float((shares**2).sum())
    if math.isclose(expected, 1.0):
        return Kappa(math.nan, math.nan, math.nan, exact, images)
    pairs = (counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1))
    value = (float(pairs.mean()) - expected) / (1 - expected)
    return Kappa(value, math.nan, math.nan, exact, images)


def auc(confidence: Sequence[int], synthetic: Sequence[bool]) -> float:
    """Area under the ROC curve: how often a synthetic image is given the higher confidence.

    Ties count half; not a number where there is one truth only.

    References
    ----------
    Hanley, McNeil, Radiology 1982;143:29 (Mann and Whitney's U over its largest value).
    """
    scores, truth = np.asarray(confidence), np.asarray(synthetic, dtype=bool)
    if truth.all() or not truth.any():
        return math.nan
    above = scores[truth][:, None] - scores[~truth]
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def auc_p(scores: Sequence[float], synthetic: Sequence[bool], seed: int = 0) -> float:
    """P of an AUC this far from one half where truths are given to images by chance.

    Every way to give them where there are no more than 9,999, else so many of them; two-sided. Not
    a number for fewer than two images of one truth.

    References
    ----------
    Fisher, The Design of Experiments, 1935, ch. 3; scipy.stats.permutation_test.
    """
    values, truth = np.asarray(scores, dtype=np.float64), np.asarray(synthetic, dtype=bool)
    if min(truth.sum(), (~truth).sum()) < 2:
        return math.nan
    ranks = _exact(stats.rankdata(_exact(values)))

    def mean_rank(a: Floats, b: Floats, axis: int) -> Floats:
        return np.asarray(a.mean(axis=axis) - b.mean(axis=axis))

    found = stats.permutation_test(
        (ranks[truth], ranks[~truth]),
        mean_rank,
        vectorized=True,
        n_resamples=9999,
        rng=np.random.default_rng(seed),
    )
    return float(found.pvalue)


def roc(confidence: Sequence[int], synthetic: Sequence[bool], levels: int) -> Floats:
    """Points (1 - specificity, sensitivity) from the strictest threshold to none.

    Returns
    -------
    numpy.ndarray
        Shape (levels + 1, 2), from (0, 0) to (1, 1).
    """
    scores, truth = np.asarray(confidence), np.asarray(synthetic, dtype=bool)
    steps = [scores >= level for level in range(levels + 1, 0, -1)]
    return np.array([((one[~truth]).mean(), (one[truth]).mean()) for one in steps])


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p values for how many there are; those that are not defined stay so, uncounted.

    References
    ----------
    Holm, Scand J Stat 1979;6:65.
    """
    known = sorted((p, n) for n, p in enumerate(p_values) if not math.isnan(p))
    adjusted, highest = [math.nan] * len(p_values), 0.0
    for step, (p, n) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - step) * p))
        adjusted[n] = highest
    return tuple(adjusted)


def equivalence_p(hits: int, count: int, margin: float) -> float:
    """P of the null hypothesis that a share lies `margin` or more from one half.

    Two one-sided exact binomial tests; the larger of the two. Equivalence is shown at 5% where
    this is below 0.05.

    References
    ----------
    Schuirmann, J Pharmacokinet Biopharm 1987;15:657 (two one-sided tests).
    """
    if not count:
        return math.nan
    above = stats.binomtest(hits, count, CHANCE - margin, alternative="greater").pvalue
    below = stats.binomtest(hits, count, CHANCE + margin, alternative="less").pvalue
    return float(max(above, below))


@dataclass(frozen=True)
class Comparison:
    """Scores of synthetic images against those of real ones.

    Attributes
    ----------
    test : str
        ``Wilcoxon signed-rank`` where the cases are paired, else ``Wilcoxon rank-sum
        (Mann-Whitney)``; empty where there was too little to test.
    p : float
        Two-sided; not a number where there was nothing to test.
    real, synthetic : float
        Mean scores of what was compared.
    count_real, count_synthetic : int
        How many values, or pairs, went in.
    paired : bool
        Whether each real value has a synthetic one beside it.
    """

    test: str
    p: float
    real: float
    synthetic: float
    count_real: int
    count_synthetic: int
    paired: bool

    @property
    def count(self) -> int:
        """Pairs, or values of both kinds."""
        return self.count_real if self.paired else self.count_real + self.count_synthetic


LEAST_VALUES = 3
DECIMALS = 9


def compare_paired(real: Sequence[float], synthetic: Sequence[float]) -> Comparison:
    """Wilcoxon's signed-rank test; pairs without a difference are dropped, as he did.

    References
    ----------
    Wilcoxon, Biometrics Bull 1945;1:80; scipy.stats.wilcoxon.
    """
    a, b = np.asarray(real, dtype=np.float64), np.asarray(synthetic, dtype=np.float64)
    difference = _exact(b - a)
    p = math.nan
    if len(a) >= LEAST_VALUES:
        p = float(stats.wilcoxon(difference).pvalue) if np.any(difference) else 1.0
    return _comparison("Wilcoxon signed-rank", p, a, b, paired=True)


def compare_unpaired(real: Sequence[float], synthetic: Sequence[float]) -> Comparison:
    """Wilcoxon's rank-sum test, which is Mann and Whitney's, corrected for ties.

    References
    ----------
    Mann, Whitney, Ann Math Stat 1947;18:50; scipy.stats.mannwhitneyu.
    """
    a, b = _exact(real), _exact(synthetic)
    p = math.nan
    if min(len(a), len(b)) >= LEAST_VALUES:
        p = float(stats.mannwhitneyu(b, a).pvalue) if np.ptp(np.concatenate([a, b])) else 1.0
    return _comparison("Wilcoxon rank-sum (Mann-Whitney)", p, a, b, paired=False)


def _exact(values: Sequence[float] | Floats) -> Floats:
    """Without the rounding of a mean of thirds: what is equal has one rank."""
    return np.asarray(np.round(values, DECIMALS), dtype=np.float64)


def _comparison(
    test: str, p: float, real: Floats, synthetic: Floats, *, paired: bool
) -> Comparison:
    a, b = (float(v.mean()) if len(v) else math.nan for v in (real, synthetic))
    return Comparison("" if math.isnan(p) else test, p, a, b, len(real), len(synthetic), paired)
