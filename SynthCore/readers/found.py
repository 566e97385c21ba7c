"""What a reader study found, as `results.judge` gives it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from SynthCore.planning.cohort_statistics import Equivalence
from SynthCore.readers.answers import Answer
from SynthCore.readers.bootstrap import Bootstrap
from SynthCore.readers.statistics import (
    ALPHA,
    CHANCE,
    Comparison,
    Kappa,
    Proportion,
    auc_p,
    exact_interval,
    t_interval,
)
from SynthCore.readers.study import Truths

MOST_UNEQUAL = 0.1
"""Of all images a reader judged: how many more may be of one kind than of the other."""


@dataclass(frozen=True)
class Times:
    """Seconds a case was looked at: median and quartiles."""

    count: int
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class ReaderResult:
    """One reader.

    Attributes
    ----------
    name : str
        As the answers say.
    answers : tuple of Answer
        First showings, in the study's order.
    accuracy, sensitivity, specificity : Proportion
        Of first showings.
    auc : float
        From confidence.
    kappa : Kappa
        Of calls with the truth.
    equivalence_p : float
        That accuracy is not within the margin of chance.
    repeated : tuple of Answer
        Second showings of what was answered before.
    again : Kappa
        Calls on repeats with those on first showings; `exact` is the share of equal calls.
    again_exact : Proportion
        Repeats with the very same confidence.
    times : mapping of str to Times
        By truth.
    """

    name: str
    answers: tuple[Answer, ...]
    accuracy: Proportion
    sensitivity: Proportion
    specificity: Proportion
    auc: float
    kappa: Kappa
    equivalence_p: float
    repeated: tuple[Answer, ...]
    again: Kappa
    again_exact: Proportion
    times: Mapping[str, Times]


@dataclass(frozen=True)
class ItemResult:
    """One image over all readers, first showings."""

    item: str
    truth: Truths
    wrong: Proportion
    confidence: float
    realism: float
    seconds: float
    comments: tuple[str, ...]


@dataclass(frozen=True)
class LikertResult:
    """One Likert item, mean over readers of each image; p adjusted over the items by Holm."""

    name: str
    found: Comparison
    p_holm: float
    left_out: int


@dataclass(frozen=True)
class Results:
    """Everything a report says.

    Attributes
    ----------
    margin : float
        Of equivalence.
    images, real_images : int
        Of the study, each counted once, and how many of them are real.
    readers : tuple of ReaderResult
        In order of name.
    items : tuple of ItemResult
        Every image that was judged, the most often mistaken first.
    accuracy, sensitivity, specificity : Proportion
        Of all answers together, as if they were independent, which answers of one reader, and on
        one image, are not: the interval is the narrower for it.
    resampled : Bootstrap
        AUC and accuracy averaged over readers, with intervals over readers and cases.
    over_readers : Equivalence or None
        Two one-sided t tests of the readers' accuracies.
    pairs : mapping
        Cohen's kappa of two readers' calls, and of their confidence with quadratic weights.
    fleiss : Kappa
        Of all readers' calls on images that all have judged.
    likert : tuple of LikertResult
        Real against synthetic.
    taught : bool
        Whether in the teaching mode.
    seed : int
        Of the bootstrap.
    """

    margin: float
    images: int
    real_images: int
    readers: tuple[ReaderResult, ...]
    items: tuple[ItemResult, ...]
    accuracy: Proportion
    sensitivity: Proportion
    specificity: Proportion
    resampled: Bootstrap
    over_readers: Equivalence | None
    pairs: Mapping[tuple[str, str], tuple[Kappa, Kappa]]
    fleiss: Kappa
    likert: tuple[LikertResult, ...]
    taught: bool
    seed: int

    @property
    def balanced(self) -> bool:
        """Whether every reader judged about as many real images as synthetic ones.

        Else one answer given always is right more often than half of the time, and the share of
        right answers says nothing against guessing.
        """
        return all(
            abs(r.sensitivity.count - r.specificity.count)
            <= max(1, MOST_UNEQUAL * r.accuracy.count)
            for r in self.readers
        )

    def over_readers_by_t(self, alpha: float = 0.05) -> tuple[float, float]:
        """Interval of the mean accuracy over readers by Student's t: they differ as they do.

        No share is below 0 or above 1, where t of two or three readers may reach.
        """
        values = [r.accuracy.value for r in self.readers if r.accuracy.count]
        low, high = t_interval(values, alpha)
        return (low, high) if math.isnan(low) else (max(low, 0.0), min(high, 1.0))

    @property
    def equivalent(self) -> bool:
        """Whether accuracy within the margin of chance was shown, in every way that was asked.

        One reader: the exact tests. Several: the 90% interval over readers and cases and the one
        by t over readers lie within the margin, and the t tests over readers agree where there are
        enough readers. Never where shares are unequal, or where answers were better or worse than
        by guessing.
        """
        if not self.balanced or self.told_apart:
            return False
        if len(self.readers) == 1:
            return self.readers[0].equivalence_p < 0.05
        low, high = _wider(self.resampled.accuracy.interval(0.1), self.over_readers_by_t(0.1))
        within = CHANCE - self.margin < low and high < CHANCE + self.margin
        return within and (self.over_readers is None or self.over_readers.shown)

    @property
    def told_apart(self) -> int:
        """1 where more answers were right than by guessing, -1 fewer, 0 where neither was shown.

        By the 95% interval of accuracy, held against what one answer given always would reach:
        Wilson's for one reader; for several that over readers and cases, and that by t over
        readers, because a bootstrap of two or three readers is too narrow; and in both cases the
        exact one for one reader as good as their mean, because Wilson's and a bootstrap promise
        too much of a few images. Never where shares are unequal.
        """
        if not self.balanced:
            return 0
        count = len(self.items)
        if len(self.readers) == 1:
            exact = exact_interval(self.accuracy.hits, self.accuracy.count)
            low, high = _wider((self.accuracy.low, self.accuracy.high), exact)
        else:
            low, high = _wider(
                self.resampled.accuracy.interval(),
                self.over_readers_by_t(),
                exact_interval(round(self.resampled.accuracy.value * count), count),
            )
        always = self._by_one_answer
        return 1 if low > always else -1 if high < 1 - always else 0

    @property
    def _by_one_answer(self) -> float:
        """The largest share that a reader has right who gives one answer always."""
        shares = [
            max(r.sensitivity.count, r.specificity.count) / r.accuracy.count
            for r in self.readers
            if r.accuracy.count
        ]
        return max(shares, default=CHANCE)

    @property
    def surer_of_synthetic(self) -> bool:
        """Whether confidence was shown to be higher where an image is synthetic.

        By the bootstrap of the AUC, and by the means of readers over images put in any other
        order: a few images in the right order have an interval, too.
        """
        area = self.resampled.auc
        low, _ = area.interval()
        if math.isnan(low):  # every draw gave the same
            low = area.value
        scores = [one.confidence for one in self.items]
        synthetic = [one.truth.truth == "synthetic" for one in self.items]
        return low > CHANCE and auc_p(scores, synthetic) < ALPHA


def _wider(*intervals: tuple[float, float]) -> tuple[float, float]:
    """What all of them lie in; one that is not defined does not count."""
    known = [pair for pair in intervals if not math.isnan(pair[0])]
    lows, highs = [low for low, _ in known], [high for _, high in known]
    return min(lows, default=-math.inf), max(highs, default=math.inf)
