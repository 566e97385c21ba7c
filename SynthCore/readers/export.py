"""Results as plain data and as tables for other programs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from SynthCore.readers.found import ReaderResult, Results, Times
from SynthCore.readers.statistics import Kappa, Proportion
from SynthCore.readers.study import Study, Truths
from SynthCore.readers.words import verdict

ANSWER_COLUMNS = (
    "study", "reader", "item", "case", "role", "truth", "repeats", "taught", "confidence",
    "called", "correct", "realism", "anatomy", "consistency", "seconds", "answered", "comment",
)  # fmt: skip
FIGURE_COLUMNS = ("figure", "of", "value", "low", "high", "count", "method")


def as_data(study: Study, found: Results) -> dict[str, Any]:
    """Everything as plain data; what is not defined is null in JSON."""
    over = found.over_readers
    return {
        "study": study.id,
        "images": found.images,
        "taught": found.taught,
        "margin": found.margin,
        "seed": found.seed,
        "verdict": verdict(found),
        "balanced": found.balanced,
        "told_apart": found.told_apart,
        "equivalent": found.equivalent,
        "accuracy": _share(found.accuracy),
        "sensitivity": _share(found.sensitivity),
        "specificity": _share(found.specificity),
        "mean_accuracy": {"value": found.resampled.accuracy.value,
                          "interval95": found.resampled.accuracy.interval(),
                          "interval90": found.resampled.accuracy.interval(0.1),
                          "interval95_by_t": found.over_readers_by_t()},
        "mean_auc": {"value": found.resampled.auc.value,
                     "interval95": found.resampled.auc.interval()},
        "tost_over_readers": None if over is None else
        {"p": over.p, "interval90": over.interval, "shown": over.shown},
        "fleiss_kappa": _kappa(found.fleiss),
        "pairs": [{"readers": pair, "calls": _kappa(calls), "confidence_quadratic": _kappa(scale)}
                  for pair, (calls, scale) in found.pairs.items()],
        "readers": [_reader(reader) for reader in found.readers],
        "likert": [{"item": one.name, "test": one.found.test, "p": one.found.p,
                    "p_holm": one.p_holm, "mean_real": one.found.real,
                    "mean_synthetic": one.found.synthetic, "count_real": one.found.count_real,
                    "count_synthetic": one.found.count_synthetic, "left_out": one.left_out}
                   for one in found.likert],
        "items": [{"item": one.item, "case": one.truth.case, "role": one.truth.role,
                   "truth": one.truth.truth, "wrong": _share(one.wrong),
                   "mean_confidence": one.confidence, "mean_realism": one.realism,
                   "median_seconds": one.seconds} for one in found.items],
    }  # fmt: skip


def answers_csv(found: Results, key: Mapping[str, Truths]) -> str:
    """One line an answer, with the truth beside it."""
    return _csv(ANSWER_COLUMNS, _answer_rows(found, key))


def figures_csv(found: Results) -> str:
    """One line a figure, with its interval and method."""
    return _csv(FIGURE_COLUMNS, _figure_rows(found))


def _answer_rows(found: Results, key: Mapping[str, Truths]) -> Iterator[Sequence[Any]]:
    for reader in found.readers:
        for a in (*reader.answers, *reader.repeated):
            truth = key[a.item]
            called = "synthetic" if a.called_synthetic else "real"
            yield (
                a.study, a.reader, a.item, truth.case, truth.role, truth.truth, truth.repeats,
                str(a.taught).lower(), a.confidence, called, int(called == truth.truth), a.realism,
                a.anatomy, a.consistency, a.seconds, a.answered, a.comment,
            )  # fmt: skip


def _figure_rows(found: Results) -> Iterator[Sequence[Any]]:
    everyone = "all answers"
    for name in ("accuracy", "sensitivity", "specificity"):
        yield _row(name, everyone, getattr(found, name))
    for name, figure in (("accuracy", found.resampled.accuracy), ("auc", found.resampled.auc)):
        low, high = figure.interval()
        yield (name, "mean of readers", figure.value, low, high, len(found.readers),
               "bootstrap over readers and cases, 95%")  # fmt: skip
    yield _row("fleiss kappa", "all readers", found.fleiss)
    if found.over_readers is not None:
        over = found.over_readers
        yield ("equivalence p", "mean of readers", over.p, *over.interval, len(found.readers),
               f"two one-sided t tests, margin {found.margin:g}; 90% interval")  # fmt: skip
    for r in found.readers:
        for name in ("accuracy", "sensitivity", "specificity"):
            yield _row(name, r.name, getattr(r, name))
        yield "auc", r.name, r.auc, None, None, r.accuracy.count, "Mann-Whitney"
        yield _row("kappa with the truth", r.name, r.kappa)
        yield ("equivalence p", r.name, r.equivalence_p, None, None, r.accuracy.count,
               f"two one-sided binomial tests, margin {found.margin:g}")  # fmt: skip
        yield _row("kappa with oneself", r.name, r.again)
        yield _row("same confidence on repeats", r.name, r.again_exact)
        for truth, times in r.times.items():
            yield (f"seconds, {truth}", r.name, times.median, times.low, times.high, times.count,
                   "median and quartiles")  # fmt: skip
    for (a, b), (calls, scale) in found.pairs.items():
        yield _row("kappa", f"{a}, {b}", calls)
        yield _row("kappa of confidence, quadratic weights", f"{a}, {b}", scale)
    for one in found.likert:
        for p, test in ((one.found.p, one.found.test), (one.p_holm, f"{one.found.test}, Holm")):
            yield f"{one.name}, p", "synthetic against real", p, None, None, one.found.count, test


def _row(name: str, of: str, found: Proportion | Kappa) -> Sequence[Any]:
    method = "Wilson, 95%" if isinstance(found, Proportion) else "asymptotic, 95%"
    return name, of, found.value, found.low, found.high, found.count, method


def _reader(reader: ReaderResult) -> dict[str, Any]:
    return {
        "reader": reader.name,
        "accuracy": _share(reader.accuracy),
        "sensitivity": _share(reader.sensitivity),
        "specificity": _share(reader.specificity),
        "auc": reader.auc,
        "kappa": _kappa(reader.kappa),
        "equivalence_p": reader.equivalence_p,
        "repeats": {"calls": _kappa(reader.again), "same_confidence": _share(reader.again_exact)},
        "seconds": {truth: _times(times) for truth, times in reader.times.items()},
    }


def _share(found: Proportion) -> dict[str, Any]:
    return {"value": found.value, "low": found.low, "high": found.high, "hits": found.hits,
            "count": found.count}  # fmt: skip


def _kappa(found: Kappa) -> dict[str, Any]:
    return {"value": found.value, "low": found.low, "high": found.high,
            "exact_share": found.exact, "count": found.count}  # fmt: skip


def _times(times: Times) -> dict[str, Any]:
    return {"median": times.median, "quartiles": (times.low, times.high), "count": times.count}


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return buffer.getvalue()


def _cell(value: Any) -> Any:
    """Nothing for what is not defined; a text that a spreadsheet would compute is made one."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
