"""Dose-volume histograms in the scene: one table, two series for each structure, one chart.

One set of nodes serves every check: a new one takes the place of the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import slicer

from SlicerSynthLib.plot_nodes import column, kept_node, kept_nodes

ATTRIBUTE = "SynthCore.DVH"
"""Attribute of the nodes, with their part in the plot as its value."""
AXIS = "Dose (Gy)"
SIDES = (("reference", "real CT"), ("synthetic", "synthetic CT"))
COLORS = (
    (0.04, 0.36, 0.68), (0.82, 0.29, 0.36), (0.23, 0.49, 0.27), (0.49, 0.31, 0.62),
    (0.54, 0.42, 0.0), (0.0, 0.47, 0.55),
)  # fmt: skip
"""By structure, as in the report."""


def dvh_chart(scene: Any, dvh: Mapping[str, Any]) -> Any:
    """The chart node of one comparison of doses, made in the scene or brought up to date.

    Parameters
    ----------
    scene : vtkMRMLScene
        Where the nodes are kept.
    dvh : mapping
        One of the answer's ``dvh``: ``dose_gy``, and for each of ``structures`` its ``name`` and
        the percent of its volume (``reference``, ``synthetic``) that has each dose or more.
    """
    table = kept_node(
        scene, "vtkMRMLTableNode", ATTRIBUTE, "Table", "Dose-volume histograms of plan check"
    )
    table.RemoveAllColumns()
    table.AddColumn(column(AXIS, dvh["dose_gy"]))
    chart = kept_node(scene, "vtkMRMLPlotChartNode", ATTRIBUTE, "Chart", "Dose-volume histograms")
    chart.RemoveAllPlotSeriesNodeIDs()
    used = []
    for number, structure in enumerate(dvh["structures"]):
        for side, words in SIDES:
            name = f"{structure['name']}, {words}"
            table.AddColumn(column(name, structure[side]))
            series = kept_node(scene, "vtkMRMLPlotSeriesNode", ATTRIBUTE, f"{side} {number}", name)
            _show(series, table, name, COLORS[number % len(COLORS)], dashed=side == "synthetic")
            chart.AddAndObservePlotSeriesNodeID(series.GetID())
            used.append(series)
    for series in list(kept_nodes(scene, "vtkMRMLPlotSeriesNode", ATTRIBUTE)):
        if series not in used:
            scene.RemoveNode(series)
    title = str(dvh.get("name") or "")
    chart.SetTitle(f"Dose-volume histograms{f', {title}' if title else ''}")
    chart.SetXAxisTitle(AXIS)
    chart.SetYAxisTitle("Volume (%)")
    chart.SetLegendVisibility(True)
    return chart


def _show(series: Any, table: Any, name: str, color: Any, dashed: bool) -> None:
    kind = slicer.vtkMRMLPlotSeriesNode
    series.SetName(name)
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName(AXIS)
    series.SetYColumnName(name)
    series.SetPlotType(kind.PlotTypeScatter)
    series.SetMarkerStyle(kind.MarkerStyleNone)
    series.SetLineStyle(kind.LineStyleDash if dashed else kind.LineStyleSolid)
    series.SetLineWidth(2)
    series.SetColor(*color)
