"""Panels in a row, for each of a few slices: pictures of volumes on one grid.

Every panel has its patient-orientation letters, its window, and where it is not acquired the word
SYNTHETIC burnt into the picture, so that it stays marked when it is copied out of a report.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import patheffects
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from SynthCore.quality.display import Window
from SynthCore.quality.orientation import LETTERS, PLANES, Axes, PlaneName, cut, pixel_size

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

INK, PAPER = "#f2f2f2", "#000000"
MARK = "#ffb000"
OUTLINE = "#00d5ff"
PANEL_INCHES = {1: 4.2, 2: 4.2, 3: 3.6}
MANY_INCHES = 2.9
"""Width of a panel by how many stand side by side, and of each of four or more."""
FLAT = 0.45
"""Height over width: flatter panels are put below each other, so that letters do not cover them."""
DPI = 110


@dataclass(frozen=True)
class Panel:
    """One image of a row.

    Attributes
    ----------
    title : str
        Above the picture.
    turned : numpy.ndarray
        Voxels turned by `Axes.turn`.
    window : Window
        Values between black and white, or of a difference from one end of the colors to the other.
    synthetic : bool
        Whether to burn in the word SYNTHETIC.
    difference : bool
        Diverging colors with a bar instead of gray.
    unit : str
        Of the bar.
    colors : str
        A map of matplotlib's, for a quantity that is neither an image nor a difference; shown with
        a bar, like a difference.
    """

    title: str
    turned: Voxels
    window: Window
    synthetic: bool = False
    difference: bool = False
    unit: str = "HU"
    colors: str = ""

    @property
    def barred(self) -> bool:
        """Whether a bar says what the colors mean, instead of a window in the corner."""
        return self.difference or bool(self.colors)


def rows_of_panels(
    panels: Sequence[Panel],
    axes: Axes,
    plane: PlaneName,
    indices: Sequence[int],
    *,
    box: tuple[slice, slice, slice],
    outline: Mask | None = None,
    slices_across: bool = False,
) -> bytes:
    """Draw one row for each slice and one column for each panel.

    Parameters
    ----------
    panels : sequence of Panel
        All of one shape.
    axes : Axes
        Of the volumes before they were turned.
    plane : {'axial', 'coronal', 'sagittal'}
        Which way to cut.
    indices : sequence of int
        Of the slices along the turned axis of the plane.
    box : tuple of slice
        Part of the turned volume to show (z, y, x).
    outline : numpy.ndarray of bool, optional
        A turned mask drawn as a line.
    slices_across : bool
        One row for each panel instead; so it is too where the panels are flat.

    Returns
    -------
    bytes
        PNG.
    """
    height, width = pixel_size(axes, plane)
    kept = {"axial": (box[1], box[2]), "coronal": (box[0], box[2]), "sagittal": (box[0], box[1])}
    rows, columns = (part.stop - part.start for part in kept[plane])
    ratio = min(max(rows * height / (columns * width), 0.1), 4.0)
    turned = slices_across or ratio < FLAT
    across, down = (indices, panels) if turned else (panels, indices)
    inches = PANEL_INCHES.get(len(across), MANY_INCHES) / max(ratio / 1.3, 1.0)
    if ratio < FLAT and len(across) == 1:
        inches *= 2
    figure = Figure(
        figsize=(inches * len(across) + 0.8, inches * ratio * len(down) + 0.3),
        facecolor=PAPER,
        layout=ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02, wspace=0.0, hspace=0.0),
    )
    grid = figure.subplots(len(down), len(across), squeeze=False)
    start = box[PLANES.index(plane)].start
    for row, index in enumerate(indices):
        for column, panel in enumerate(panels):
            axis = grid[column][row] if turned else grid[row][column]
            shown = _show(axis, cut(panel.turned[box], plane, index - start), panel, height / width)
            if outline is not None and not panel.barred:
                _outline(axis, cut(outline[box], plane, index - start))
            if turned and row == 0:
                axis.set_ylabel(panel.title, color=INK, fontsize=8, labelpad=4)
            if not turned and row == 0:
                axis.set_title(panel.title, color=INK, fontsize=9, pad=4)
            _letters(axis, plane)
            _corners(axis, panel)
            if panel.barred and (not turned or row == len(indices) - 1):
                _bar(figure, axis, shown, panel.unit)
    for axis in grid[0] if turned else [line[0] for line in grid]:
        _scale_bar(axis, columns * width)
    return to_png(figure)


def to_png(figure: Figure) -> bytes:
    """Render a figure without a display."""
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    figure.savefig(
        buffer,
        format="png",
        dpi=DPI,
        bbox_inches="tight",
        pad_inches=0.04,
        metadata={"Software": None},
    )
    return buffer.getvalue()


def _bar(figure: Figure, axis: Any, shown: Any, unit: str) -> None:
    """Draw the colors of a difference beside it, as high as the picture."""
    extend = "both" if shown.norm.vmin < 0 else "max"
    bar = figure.colorbar(shown, cax=axis.inset_axes((1.02, 0.03, 0.035, 0.94)), extend=extend)
    bar.set_label(unit, color=INK, fontsize=7)
    bar.ax.tick_params(colors=INK, labelsize=7)
    bar.outline.set_edgecolor("#555555")


def _show(axis: Any, picture: Voxels, panel: Panel, aspect: float) -> Any:
    axis.set_facecolor(PAPER)
    axis.set_xticks([])
    axis.set_yticks([])
    for side in axis.spines.values():
        side.set_edgecolor("#444444")
        side.set_linewidth(0.6)
    return axis.imshow(
        picture,
        cmap=panel.colors or ("RdBu_r" if panel.difference else "gray"),
        vmin=panel.window.low,
        vmax=panel.window.high,
        aspect=aspect,
        interpolation="nearest" if panel.barred else "antialiased",
    )


def _outline(axis: Any, mask: Mask) -> None:
    if mask.any() and not mask.all() and min(mask.shape) > 1:
        axis.contour(mask, levels=[0.5], colors=[OUTLINE], linewidths=0.8)


def _write(axis: Any, x: float, y: float, text: str, **style: Any) -> None:
    """Write onto a picture with a dark rim, so that it reads on white bone too."""
    style = {"color": INK, "fontsize": 7, "transform": axis.transAxes} | style
    drawn = axis.text(x, y, text, **style)
    drawn.set_path_effects([patheffects.withStroke(linewidth=1.8, foreground="#000000")])


def _letters(axis: Any, plane: PlaneName) -> None:
    left, right, top, bottom = LETTERS[plane]
    bold = {"fontweight": "bold", "fontsize": 8}
    _write(axis, 0.015, 0.5, left, ha="left", va="center", **bold)
    _write(axis, 0.985, 0.5, right, ha="right", va="center", **bold)
    _write(axis, 0.5, 0.985, top, ha="center", va="top", **bold)
    _write(axis, 0.5, 0.015, bottom, ha="center", va="bottom", **bold)


def _corners(axis: Any, panel: Panel) -> None:
    if panel.synthetic:
        _write(axis, 0.015, 0.985, "SYNTHETIC", ha="left", va="top", color=MARK,
               fontweight="bold", fontsize=8)  # fmt: skip
    if not panel.barred:
        _write(axis, 0.015, 0.015, panel.window.label, ha="left", va="bottom", fontsize=6)


def _scale_bar(axis: Any, width_mm: float) -> None:
    """Draw a length of about a fifth of the picture at its lower right."""
    lengths = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
    length = max((v for v in lengths if v <= width_mm / 4), default=None)
    if length is None:
        return
    share = length / width_mm
    bar = axis.plot([0.975 - share, 0.975], [0.035, 0.035], color=INK, linewidth=1.6,
                    transform=axis.transAxes, solid_capstyle="butt")[0]  # fmt: skip
    bar.set_path_effects([patheffects.withStroke(linewidth=2.8, foreground="#000000")])
    text = f"{length / 10:g} cm" if length >= 10 else f"{length:g} mm"
    _write(axis, 0.975 - share / 2, 0.045, text, ha="center", va="bottom", fontsize=6)
