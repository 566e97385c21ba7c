"""The bar above a view: its letter and color, and for a slice view the slider of its offset."""

from __future__ import annotations

from typing import Any

import vtk
from PyQt5 import sip
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from ..widgets.slider_widget import ctkSliderWidget


class ViewBar(QWidget):
    """A strip in the view's color with its letter."""

    def __init__(self, node: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._node = node
        self._letter = QLabel(self)
        self._letter.setAlignment(Qt.AlignCenter)
        self._letter.setMinimumWidth(22)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(2, 1, 2, 1)
        self._row.setSpacing(4)
        self._row.addWidget(self._letter)
        self.setAutoFillBackground(True)
        node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._node_changed)
        self._update()

    def _node_changed(self, *_: Any) -> None:
        if not sip.isdeleted(self):
            self._update()

    def _update(self) -> None:
        color = QColor.fromRgbF(*self._node.GetLayoutColor())
        self._letter.setText(self._node.GetLayoutLabel() or "")
        palette = self.palette()
        palette.setColor(self.backgroundRole(), color)
        palette.setColor(self.foregroundRole(), Qt.black)
        self.setPalette(palette)


class PlotBar(ViewBar):
    """The bar of a plot view."""

    def __init__(self, node: Any, parent: QWidget | None = None) -> None:
        super().__init__(node, parent)
        self._row.addStretch(1)


class qMRMLThreeDViewControllerWidget(ViewBar):
    """The bar of a 3D view, with a button that shows everything."""

    def __init__(self, view: Any, parent: QWidget | None = None) -> None:
        super().__init__(view.get_view_node(), parent)
        self._view = view
        self._row.addStretch(1)
        self._row.addWidget(fit_button(self, self.resetFocalPoint))

    def resetFocalPoint(self, *_: Any) -> None:
        self._view.fit_view_to_content()
        self._view.schedule_render()


class qMRMLSliceControllerWidget(ViewBar):
    """The bar of a slice view, with the slider of its offset."""

    def __init__(self, view: Any, parent: QWidget | None = None) -> None:
        self._slider: ctkSliderWidget | None = None
        super().__init__(view.get_view_node(), parent)
        self._view = view
        self._slider = ctkSliderWidget(self)
        self._slider.setProperty("suffix", " mm")
        self._slider.setDecimals(2)
        self._row.addWidget(self._slider, 1)
        self._row.addWidget(fit_button(self, self.fitSliceToBackground))
        self._slider.valueChanged.connect(self.setSliceOffsetValue)
        view.logic.AddObserver(vtk.vtkCommand.ModifiedEvent, self._node_changed)
        self._update()

    def sliceOffsetSlider(self) -> ctkSliderWidget | None:
        return self._slider

    def sliceLogic(self) -> Any:
        return self._view.logic

    def setSliceOffsetValue(self, offset: float) -> None:
        logic = self._view.logic
        if abs(logic.GetSliceOffset() - offset) > 1e-6:
            logic.StartSliceOffsetInteraction()
            logic.SetSliceOffset(offset)
            logic.EndSliceOffsetInteraction()

    def fitSliceToBackground(self, *_: Any) -> None:
        self._view.fit_view_to_content()
        self._view.schedule_render()

    def _update(self) -> None:
        super()._update()
        if self._slider is None:
            return
        low, high = self._view.get_slice_range()
        step = abs(self._view.get_slice_step()) or 1.0
        was = self._slider.blockSignals(True)
        if (low, high) != (self._slider.minimum, self._slider.maximum):
            self._slider.setProperty("minimum", low)
            self._slider.setProperty("maximum", high)
        if step != self._slider.singleStep:
            self._slider.setProperty("singleStep", step)
        self._slider.setValue(self._view.get_slice_value())
        self._slider.blockSignals(was)


def fit_button(parent: QWidget, slot: Any) -> QToolButton:
    """A small button that fits a view to what it shows."""
    button = QToolButton(parent)
    button.setText("Fit")
    button.setToolTip("Show the whole volume")
    button.setAutoRaise(True)
    button.clicked.connect(slot)
    return button
