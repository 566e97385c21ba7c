"""qMRMLSliceWidget and qMRMLThreeDWidget: a view with its bar, as one widget."""

from __future__ import annotations

from typing import Any

from PyQt5.QtWidgets import QVBoxLayout, QWidget

from .canvas import Canvas
from .view_bar import PlotBar, qMRMLSliceControllerWidget, qMRMLThreeDViewControllerWidget


class _View(Canvas):
    """What both kinds of view answer, by the names of ctkVTKAbstractView."""

    def renderWindow(self) -> Any:
        return self._view.render_window()

    def interactor(self) -> Any:
        return self._view.interactor()

    def interactorStyle(self) -> Any:
        return self._view.interactor_style()

    def scheduleRender(self) -> None:
        self._view.schedule_render()

    def forceRender(self) -> None:
        self._view.render()
        self.repaint()

    def displayableManagerByClassName(self, name: str) -> Any:
        return self._view.get_displayable_manager_by_class(name)


class qMRMLSliceView(_View):
    """The picture of a slice."""

    def mrmlSliceNode(self) -> Any:
        return self._view.get_view_node()


class qMRMLThreeDView(_View):
    """The picture in 3D."""

    def mrmlViewNode(self) -> Any:
        return self._view.get_view_node()

    def cameraNode(self) -> Any:
        return self._view.get_camera_node()

    def resetFocalPoint(self) -> None:
        self._view.reset_focal_point()

    def resetCamera(self, *_: Any) -> None:
        self._view.reset_camera()


class qMRMLSliceWidget(QWidget):
    """A slice view and its bar."""

    def __init__(self, view: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._picture = qMRMLSliceView(view, view._update_slice_size, self)
        self._bar = qMRMLSliceControllerWidget(view, self)
        stack(self, self._bar, self._picture)

    def sliceView(self) -> qMRMLSliceView:
        return self._picture

    def sliceController(self) -> qMRMLSliceControllerWidget:
        return self._bar

    def sliceLogic(self) -> Any:
        return self._view.logic

    def mrmlSliceNode(self) -> Any:
        return self._view.get_view_node()

    def mrmlSliceCompositeNode(self) -> Any:
        return self._view.logic.GetSliceCompositeNode()

    def interactorStyle(self) -> Any:
        return self._picture.interactorStyle()

    def fitSliceToBackground(self) -> None:
        self._bar.fitSliceToBackground()

    def setSliceOrientation(self, orientation: str) -> None:
        self._view.get_view_node().SetOrientation(orientation)


class qMRMLThreeDWidget(QWidget):
    """A 3D view and its bar."""

    def __init__(self, view: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._picture = qMRMLThreeDView(view, lambda: None, self)
        self._bar = qMRMLThreeDViewControllerWidget(view, self)
        stack(self, self._bar, self._picture)

    def threeDView(self) -> qMRMLThreeDView:
        return self._picture

    def threeDController(self) -> qMRMLThreeDViewControllerWidget:
        return self._bar

    def mrmlViewNode(self) -> Any:
        return self._view.get_view_node()

    def viewLogic(self) -> Any:
        return self._view.logic


class qMRMLPlotView(Canvas):
    """The picture of a chart."""


class qMRMLPlotWidget(QWidget):
    """A plot view and its bar."""

    def __init__(self, view: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._picture = qMRMLPlotView(view, lambda: None, self)
        stack(self, PlotBar(view.get_view_node(), self), self._picture)

    def plotView(self) -> qMRMLPlotView:
        return self._picture

    def mrmlPlotViewNode(self) -> Any:
        return self._view.get_view_node()


def stack(widget: QWidget, bar: QWidget, picture: QWidget) -> None:
    """Lay the bar above the picture, without gaps."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(bar)
    column.addWidget(picture, 1)
