"""Intervals over readers and cases: other readers, other patients, how far would it move?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DRAWS = 2000


@dataclass(frozen=True)
class Scores:
    """Confidence of every reader on every image.

    Attributes
    ----------
    confidence : numpy.ndarray of float
        Shape (readers, images), 1 to `levels`; not a number where a reader gave no answer.
    synthetic : numpy.ndarray of bool
        Shape (images,).
    cases : numpy.ndarray of int
        Shape (images,): which case; images of one case are drawn together.
    levels : int
        Of the confidence.
    threshold : int
        From which on an image is called synthetic.
    """

    confidence: Floats
    synthetic: npt.NDArray[np.bool_]
    cases: npt.NDArray[np.int64]
    levels: int
    threshold: int


@dataclass(frozen=True)
class Resampled:
    """A figure averaged over readers, with what it was in each draw.

    Attributes
    ----------
    value : float
        In the study itself.
    draws : numpy.ndarray
        In every draw in which it was defined.
    """

    value: float
    draws: Floats

    def interval(self, alpha: float = 0.05) -> tuple[float, float]:
        """Percentile interval; not numbers where no draw was defined, or all were the same.

        All are the same where nobody was ever wrong, or always: that another case would be the
        first mistake is what such draws cannot show.
        """
        if not len(self.draws) or np.ptp(self.draws) == 0:
            return math.nan, math.nan
        low, high = (float(v) for v in np.quantile(self.draws, (alpha / 2, 1 - alpha / 2)))
        return low, high


@dataclass(frozen=True)
class Bootstrap:
    """AUC, accuracy and the ROC curve, averaged over readers, drawn over readers and cases."""

    auc: Resampled
    accuracy: Resampled
    roc: Floats
    roc_low: Floats
    roc_high: Floats


GRID = np.linspace(0, 1, 41)
"""1 - specificity at which ROC curves are averaged."""


def bootstrap(scores: Scores, seed: int, draws: int = DRAWS) -> Bootstrap:
    """Draw readers with replacement, and cases with replacement, at the same time.

    With one reader, only cases are drawn. A draw in which the readers drawn have answered only one
    truth has no AUC and is left out of it.

    Parameters
    ----------
    scores : Scores
        First showings only.
    seed : int
        Same scores and seed: same intervals.
    draws : int
        How many.

    References
    ----------
    Beiden, Wagner, Campbell, Acad Radiol 2000;7:341 (readers and cases drawn together).
    Efron, Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13 (percentile interval).
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    readers, images = scores.confidence.shape
    names, member = np.unique(scores.cases, return_inverse=True)
    here = _figures(scores, np.ones(readers), np.ones(images))
    aucs, shares, curves = [], [], []
    for _ in range(draws):
        drawn = np.bincount(rng.integers(readers, size=readers), minlength=readers)
        cases = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))
        area, share, curve = _figures(scores, drawn, cases[member])
        if not math.isnan(share):
            shares.append(share)
        if not math.isnan(area):
            aucs.append(area)
            curves.append(curve)
    band = np.array(curves) if curves else np.full((1, len(GRID)), math.nan)
    return Bootstrap(
        Resampled(here[0], np.array(aucs)),
        Resampled(here[1], np.array(shares)),
        here[2],
        np.quantile(band, 0.025, axis=0),
        np.quantile(band, 0.975, axis=0),
    )


def _figures(
    scores: Scores, readers: npt.NDArray[np.number], images: npt.NDArray[np.number]
) -> tuple[float, float, Floats]:
    """AUC, accuracy and ROC curve, means over readers so many times each, of images so many."""
    levels = np.arange(1, scores.levels + 1)
    hits = (scores.confidence[:, :, None] == levels) * images[:, None]
    positive = hits[:, scores.synthetic].sum(axis=1).astype(np.float64)
    negative = hits[:, ~scores.synthetic].sum(axis=1).astype(np.float64)
    used = readers > 0
    positive, negative, weights = positive[used], negative[used], readers[used].astype(np.float64)
    count_p, count_n = positive.sum(axis=1), negative.sum(axis=1)
    right = positive[:, scores.threshold - 1 :].sum(axis=1)
    right += negative[:, : scores.threshold - 1].sum(axis=1)
    nothing = np.full(len(GRID), math.nan)
    if np.any(count_p + count_n == 0):
        return math.nan, math.nan, nothing
    accuracy = float(np.average(right / (count_p + count_n), weights=weights))
    if np.any(count_p == 0) or np.any(count_n == 0):
        return math.nan, accuracy, nothing
    below = np.cumsum(negative, axis=1) - 0.5 * negative
    areas = (positive * below).sum(axis=1) / (count_p * count_n)
    curves = [_curve(p / p.sum(), n / n.sum()) for p, n in zip(positive, negative, strict=True)]
    mean = np.average(curves, axis=0, weights=weights)
    return float(np.average(areas, weights=weights)), accuracy, mean


def _curve(positive: Floats, negative: Floats) -> Floats:
    """Sensitivity on `GRID`, between the points of the thresholds on straight lines."""
    over_p = np.concatenate([[0.0], np.cumsum(positive[::-1])])
    over_n = np.concatenate([[0.0], np.cumsum(negative[::-1])])
    # of points above each other the upper one counts, but for the start
    apart = over_n - 1e-9 * np.arange(len(over_n))[::-1]
    found = np.asarray(np.interp(GRID, apart, over_p))
    found[0] = 0.0
    return found
