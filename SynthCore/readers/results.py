"""The results of a study: answers held against the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from SynthCore.errors import InputError
from SynthCore.planning.cohort_statistics import equivalence
from SynthCore.readers.answers import CONFIDENCE, SYNTHETIC_FROM, Answer
from SynthCore.readers.bootstrap import DRAWS, Scores, bootstrap
from SynthCore.readers.found import ItemResult, ReaderResult, Results, Times
from SynthCore.readers.likert import compare_likert
from SynthCore.readers.statistics import (
    CHANCE,
    Kappa,
    Proportion,
    auc,
    cohen,
    equivalence_p,
    fleiss,
    wilson,
)
from SynthCore.readers.study import Truths

MARGIN = 0.1
"""Accuracy within 0.5 plus or minus this counts as guessing, unless another margin is stated."""


def judge(
    key: Mapping[str, Truths],
    answers: Sequence[Sequence[Answer]],
    *,
    margin: float = MARGIN,
    seed: int = 0,
    draws: int = DRAWS,
) -> Results:
    """Hold answers against the truth.

    Parameters
    ----------
    key : mapping
        The truth of every showing, in the study's order.
    answers : sequence of sequence of Answer
        One for each reader; unfinished ones are judged as far as they go.
    margin : float
        Of equivalence with chance, in accuracy.
    seed, draws : int
        Of the bootstrap.

    Raises
    ------
    InputError
        If a reader comes twice, taught and blinded answers are mixed, no answer is left, or the
        margin is not between 0 and 0.5.
    """
    if not 0 < margin < CHANCE:
        raise InputError(f"The margin of equivalence {margin:g} is not between 0 and 0.5.")
    names = [some[0].reader for some in answers if some]
    if not names:
        raise InputError("There are no answers: give the file of at least one reader.")
    if len({name.lower() for name in names}) < len(names):
        raise InputError("Two files hold answers of one reader: give each reader once.")
    if len({some[0].taught for some in answers if some}) > 1:
        raise InputError(
            "Answers of the teaching mode, in which the truth was shown, are mixed with blinded "
            "ones: make a report of each."
        )
    by_name = {some[0].reader: {a.item: a for a in some} for some in answers if some}
    readers = tuple(_reader(by_name[name], key, margin) for name in sorted(names, key=str.lower))
    firsts = [item for item, truth in key.items() if not truth.repeats]
    everyone = [(a, key[a.item].truth == "synthetic") for r in readers for a in r.answers]
    if not everyone:
        raise InputError("No image was judged a first time: give answers to more of the study.")
    accuracy, sensitivity, specificity = _proportions(everyone)
    scores = _scores(readers, firsts, key)
    values = [r.accuracy.value for r in readers if r.accuracy.count]
    return Results(
        margin,
        len(firsts),
        sum(key[item].truth == "real" for item in firsts),
        readers,
        _items(readers, firsts, key),
        accuracy,
        sensitivity,
        specificity,
        bootstrap(scores, seed, draws),
        equivalence(values, CHANCE - margin, CHANCE + margin),
        {(a.name, b.name): _pair(a, b) for a, b in combinations(readers, 2)},
        _everybody(scores),
        compare_likert(readers, key),
        everyone[0][0].taught,
        seed,
    )


def _reader(
    answers: Mapping[str, Answer], key: Mapping[str, Truths], margin: float
) -> ReaderResult:
    first = [answers[item] for item, t in key.items() if item in answers and not t.repeats]
    judged = [(a, key[a.item].truth == "synthetic") for a in first]
    accuracy, sensitivity, specificity = _proportions(judged)
    again = [
        (answers[t.repeats], answers[item])
        for item, t in key.items()
        if t.repeats and item in answers and t.repeats in answers
    ]
    return ReaderResult(
        next(iter(answers.values())).reader,
        tuple(first),
        accuracy,
        sensitivity,
        specificity,
        auc([a.confidence for a, _ in judged], [s for _, s in judged]),
        cohen([a.called_synthetic for a, _ in judged], [s for _, s in judged]),
        equivalence_p(accuracy.hits, accuracy.count, margin),
        tuple(b for _, b in again),
        cohen([a.called_synthetic for a, _ in again], [b.called_synthetic for _, b in again]),
        wilson(sum(a.confidence == b.confidence for a, b in again), len(again)),
        {
            truth: _times([a.seconds for a, s in judged if s == (truth == "synthetic")])
            for truth in ("real", "synthetic")
        },
    )


def _proportions(
    judged: Sequence[tuple[Answer, bool]],
) -> tuple[Proportion, Proportion, Proportion]:
    """Accuracy, sensitivity, specificity."""
    right = [(a.called_synthetic == synthetic, synthetic) for a, synthetic in judged]
    positive = [hit for hit, synthetic in right if synthetic]
    negative = [hit for hit, synthetic in right if not synthetic]
    return (
        wilson(sum(hit for hit, _ in right), len(right)),
        wilson(sum(positive), len(positive)),
        wilson(sum(negative), len(negative)),
    )


def _times(seconds: Sequence[float]) -> Times:
    if not seconds:
        return Times(0, math.nan, math.nan, math.nan)
    low, median, high = (float(v) for v in np.quantile(seconds, (0.25, 0.5, 0.75)))
    return Times(len(seconds), median, low, high)


def _scores(
    readers: Sequence[ReaderResult], items: Sequence[str], key: Mapping[str, Truths]
) -> Scores:
    confidence = np.full((len(readers), len(items)), math.nan)
    place = {item: n for n, item in enumerate(items)}
    for row, reader in enumerate(readers):
        for answer in reader.answers:
            confidence[row, place[answer.item]] = answer.confidence
    cases = sorted({key[item].case for item in items})
    return Scores(
        confidence,
        np.array([key[item].truth == "synthetic" for item in items]),
        np.array([cases.index(key[item].case) for item in items]),
        len(CONFIDENCE),
        SYNTHETIC_FROM,
    )


def _pair(first: ReaderResult, second: ReaderResult) -> tuple[Kappa, Kappa]:
    other = {a.item: a for a in second.answers}
    both = [(a, other[a.item]) for a in first.answers if a.item in other]
    calls = cohen([a.called_synthetic for a, _ in both], [b.called_synthetic for _, b in both])
    return calls, cohen([a.confidence for a, _ in both], [b.confidence for _, b in both],
                        quadratic=True)  # fmt: skip


def _everybody(scores: Scores) -> Kappa:
    shared = scores.confidence[:, ~np.isnan(scores.confidence).any(axis=0)]
    return fleiss((shared >= scores.threshold).astype(np.int64))


def _items(
    readers: Sequence[ReaderResult], items: Sequence[str], key: Mapping[str, Truths]
) -> tuple[ItemResult, ...]:
    found = []
    for item in items:
        given = [a for reader in readers for a in reader.answers if a.item == item]
        if given:
            synthetic = key[item].truth == "synthetic"
            found.append(
                ItemResult(
                    item,
                    key[item],
                    wilson(sum(a.called_synthetic != synthetic for a in given), len(given)),
                    float(np.mean([a.confidence for a in given])),
                    float(np.mean([a.realism for a in given])),
                    float(np.median([a.seconds for a in given])),
                    tuple(a.comment for a in given if a.comment),
                )
            )

    def surest_first(one: ItemResult) -> tuple[float, float]:
        sure = one.confidence if one.truth.truth == "synthetic" else 7 - one.confidence
        return -one.wrong.value, sure

    return tuple(sorted(found, key=surest_first))
