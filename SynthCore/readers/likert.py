"""Realism, anatomy and slices: are synthetic images scored lower than real ones?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from SynthCore.readers.answers import LIKERT
from SynthCore.readers.found import LikertResult, ReaderResult
from SynthCore.readers.statistics import Comparison, compare_paired, compare_unpaired, holm
from SynthCore.readers.study import Truths

LEAST_PAIRS = 6
"""Fewer pairs cannot give a signed-rank p below 0.05 (2 / 2 to the power of 6 is 0.031)."""


def compare_likert(
    readers: Sequence[ReaderResult], key: Mapping[str, Truths]
) -> tuple[LikertResult, ...]:
    """Compare the Likert scores of synthetic images with those of real ones.

    The value of an image is the mean over its readers, of first showings. Where at least
    `LEAST_PAIRS` cases were judged both real and synthetic in one role, Wilcoxon's signed-rank test
    over these pairs, the other cases left out and counted; else his rank-sum test over all images.
    P values are adjusted over the items by Holm.
    """
    found: list[tuple[str, Comparison, int]] = []
    for name in LIKERT:
        scores: dict[str, list[float]] = {}
        for reader in readers:
            for answer in reader.answers:
                scores.setdefault(answer.item, []).append(float(getattr(answer, name)))
        by_case: dict[tuple[str, str], dict[str, list[float]]] = {}
        for item, given in scores.items():
            truth = key[item]
            by_case.setdefault((truth.case, truth.role), {}).setdefault(truth.truth, []).append(
                float(np.mean(given))
            )
        pairs = [case for case in by_case.values() if len(case) == 2]
        if len(pairs) >= LEAST_PAIRS:
            real, made = ([float(np.mean(c[t])) for c in pairs] for t in ("real", "synthetic"))
            found.append((name, compare_paired(real, made), len(by_case) - len(pairs)))
        else:
            real, made = (
                [v for case in by_case.values() for v in case.get(t, [])]
                for t in ("real", "synthetic")
            )
            found.append((name, compare_unpaired(real, made), 0))
    adjusted = holm([one.p for _, one, _ in found])
    return tuple(
        LikertResult(name, one, p, left)
        for (name, one, left), p in zip(found, adjusted, strict=True)
    )
