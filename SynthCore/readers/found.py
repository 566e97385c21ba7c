"""What a reader study found, as `results.judge` gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from SynthCore.planning.cohort_statistics import Equivalence
from SynthCore.readers.answers import Answer
from SynthCore.readers.bootstrap import Bootstrap
from SynthCore.readers.statistics import CHANCE, Comparison, Kappa, Proportion, wilson
from SynthCore.readers.study import Truths


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
    def equivalent(self) -> bool:
        """Whether accuracy within the margin of chance was shown, in every way that was asked.

        One reader: the exact tests. Several: the 90% interval over readers and cases lies within
        the margin, and the t tests over readers agree where there are enough readers.
        """
        if len(self.readers) == 1:
            return self.readers[0].equivalence_p < 0.05
        low, high = self.resampled.accuracy.interval(0.1)
        within = CHANCE - self.margin < low and high < CHANCE + self.margin
        return within and (self.over_readers is None or self.over_readers.shown)

    @property
    def told_apart(self) -> int:
        """1 where more answers were right than by guessing, -1 fewer, 0 where neither was shown.

        By the 95% interval of accuracy: Wilson's for one reader; for several that over readers and
        cases, and also Wilson's for one reader as good as their mean, because a bootstrap of a few
        cases without a mistake has no width.
        """
        if len(self.readers) == 1:
            low, high = self.accuracy.low, self.accuracy.high
        else:
            low, high = self.resampled.accuracy.interval()
            count = len(self.items)
            as_one = wilson(round(self.resampled.accuracy.value * count), count)
            low, high = min(low, as_one.low), max(high, as_one.high)
        return 1 if low > CHANCE else -1 if high < CHANCE else 0
