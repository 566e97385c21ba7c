"""An evaluation in the scene: its histograms as a table, two plot series and a chart.

One set of nodes serves every comparison: a new one takes the place of the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import slicer

from SlicerSynthLib.plot_nodes import column, kept_node

ATTRIBUTE = "SynthCore.Histogram"
"""Attribute of the nodes, with their part in the plot as its value."""
COLORS = {"Synthetic": (0.90, 0.60, 0.0), "Reference": (0.0, 0.45, 0.70)}
"""Orange and blue that color-blind people tell apart."""


def lines_about(evaluation: Mapping[str, Any]) -> str:
    """What every number of an evaluation depends on: preset, mask, clip range, notes."""
    parts = [
        f"Preset {evaluation.get('preset')}.",
        f"Mask: {evaluation.get('mask')}; {evaluation.get('voxels')} voxels.",
    ]
    clip = evaluation.get("clip")
    if clip:
        parts.append(f"Clipped to {clip[0]:g} to {clip[1]:g}.")
    if evaluation.get("window"):
        parts.append(f"SSIM window: {evaluation['window']}.")
    parts.extend(str(note) for note in evaluation.get("notes") or ())
    return " ".join(parts)


def histogram_chart(scene: Any, histogram: Mapping[str, Sequence[float]], unit: str) -> Any:
    """The chart node of both histograms, made in the scene or brought up to date.

    Parameters
    ----------
    scene : vtkMRMLScene
        Where the nodes are kept.
    histogram : mapping
        ``edges``, and the shares of ``synthetic`` and ``reference`` between them.
    unit : str
        Of the edges; ``1`` for arbitrary units.
    """
    table = kept_node(
        scene, "vtkMRMLTableNode", ATTRIBUTE, "Table", "Histogram of result and reference"
    )
    edges = histogram["edges"]
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    axis = "HU" if unit == "HU" else "Intensity"
    table.RemoveAllColumns()
    for name, values in (
        (axis, middles),
        ("Synthetic", histogram["synthetic"]),
        ("Reference", histogram["reference"]),
    ):
        table.AddColumn(column(name, values))
    chart = kept_node(scene, "vtkMRMLPlotChartNode", ATTRIBUTE, "Chart", "Histogram")
    chart.RemoveAllPlotSeriesNodeIDs()
    for name, color in COLORS.items():
        series = kept_node(scene, "vtkMRMLPlotSeriesNode", ATTRIBUTE, name, name)
        series.SetAndObserveTableNodeID(table.GetID())
        series.SetXColumnName(axis)
        series.SetYColumnName(name)
        series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeScatter)
        series.SetMarkerStyle(slicer.vtkMRMLPlotSeriesNode.MarkerStyleNone)
        series.SetColor(*color)
        chart.AddAndObservePlotSeriesNodeID(series.GetID())
    chart.SetTitle("Histogram")
    chart.SetXAxisTitle(axis)
    chart.SetYAxisTitle("Share of voxels")
    return chart
