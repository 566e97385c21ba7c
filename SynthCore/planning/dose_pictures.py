"""Isodoses and contours on slices through the target: real, synthetic, and their difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import patheffects
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from SynthCore.planning.dose_check import DoseComparison
from SynthCore.planning.study import Study
from SynthCore.quality.display import SOFT_TISSUE
from SynthCore.quality.grids import resample_to
from SynthCore.quality.orientation import LETTERS, PLANES, Axes, PlaneName, axes_of, cut, pixel_size
from SynthCore.quality.panels import INK, MARK, PAPER, to_png

Mask = npt.NDArray[np.bool_]
Voxels = npt.NDArray[Any]

LEVELS: Mapping[float, str] = {
    105.0: "#ff2b2b", 95.0: "#ff9500", 80.0: "#ffe600", 50.0: "#3ddc5b", 20.0: "#4aa8ff",
}  # fmt: skip
"""Percent of the prescription, and the color of its line."""

TARGET, ORGANS = "#ff5ce1", ("#00d5ff", "#c3ff7a", "#b9a3ff", "#ffc9a3")
DIFFERENCE_SHARE = 0.05
"""Of the prescription: the end of the difference's colors."""

INCHES = 2.9


def isodose_picture(study: Study, doses: DoseComparison) -> bytes:
    """Three planes through the target; PNG.

    Doses are shown on the synthetic CT's grid, linearly interpolated.
    """
    made = study.synthetic
    real = study.reference if study.reference is not None else made
    on = [
        one.voxels
        if one.same_grid(made)
        else resample_to(one, made, outside=0.0, means=False)[0].voxels
        for one in (doses.reference, doses.synthetic)
    ]
    axes = axes_of(made.affine)
    gy = [axes.turn(one) for one in on]
    ct = [axes.turn(one.voxels) for one in (real, made)]
    contours = _contours(study, axes)
    at = _center(study, on[0], axes)
    box = _box(gy[0], axes)
    heights = []
    for plane in PLANES:
        high, wide = pixel_size(axes, plane)
        shape = cut(gy[0][box], plane, 0).shape
        heights.append(min(max(shape[0] * high / (shape[1] * wide), 0.25), 2.0))
    figure = Figure(figsize=(3 * INCHES + 0.9, INCHES * sum(heights) + 0.7), facecolor=PAPER,
                    layout="constrained")  # fmt: skip
    grid = figure.subplots(3, 3, squeeze=False, height_ratios=heights)
    titles = (
        "Dose on the real CT" + ("" if study.reference is not None else ", on the synthetic"),
        "Dose on the synthetic CT",
        "Synthetic minus real",
    )
    is_acquired = study.reference is not None and not study.reference.synthetic
    for row, plane in enumerate(PLANES):
        high, wide = pixel_size(axes, plane)
        across = PLANES.index(plane)
        index = at[across] - box[across].start

        def piece(volume: Voxels, plane: PlaneName = plane, index: int = index) -> Voxels:
            return cut(volume[box], plane, index)

        for column in range(3):
            axis = grid[row][column]
            behind = piece(ct[min(column, 1)])
            axis.imshow(behind, cmap="gray", vmin=SOFT_TISSUE.low, vmax=SOFT_TISSUE.high,
                        aspect=high / wide)  # fmt: skip
            axis.set_xticks([])
            axis.set_yticks([])
            if row == 0:
                axis.set_title(titles[column], color=INK, fontsize=9)
            if column < 2:
                _isodoses(axis, piece(gy[column]), doses.prescription_gy)
            else:
                shown = _difference(axis, piece(gy[1]) - piece(gy[0]), piece(gy[0]),
                                    doses.prescription_gy, high / wide)  # fmt: skip
                if row == 0:
                    bar = figure.colorbar(shown, ax=grid[:, 2], shrink=0.5, extend="both")
                    bar.set_label("Gy", color=INK, fontsize=8)
                    bar.ax.tick_params(colors=INK, labelsize=7)
            for mask, color in contours.values():
                _line(axis, piece(mask), color)
            _words(axis, plane, synthetic=column > 0 or not is_acquired)
    _legend(figure, contours, doses.prescription_gy)
    return to_png(figure)


def _contours(study: Study, axes: Axes) -> dict[str, tuple[Mask, str]]:
    found: dict[str, tuple[Mask, str]] = {}
    organs = 0
    for name, mask in study.structures.items():
        if name in study.targets:
            found[name] = (axes.turn(mask), TARGET)
        elif not study.body_structure(name) and organs < len(ORGANS):
            found[name] = (axes.turn(mask), ORGANS[organs])
            organs += 1
    return found


def _center(study: Study, dose: Voxels, axes: Axes) -> tuple[int, int, int]:
    masks = [study.structures[name] for name in study.targets]
    region = np.any(masks, axis=0) if masks else dose >= 0.95 * dose.max()
    where = np.argwhere(axes.turn(region))
    a, b, c = (round(float(v)) for v in where.mean(axis=0))
    return a, b, c


def _box(dose: Voxels, axes: Axes) -> tuple[slice, slice, slice]:
    """Where there is dose, with 20 mm around."""
    where = np.argwhere(dose > 0.1 * dose.max())
    low, high = where.min(axis=0), where.max(axis=0) + 1
    margin = [round(20 / step) for step in axes.spacing]
    a, b, c = (
        slice(max(int(s) - m, 0), min(int(e) + m, n))
        for s, e, m, n in zip(low, high, margin, dose.shape, strict=True)
    )
    return a, b, c


def _isodoses(axis: Any, dose: Voxels, prescription: float) -> None:
    for percent, color in LEVELS.items():
        level = percent / 100 * prescription
        if dose.min() < level < dose.max():
            axis.contour(dose, levels=[level], colors=[color], linewidths=1.0)


def _difference(axis: Any, change: Voxels, dose: Voxels, prescription: float, aspect: float) -> Any:
    limit = DIFFERENCE_SHARE * prescription
    seen = np.ma.masked_where(dose < 0.1 * prescription, change)
    return axis.imshow(seen, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect=aspect, alpha=0.85)


def _line(axis: Any, mask: Mask, color: str) -> None:
    if mask.any() and not mask.all():
        axis.contour(mask, levels=[0.5], colors=[color], linewidths=0.9, linestyles="dashed")


def _words(axis: Any, plane: PlaneName, *, synthetic: bool) -> None:
    left, right, top, bottom = LETTERS[plane]
    rim = [patheffects.withStroke(linewidth=1.8, foreground=PAPER)]
    style = {"color": INK, "fontsize": 7, "transform": axis.transAxes, "path_effects": rim}
    axis.text(0.02, 0.5, left, va="center", **style)
    axis.text(0.98, 0.5, right, va="center", ha="right", **style)
    axis.text(0.5, 0.98, top, va="top", ha="center", **style)
    axis.text(0.5, 0.02, bottom, va="bottom", ha="center", **style)
    if synthetic:
        axis.text(0.02, 0.98, "SYNTHETIC", va="top", fontweight="bold", **(style | {"color": MARK}))


def _legend(figure: Figure, contours: Mapping[str, tuple[Mask, str]], prescription: float) -> None:
    lines = [Line2D([], [], color=color) for color in LEVELS.values()]
    names = [f"{percent:g}%" for percent in LEVELS]
    for name, (_, color) in contours.items():
        lines.append(Line2D([], [], color=color, linestyle="--"))
        names.append(name if len(name) <= 24 else name[:21] + "...")
    made = figure.legend(
        lines, names, loc="outside lower center", ncols=min(len(lines), 6), fontsize=7,
        facecolor=PAPER, edgecolor="#444444", labelcolor=INK,
        title=f"percent of {prescription:.4g} Gy; structures dashed",
    )  # fmt: skip
    made.get_title().set_color(INK)
    made.get_title().set_fontsize(7)
