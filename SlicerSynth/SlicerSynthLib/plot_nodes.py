"""Tables, series and charts that are made once and brought up to date, and shown in a plot view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import slicer
import vtk


def kept_node(scene: Any, kind: str, attribute: str, part: str, name: str) -> Any:
    """The scene's node of a class whose attribute says this part; made if there is none."""
    found = next((n for n in kept_nodes(scene, kind, attribute) if says(n, attribute, part)), None)
    if found is not None:
        return found
    node = scene.CreateNodeByClass(kind)
    node.UnRegister(None)
    node.SetName(scene.GenerateUniqueName(name))
    node.SetAttribute(attribute, part)
    return scene.AddNode(node)


def kept_nodes(scene: Any, kind: str, attribute: str) -> Iterator[Any]:
    """The scene's nodes of a class that have an attribute."""
    for number in range(scene.GetNumberOfNodesByClass(kind)):
        found = scene.GetNthNodeByClass(number, kind)
        if found.GetAttribute(attribute):
            yield found


def says(node: Any, attribute: str, part: str) -> bool:
    """Whether a node's attribute has this value."""
    return bool(node.GetAttribute(attribute) == part)


def column(name: str, values: Sequence[float]) -> Any:
    """Numbers as a column of a table node."""
    made = vtk.vtkDoubleArray()
    made.SetName(name)
    made.SetNumberOfValues(len(values))
    for row, value in enumerate(values):
        made.SetValue(row, float(value))
    return made


def show_chart(layout_manager: Any, chart: Any) -> bool:
    """Show a chart in a plot view beside the slices; false, and nothing changes, without one."""
    before = layout_manager.layout
    layout_manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpPlotView)
    if layout_manager.plotViewCount < 1:
        layout_manager.setLayout(before)
        return False
    layout_manager.plotWidget(0).mrmlPlotViewNode().SetPlotChartNodeID(chart.GetID())
    return True
