"""`slicer.app.layoutManager()`: which views are shown, and how they are laid out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import slicer
import vtk
from PyQt5.QtCore import QObject, pyqtProperty, pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from .arrange import arrange
from .mrml_views import NodeViewFactory, view_of
from .plot import make_plot_view
from .view_widgets import qMRMLPlotWidget, qMRMLSliceWidget, qMRMLThreeDWidget


class LayoutManager(QObject):
    """Slicer's own layout logic, with this package's widgets for its view nodes."""

    layoutChanged = pyqtSignal(int)

    def __init__(self, core: Any) -> None:
        super().__init__()
        self._core = core
        self._paused = 0
        self._slices: dict[str, qMRMLSliceWidget] = {}
        self._solids: dict[str, qMRMLThreeDWidget] = {}
        self._plots: dict[str, qMRMLPlotWidget] = {}
        self._viewport = QWidget()
        self._column = QVBoxLayout(self._viewport)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget | None = None
        self._description = ""
        core.view_manager.register_factory(NodeViewFactory())
        self._logic = slicer.vtkMRMLLayoutLogic()
        self._logic.SetMRMLApplicationLogic(core.app_logic)
        self._logic.SetMRMLScene(core.scene)
        self._node = self._logic.GetLayoutNode()
        self._node.SetViewArrangement(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
        self._node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._rearrange)
        self._rearrange()

    @pyqtProperty(int)
    def layout(self) -> int:
        return int(self._node.GetViewArrangement())

    @pyqtProperty(int)
    def threeDViewCount(self) -> int:
        return len(self._solids)

    @pyqtProperty(int)
    def tableViewCount(self) -> int:
        return 0

    @pyqtProperty(int)
    def plotViewCount(self) -> int:
        return len(self._plots)

    def viewport(self) -> QWidget:
        return self._viewport

    def setLayout(self, layout: int) -> None:
        self._node.SetViewArrangement(layout)

    def layoutLogic(self) -> Any:
        return self._logic

    def mrmlScene(self) -> Any:
        return self._core.scene

    def mrmlSliceLogics(self) -> Any:
        return self._core.app_logic.GetSliceLogics()

    def mrmlViewLogics(self) -> Any:
        return self._core.app_logic.GetViewLogics()

    def sliceViewNames(self) -> list[str]:
        return list(self._slices)

    def sliceWidget(self, name: str) -> qMRMLSliceWidget | None:
        return self._slices.get(name)

    def threeDWidget(self, index: int) -> qMRMLThreeDWidget | None:
        found = list(self._solids.values())
        return found[index] if 0 <= index < len(found) else None

    def plotWidget(self, index: int) -> qMRMLPlotWidget | None:
        found = list(self._plots.values())
        return found[index] if 0 <= index < len(found) else None

    def viewWidget(self, node: Any) -> QWidget | None:
        kinds: tuple[tuple[str, dict[str, Any]], ...] = (
            ("vtkMRMLSliceNode", self._slices),
            ("vtkMRMLViewNode", self._solids),
            ("vtkMRMLPlotViewNode", self._plots),
        )
        found = [widgets for kind, widgets in kinds if node.IsA(kind)]
        return found[0].get(node.GetSingletonTag()) if found else None

    def resetSliceViews(self) -> None:
        for widget in self._slices.values():
            widget.fitSliceToBackground()

    def resetThreeDViews(self) -> None:
        for widget in self._solids.values():
            widget.threeDController().resetFocalPoint()

    def pauseRender(self) -> None:
        self._paused += 1
        self._update_blocked()

    def resumeRender(self) -> None:
        self._paused = max(0, self._paused - 1)
        self._update_blocked()

    def setRenderPaused(self, paused: bool) -> None:
        if paused:
            self.pauseRender()
        else:
            self.resumeRender()

    def _update_blocked(self) -> None:
        current = set(self._core.view_manager.get_current_view_ids())
        for view in self._core.view_manager.get_views():
            view.set_render_blocked(bool(self._paused) or view.get_singleton_tag() not in current)

    def _rearrange(self, *_: Any) -> None:
        description = self._node.GetCurrentLayoutDescription()
        if not description or description == self._description:
            return
        self._description = description
        for widget in self._widgets():  # the old holder must not take them along
            widget.hide()
            widget.setParent(self._viewport)
        names: list[str] = []

        def widget_of(kind: str, name: str) -> QWidget | None:
            widget = self._widget(kind, name)
            if widget is not None:
                names.append(name)
                widget.show()
            return widget

        shown = arrange(description, widget_of)
        if self._shown is not None:
            self._column.removeWidget(self._shown)
            self._shown.deleteLater()
        self._shown = shown
        self._column.addWidget(shown)
        self._core.view_manager.set_current_view_ids(names)
        self.layoutChanged.emit(self.layout)

    def _widgets(self) -> Iterator[QWidget]:
        yield from self._slices.values()
        yield from self._solids.values()
        yield from self._plots.values()

    def _widget(self, kind: str, name: str) -> QWidget | None:
        if kind == "vtkMRMLPlotViewNode":
            return self._plot(name)
        node = self._core.scene.GetSingletonNode(name, kind)
        view = view_of(self._core.view_manager, node) if node is not None else None
        if view is None:
            return None
        if kind == "vtkMRMLSliceNode":
            if name not in self._slices:
                self._slices[name] = qMRMLSliceWidget(view)
            return self._slices[name]
        if name not in self._solids:
            self._solids[name] = qMRMLThreeDWidget(view)
        return self._solids[name]

    def _plot(self, name: str) -> QWidget | None:
        if name not in self._plots:
            view = make_plot_view(self._core.scene, name)
            if view is None:
                return None
            self._plots[name] = qMRMLPlotWidget(view)
        return self._plots[name]
