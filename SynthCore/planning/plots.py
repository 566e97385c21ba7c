"""Plots of a plan check: CT numbers and the curve, path lengths, dose-volume, profiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from SynthCore.image import Image
from SynthCore.planning.density import Curve
from SynthCore.planning.dose_check import DoseComparison
from SynthCore.planning.finding import Light
from SynthCore.planning.path_length import RangeDifference
from SynthCore.planning.profiles import Line, along
from SynthCore.quality.panels import to_png

COLORS = ("#0b5cad", "#d1495b", "#3a7d44", "#7d4e9e", "#8a6d00", "#00798c")
BAR_COLORS = {"warn": "#c98a00", "fail": COLORS[1]}
HU_EDGES = np.arange(-1050, 2001, 10.0)


def histogram_and_curve(
    synthetic: npt.NDArray[np.float32], reference: npt.NDArray[np.float32] | None, curve: Curve
) -> bytes:
    """CT numbers in the body, on a logarithmic scale, and the density they are given; PNG."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.add_subplot()
    for values, label, color in (
        (synthetic, "synthetic CT", COLORS[0]),
        (reference, "real CT", COLORS[1]),
    ):
        if values is not None and values.size:
            counts, _ = np.histogram(values, HU_EDGES)
            axes.step(HU_EDGES[:-1], counts / values.size, where="post", color=color, label=label)
    axes.set(xlabel="CT number (HU)", ylabel="share of voxels", yscale="log")
    axes.grid(alpha=0.3)
    right = axes.twinx()
    hu = np.linspace(HU_EDGES[0], HU_EDGES[-1], 300)
    right.plot(hu, curve(hu), color="#444444", linestyle="--", label=curve.name)
    right.set_ylabel({"red": "relative electron density", "spr": "relative stopping power"}[
        curve.kind
    ])  # fmt: skip
    lines = [*axes.get_legend_handles_labels()[0], *right.get_legend_handles_labels()[0]]
    figure.legend(lines, [str(line.get_label()) for line in lines], loc="outside upper center",
                  ncols=3)  # fmt: skip
    return to_png(figure)


def range_bars(ranges: Sequence[RangeDifference], lights: Sequence[Light]) -> bytes:
    """Mean difference of path length by beam, with its 98th percentile in mm; PNG.

    `lights` say how each beam stands.
    """
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(ranges))
    values = [row.difference_percent for row in ranges]
    axes.bar(places, values, color=[BAR_COLORS.get(light, COLORS[0]) for light in lights])
    for place, row in zip(places, ranges, strict=True):
        axes.annotate(
            f"{row.worst_mm:.1f} mm", (float(place), row.difference_percent), ha="center",
            va="bottom" if row.difference_percent >= 0 else "top", fontsize=8,
        )  # fmt: skip
    axes.axhline(0, color="#444444", linewidth=0.8)
    axes.set_xticks(places, [row.beam.name for row in ranges], fontsize=8)
    axes.set_ylabel("synthetic minus real (%)")
    axes.margins(y=0.2)
    axes.grid(alpha=0.3, axis="y")
    return to_png(figure)


def histograms_of_dose(doses: DoseComparison) -> bytes:
    """Cumulative dose-volume histograms, real solid and synthetic dashed; PNG."""
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.add_subplot()
    top = max((float(real.dose[-1]) for real, _ in doses.histograms.values()), default=1.0)
    at = np.linspace(0, 1.1 * top, 300)
    for n, (name, (real, made)) in enumerate(doses.histograms.items()):
        color = COLORS[n % len(COLORS)]
        axes.plot(at, real.curve(at), color=color, label=f"{name}, real CT")
        axes.plot(at, made.curve(at), color=color, linestyle="--", label=f"{name}, synthetic")
    axes.set(xlabel="dose (Gy)", ylabel="volume (%)", ylim=(0, 103), xlim=(0, at[-1]))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return to_png(figure)


def profile_plots(lines: Sequence[Line], synthetic: Image, reference: Image | None) -> bytes:
    """CT numbers along lines, synthetic and real, one plot below the other; PNG."""
    figure = Figure(figsize=(9, 2.4 * len(lines)), layout="constrained")
    grid = figure.subplots(len(lines), 1, squeeze=False)
    for axes, line in zip(grid[:, 0], lines, strict=True):
        for image, label, color in (
            (synthetic, "synthetic CT", COLORS[0]), (reference, "real CT", COLORS[1]),
        ):  # fmt: skip
            if image is not None:
                axes.plot(*along(line, image), color=color, label=label, linewidth=1.2)
        axes.set_title(line.name, fontsize=9)
        axes.set(xlabel="distance (mm)", ylabel="CT number (HU)")
        axes.grid(alpha=0.3)
    grid[0, 0].legend(fontsize=8)
    return to_png(figure)
