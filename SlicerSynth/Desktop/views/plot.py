"""A MRML plot chart, drawn by VTK's charts."""

from __future__ import annotations

from typing import Any

import slicer
import vtk

from .render_loop import QtRendering

_MARKERS = {
    "none": vtk.vtkPlotPoints.NONE,
    "cross": vtk.vtkPlotPoints.CROSS,
    "plus": vtk.vtkPlotPoints.PLUS,
    "square": vtk.vtkPlotPoints.SQUARE,
    "circle": vtk.vtkPlotPoints.CIRCLE,
    "diamond": vtk.vtkPlotPoints.DIAMOND,
}
_LINES = {
    "none": vtk.vtkPen.NO_PEN,
    "solid": vtk.vtkPen.SOLID_LINE,
    "dash": vtk.vtkPen.DASH_LINE,
    "dot": vtk.vtkPen.DOT_LINE,
    "dash-dot": vtk.vtkPen.DASH_DOT_LINE,
    "dash-dot-dot": vtk.vtkPen.DASH_DOT_DOT_LINE,
}


class PlotView:
    """Draws the chart of a plot view node, anew whenever the chart or its data change.

    It has the methods of a view that `Canvas` needs.
    """

    def __init__(self, node: Any) -> None:
        self._node = node
        self._observed: list[tuple[Any, int]] = []
        self._chart = vtk.vtkChartXY()
        actor = vtk.vtkContextActor()
        actor.GetScene().AddItem(self._chart)
        renderer = vtk.vtkRenderer()
        renderer.SetBackground(1.0, 1.0, 1.0)
        renderer.AddActor(actor)
        actor.GetScene().SetRenderer(renderer)
        self._window = vtk.vtkRenderWindow()
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(4)
        self._window.AddRenderer(renderer)
        self._interactor = vtk.vtkGenericRenderWindowInteractor()
        self._interactor.SetRenderWindow(self._window)
        self._interactor.SetInteractorStyle(None)
        self._rendering = QtRendering()
        self._rendering.set_abstract_view(self)
        node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._changed)
        node.AddObserver(node.PlotChartNodeChangedEvent, self._changed)
        self._changed()

    def get_view_node(self) -> Any:
        return self._node

    def render_window(self) -> Any:
        return self._window

    def interactor(self) -> Any:
        return self._interactor

    def interactor_style(self) -> Any:
        return None

    def schedule_render(self) -> None:
        self._rendering.schedule_render()

    def render(self) -> None:
        self._window.Render()
        self._rendering.did_render()

    def _changed(self, *_: Any) -> None:
        for thing, tag in self._observed:
            thing.RemoveObserver(tag)
        self._observed = []
        self._chart.ClearPlots()
        chart = self._node.GetPlotChartNode()
        if chart is not None:
            self._watch(chart)
            self._draw(chart)
        self.schedule_render()

    def _watch(self, thing: Any) -> None:
        self._observed.append((thing, thing.AddObserver("ModifiedEvent", self._changed)))

    def _draw(self, chart: Any) -> None:
        self._chart.SetTitle(chart.GetTitle() or "")
        self._chart.SetShowLegend(bool(chart.GetLegendVisibility()))
        self._chart.GetLegend().SetDragEnabled(False)
        for place, title in (
            (vtk.vtkAxis.BOTTOM, chart.GetXAxisTitle()),
            (vtk.vtkAxis.LEFT, chart.GetYAxisTitle()),
        ):
            self._chart.GetAxis(place).SetTitle(title or "")
        for index in range(chart.GetNumberOfPlotSeriesNodes()):
            series = chart.GetNthPlotSeriesNode(index)
            if series is not None:
                self._watch(series)
                self._add(series)
        self._chart.RecalculateBounds()

    def _add(self, series: Any) -> None:
        table = series.GetTableNode()
        if table is None or table.GetTable().GetNumberOfRows() == 0:
            return
        self._watch(table)
        bars = series.GetPlotType() in (series.PlotTypeBar, series.PlotTypeScatterBar)
        plot = self._chart.AddPlot(vtk.vtkChart.BAR if bars else vtk.vtkChart.LINE)
        plot.SetLabel(series.GetName())
        plot.SetColorF(*series.GetColor())
        plot.SetWidth(series.GetLineWidth())
        style = series.GetLineStyleAsString(series.GetLineStyle())
        plot.GetPen().SetLineType(_LINES.get(style, vtk.vtkPen.SOLID_LINE))
        if not bars:
            style = series.GetMarkerStyleAsString(series.GetMarkerStyle())
            plot.SetMarkerStyle(_MARKERS.get(style, vtk.vtkPlotPoints.NONE))
        if series.IsXColumnRequired():
            plot.SetInputData(table.GetTable(), series.GetXColumnName(), series.GetYColumnName())
        else:
            plot.SetUseIndexForXSeries(True)
            plot.SetInputData(table.GetTable(), series.GetYColumnName(), series.GetYColumnName())


def make_plot_view(scene: Any, name: str) -> PlotView | None:
    """The plot view of a name's view node, None where the layout made no such node."""
    node = scene.GetSingletonNode(name, "vtkMRMLPlotViewNode")
    return PlotView(node) if isinstance(node, slicer.vtkMRMLPlotViewNode) else None
