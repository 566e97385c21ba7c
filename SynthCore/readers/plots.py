"""Plots of a reader study's report; PNG."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Sequence

import numpy as np
from matplotlib import patheffects
from matplotlib.figure import Figure
from PIL import Image as Picture

from SynthCore.errors import InputError
from SynthCore.quality.panels import INK, MARK, PAPER, to_png
from SynthCore.readers.answers import CONFIDENCE, LIKERT, MOST_POINTS, Answer
from SynthCore.readers.bootstrap import GRID
from SynthCore.readers.found import ItemResult, Results
from SynthCore.readers.statistics import roc
from SynthCore.readers.study import Study, Truths

COLORS = {"real": "#0b5cad", "synthetic": "#d1495b"}
_HATCH = {"real": "", "synthetic": "//"}
READER_COLORS = ("#3a7d44", "#7d4e9e", "#8a6d00", "#00798c", "#b5651d", "#555555")
_TRUTHS = ("real", "synthetic")


def roc_plot(found: Results, key: dict[str, Truths]) -> bytes:
    """ROC curve of every reader, and their mean with its 95% band over readers and cases."""
    figure = Figure(figsize=(5.2, 5.0), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="#888888", linewidth=0.8, linestyle="--", label="guessing")
    both = found.resampled
    if np.isfinite(both.roc).all():
        axes.fill_between(GRID, both.roc_low, both.roc_high, color="#222222", alpha=0.15,
                          linewidth=0, label="95% over readers and cases")  # fmt: skip
        axes.plot(GRID, both.roc, color="#111111", linewidth=2, label="mean of readers")
    for n, reader in enumerate(found.readers):
        truths = [key[a.item].truth == "synthetic" for a in reader.answers]
        if any(truths) and not all(truths):
            points = roc([a.confidence for a in reader.answers], truths, len(CONFIDENCE))
            color = READER_COLORS[n % len(READER_COLORS)]
            axes.plot(*points.T, "o-", color=color, markersize=3.5, linewidth=0.9,
                      label=f"{reader.name}, AUC {reader.auc:.2f}" if n < 8 else None)  # fmt: skip
    axes.set(xlabel="1 \N{MINUS SIGN} specificity", ylabel="sensitivity", xlim=(-0.02, 1.02),
             ylim=(-0.02, 1.02), aspect="equal")  # fmt: skip
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="lower right")
    return to_png(figure)


def confidence_plot(found: Results, key: dict[str, Truths]) -> bytes:
    """How often each confidence was given, by truth."""
    figure = Figure(figsize=(6.2, 3.4), layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(1, len(CONFIDENCE) + 1)
    for side, truth in enumerate(_TRUTHS):
        given = [a.confidence for a in _answers(found) if key[a.item].truth == truth]
        counts = np.array([given.count(int(n)) for n in places]) / max(len(given), 1)
        axes.bar(places + 0.4 * (side - 0.5), 100 * counts, 0.38, color=COLORS[truth],
                 hatch=_HATCH[truth], edgecolor="white", label=f"{truth} images")  # fmt: skip
    axes.axvline(len(CONFIDENCE) / 2 + 0.5, color="#444444", linewidth=0.8, linestyle=":")
    axes.set_xticks(places, [f"{n}\n{t.replace(' ', chr(10))}" for n, t in
                             zip(places, CONFIDENCE, strict=True)], fontsize=8)  # fmt: skip
    axes.set_ylabel("% of answers")
    axes.grid(alpha=0.3, axis="y")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2,
                  fontsize=8)  # fmt: skip
    return to_png(figure)


def times_plot(found: Results, key: dict[str, Truths]) -> bytes:
    """Seconds a case of every reader, by truth: median, quartiles, and every case as a dot."""
    readers = found.readers
    figure = Figure(figsize=(6.2, 1.1 + 0.55 * len(readers)), layout="constrained")
    axes = figure.add_subplot()
    for row, reader in enumerate(readers):
        for side, truth in enumerate(_TRUTHS):
            given = [max(a.seconds, 0.1) for a in reader.answers if key[a.item].truth == truth]
            if given:
                at = row + 0.36 * (side - 0.5)
                low, middle, high = np.quantile(given, (0.25, 0.5, 0.75))
                axes.plot(given, [at] * len(given), "|", color=COLORS[truth], alpha=0.6)
                axes.plot([low, high], [at, at], color=COLORS[truth], linewidth=5, alpha=0.35)
                axes.plot([middle], [at], "o" if truth == "real" else "D", color=COLORS[truth],
                          label=f"{truth} images" if row == 0 else None)  # fmt: skip
    axes.set_yticks(range(len(readers)), [r.name for r in readers], fontsize=9)
    axes.set_ylim(len(readers) - 0.4, -0.6)
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    ticks = [t for power in (0.1, 1, 10, 100, 1000, 10000) for t in (power, 2 * power, 5 * power)
             if low <= t <= high]  # fmt: skip
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.minorticks_off()
    axes.set_xlabel("seconds a case (log scale)")
    axes.grid(alpha=0.3, axis="x")
    axes.legend(fontsize=8)
    return to_png(figure)


def likert_plot(found: Results, key: dict[str, Truths]) -> bytes:
    """Shares of the points of every Likert item, by truth."""
    figure = Figure(figsize=(6.2, 3.0), layout="constrained")
    axes = figure.add_subplot()
    shades = ("#8c2d04", "#e6894a", "#d9d9d9", "#74a9cf", "#045a8d")
    labels = []
    for row, (name, truth) in enumerate((n, t) for n in LIKERT for t in _TRUTHS):
        given = [getattr(a, name) for a in _answers(found) if key[a.item].truth == truth]
        left = 0.0
        for points in range(1, MOST_POINTS + 1):
            part = 100 * given.count(points) / max(len(given), 1)
            axes.barh(row + 0.25 * (row // 2), part, 0.8, left=left, color=shades[points - 1],
                      edgecolor="white", label=str(points) if row == 0 else None)  # fmt: skip
            left += part
        labels.append(f"{name}, {truth}")
    places = [row + 0.25 * (row // 2) for row in range(len(labels))]
    axes.set_yticks(places, labels, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of answers")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=MOST_POINTS,
                  fontsize=8, title="1 not at all, 5 entirely", title_fontsize=8)  # fmt: skip
    return to_png(figure)


def worst_pictures(study: Study, items: Sequence[ItemResult]) -> bytes:
    """The slice of the clue, else the middle one, of some items, each marked with its truth.

    Raises
    ------
    InputError
        If a picture is damaged.
    """
    figure = Figure(figsize=(2.9 * len(items), 3.2), facecolor=PAPER, layout="constrained")
    grid = figure.subplots(1, len(items), squeeze=False)[0]
    rim = [patheffects.withStroke(linewidth=2.4, foreground="#000000")]  # readable on bone as well
    for axes, one in zip(grid, items, strict=True):
        place = one.truth.place
        slices = study.slices(one.item)
        at = len(slices) // 2 if place is None else place.slice
        axes.imshow(_decoded(slices[at]), cmap="gray", vmin=0, vmax=255)
        synthetic = one.truth.truth == "synthetic"
        axes.text(0.02, 0.98, "SYNTHETIC" if synthetic else "acquired", transform=axes.transAxes,
                  color=MARK if synthetic else INK, fontsize=9, fontweight="bold", ha="left",
                  va="top", path_effects=rim)  # fmt: skip
        if place is not None:
            axes.plot(place.column, place.row, "o", markersize=22, fillstyle="none", color=MARK,
                      markeredgewidth=1.6, path_effects=rim)  # fmt: skip
        axes.set_title(f"{one.truth.case}, {one.truth.role}: {one.wrong.hits} of "
                       f"{one.wrong.count} wrong", color=INK, fontsize=8,
                       parse_math=False)  # fmt: skip
        axes.set_axis_off()
    return to_png(figure)


def _decoded(text: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    try:
        with Picture.open(
            io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"]
        ) as one:
            if max(one.size) > 4096:
                raise ValueError
            return np.asarray(one.convert("L"))
    except (OSError, ValueError, binascii.Error) as error:
        raise InputError("A picture of the study is damaged; make the study again.") from error


def _answers(found: Results) -> list[Answer]:
    return [answer for reader in found.readers for answer in reader.answers]
