"""Pictures of a result for a report: three planes, histograms, noise power; PNG bytes.

Nothing here needs a display, and nothing keeps state between calls.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from SynthCore.image import Image
from SynthCore.quality.ct_numbers import TISSUES
from SynthCore.quality.display import Window, difference_limit, windows_of
from SynthCore.quality.noise_power import NoisePower
from SynthCore.quality.orientation import PLANES, Axes, PlaneName, axes_of
from SynthCore.quality.panels import DPI as DPI
from SynthCore.quality.panels import Panel, rows_of_panels, to_png

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

TISSUE_COLORS = {
    "air": "#7f8c8d",
    "fat": "#e0a800",
    "soft_tissue": "#c0392b",
    "bone": "#2c3e50",
}
CURVE_COLORS = ("#0b5cad", "#d1495b", "#3a7d44", "#7d4e9e", "#8a6d00")


@dataclass(frozen=True)
class Shown:
    """An image to show: its title, whether it is synthetic, and the image itself.

    All images of one figure lie on one grid. `minus` makes it a difference: image minus that, in
    `unit` where that is not the image's; `deviation` says that it holds standard deviations.
    """

    title: str
    image: Image
    synthetic: bool = False
    minus: Image | None = None
    deviation: bool = False
    unit: str = ""


DEVIATION_COLORS = "inferno"
"""As bright as they are high, also in gray print; black where nothing is stated."""
DEVIATION_PERCENTILE = 99.0
"""Of the body's deviations: the end of the colors."""


def data_uri(png: bytes) -> str:
    """Write a PNG as a ``data:`` address, so that a page needs no other file."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def png_size(png: bytes) -> tuple[int, int]:
    """Read width and height in pixels from a PNG's header."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def three_planes(
    shown: Sequence[Shown],
    body: Mask,
    *,
    outline: Mask | None = None,
    focus: Mask | None = None,
    through: Mask | None = None,
    window: int = 0,
    planes: Sequence[PlaneName] = PLANES,
    slices: int = 3,
    slices_across: bool = False,
) -> dict[PlaneName, bytes]:
    """Draw images side by side in the three planes.

    Parameters
    ----------
    shown : sequence of Shown
        On one grid; at least one.
    body : numpy.ndarray of bool
        Shape ``(k, j, i)``: what the pictures are centered on and cropped to.
    outline : numpy.ndarray of bool, optional
        Region drawn as a line; pictures go through it.
    focus : numpy.ndarray of bool, optional
        Region whose differences set the ends of the colors; the outline if not given, or the body.
    through : numpy.ndarray of bool, optional
        Region that the slices are spread over where nothing is outlined; the body if not given.
    window : int
        Which of the windows of `SynthCore.quality.display.windows_of` (CT has two).
    planes : sequence of str
        Which planes.
    slices : int
        Axial slices; one of each other plane.
    slices_across : bool
        A row for each image instead of a row for each slice.

    Returns
    -------
    dict
        PNG by plane.
    """
    axes = axes_of(shown[0].image.affine)
    turned_body = axes.turn(body)
    box = _box(turned_body, axes)
    spread = turned_body if through is None or not through.any() else axes.turn(through)
    region = None if outline is None else axes.turn(outline)
    if focus is None:
        focus = body if outline is None or not outline.any() else outline
    panels = [_panel(one, body, focus, axes, window) for one in shown]
    return {
        plane: rows_of_panels(
            panels,
            axes,
            plane,
            _indices(spread, region, plane, slices if plane == "axial" else 1),
            box=box,
            outline=region,
            slices_across=slices_across,
        )
        for plane in planes
    }


def ct_histogram(curves: Mapping[str, Voxels]) -> bytes:
    """Draw histograms of CT numbers over the ranges of the tissues, share on a log scale.

    Parameters
    ----------
    curves : mapping
        Values in HU by label, each of any shape: the body of an image.
    """
    return to_png(ct_chart(curves))


def ct_chart(curves: Mapping[str, Voxels]) -> Figure:
    """The figure of `ct_histogram`."""
    edges = np.arange(-1100.0, 1801.0, 20.0)
    figure, axis = _chart()
    for tissue in TISSUES:
        low, high = max(tissue.low, edges[0]), min(tissue.high, edges[-1])
        axis.axvspan(low, high, color=TISSUE_COLORS[tissue.name], alpha=0.13, linewidth=0)
        axis.text((low + high) / 2, 1.01, tissue.title, ha="center", va="bottom", fontsize=8,
                  color="#333333", transform=axis.get_xaxis_transform())  # fmt: skip
    _steps(axis, curves, edges, names_above=True)
    axis.set_xlabel("CT number (HU); beyond the ends is counted at the ends")
    return figure


def plain_histogram(curves: Mapping[str, Voxels], unit: str = "arbitrary units") -> bytes:
    """Draw histograms of intensities, all on one scale."""
    values = np.concatenate([np.ravel(v) for v in curves.values()])
    low, high = np.percentile(values, (0.1, 99.9)) if values.size else (0.0, 1.0)
    figure, axis = _chart()
    _steps(axis, curves, np.linspace(low, max(high, low + 1e-6), 121))
    axis.set_xlabel(f"intensity ({unit}); beyond the ends is counted at the ends")
    return to_png(figure)


def noise_power_curves(curves: Mapping[str, NoisePower]) -> bytes:
    """Draw noise power spectra, with the mean frequency of each."""
    figure, axis = _chart()
    for color, (label, curve) in zip(CURVE_COLORS, curves.items(), strict=False):
        name = f"{label}: {curve.noise:.1f} HU, mean {curve.mean_frequency:.2f} / mm"
        axis.plot(curve.frequency, curve.power, color=color, linewidth=1.6, label=name)
        axis.axvline(curve.mean_frequency, color=color, linewidth=0.8, linestyle=":")
    axis.set_xlabel("spatial frequency (cycles per mm); dotted: mean frequency")
    axis.set_ylabel("noise power (HU² mm²)")
    axis.set_ylim(bottom=0)
    axis.set_xlim(left=0)
    axis.legend(fontsize=8, frameon=False)
    return to_png(figure)


def _panel(one: Shown, body: Mask, focus: Mask, axes: Axes, window: int) -> Panel:
    if one.minus is not None:
        difference = one.image.voxels.astype(np.float32) - one.minus.voxels
        limit = difference_limit(difference, focus)
        unit = one.unit or ("HU" if one.image.unit == "HU" else "arbitrary units")
        return Panel(
            one.title,
            axes.turn(difference),
            Window(-limit, limit, ""),
            one.synthetic,
            difference=True,
            unit=unit,
        )
    if one.deviation:
        inside = one.image.voxels[body] if body.any() else one.image.voxels
        highest = max(float(np.percentile(inside, DEVIATION_PERCENTILE)), 1e-6)
        return Panel(
            one.title,
            axes.turn(one.image.voxels),
            Window(0.0, highest, ""),
            one.synthetic,
            unit="HU" if one.image.unit == "HU" else "arbitrary units",
            colors=DEVIATION_COLORS,
        )
    windows = windows_of(one.image, body)
    return Panel(
        one.title,
        axes.turn(one.image.voxels),
        windows[min(window, len(windows) - 1)],
        one.synthetic,
    )


def _box(body: Mask, axes: Axes) -> tuple[slice, slice, slice]:
    """Part of a turned volume that holds the body, with 8 mm around it."""
    box = []
    for axis, (length, step) in enumerate(zip(body.shape, axes.spacing, strict=True)):
        others = tuple(other for other in range(3) if other != axis)
        hits = np.flatnonzero(body.any(axis=others))
        if hits.size == 0:
            box.append(slice(0, length))
            continue
        margin = round(8 / step)
        box.append(slice(max(int(hits[0]) - margin, 0), min(int(hits[-1]) + margin + 1, length)))
    return box[0], box[1], box[2]


def _indices(body: Mask, region: Mask | None, plane: PlaneName, count: int) -> list[int]:
    """Slices through the region if there is one, else spread over the body, superior first."""
    across = PLANES.index(plane)
    target = region if region is not None and region.any() else body
    others = tuple(axis for axis in range(3) if axis != across)
    area = target.sum(axis=others).astype(np.float64)
    if area.sum() == 0:
        area[:] = 1.0
    share = np.cumsum(area) / area.sum()
    wanted = [(n + 1) / (count + 1) for n in range(count)]
    found = {min(int(np.searchsorted(share, q)), len(area) - 1) for q in wanted}
    return sorted(found, reverse=True)


def _chart() -> tuple[Figure, Any]:
    figure = Figure(figsize=(8.0, 3.1), facecolor="white", layout="constrained")
    axis = figure.subplots()
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(labelsize=8)
    axis.xaxis.label.set_fontsize(8)
    axis.yaxis.label.set_fontsize(8)
    return figure, axis


def _steps(
    axis: Any,
    curves: Mapping[str, Voxels],
    edges: npt.NDArray[np.float64],
    names_above: bool = False,
) -> None:
    """Draw the curves with their legend, over the line that names stand on where there is one."""
    for color, (label, values) in zip(CURVE_COLORS, curves.items(), strict=False):
        counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), bins=edges)
        shares = 100 * counts / max(np.size(values), 1)
        axis.stairs(np.maximum(shares, 1e-6), edges, color=color, linewidth=1.4, label=label)
    axis.set_yscale("log")
    axis.set_ylim(bottom=2e-3)
    axis.set_xlim(edges[0], edges[-1])
    axis.set_ylabel("% of the body's voxels")
    # above the axes: the peak of an MR may lie anywhere in them
    axis.legend(
        fontsize=8, frameon=False, loc="lower right", ncols=len(curves),
        bbox_to_anchor=(1, 1.05 if names_above else 1),
    )  # fmt: skip
