"""A VTK render window as a plain Qt widget: VTK draws out of sight, Qt shows the picture.

A render window embedded by its system handle would flash a window of its own at the start, be
missing from Qt's screenshots and need a display of one kind. A picture read back costs a few
milliseconds and works alike on every system, and with no display at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import vtk
from PyQt5 import sip
from PyQt5.QtCore import QEvent, QRect, QSize, Qt
from PyQt5.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget
from vtk.util.numpy_support import vtk_to_numpy

from .events import EventBridge

_HANDED_ON = {
    QEvent.MouseButtonPress,
    QEvent.MouseButtonDblClick,
    QEvent.MouseButtonRelease,
    QEvent.MouseMove,
    QEvent.Wheel,
    QEvent.Enter,
    QEvent.Leave,
    QEvent.KeyPress,
    QEvent.KeyRelease,
}
_CURSORS = {
    vtk.VTK_CURSOR_DEFAULT: Qt.ArrowCursor,
    vtk.VTK_CURSOR_ARROW: Qt.ArrowCursor,
    vtk.VTK_CURSOR_SIZENS: Qt.SizeVerCursor,
    vtk.VTK_CURSOR_SIZEWE: Qt.SizeHorCursor,
    vtk.VTK_CURSOR_SIZEALL: Qt.SizeAllCursor,
    vtk.VTK_CURSOR_HAND: Qt.PointingHandCursor,
    vtk.VTK_CURSOR_CROSSHAIR: Qt.CrossCursor,
}


class Canvas(QWidget):
    """Shows what a view renders, and gives it size, mouse and keys."""

    def __init__(
        self, view: Any, resized: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._resized = resized
        self._bridge = EventBridge(view.interactor())
        self._picture = QImage()
        self._pixels = vtk.vtkUnsignedCharArray()
        self._stale = True
        self.setAttribute(Qt.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.WheelFocus)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        self.setMinimumSize(60, 60)
        window = view.render_window()
        window.SetOffScreenRendering(1)
        window.AddObserver(vtk.vtkCommand.EndEvent, self._rendered)
        window.AddObserver(vtk.vtkCommand.CursorChangedEvent, self._cursor_changed)

    def sizeHint(self) -> QSize:
        return QSize(400, 300)

    def event(self, event: QEvent) -> bool:
        if event.type() in _HANDED_ON:
            if event.type() == QEvent.MouseButtonPress:
                self.setFocus()
            if self._bridge.hand_on(event, self.height(), self.devicePixelRatioF()):
                event.accept()
                return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        scale = self.devicePixelRatioF()
        width, height = round(self.width() * scale), round(self.height() * scale)
        window = self._view.render_window()
        window.SetDPI(round(72 * scale))
        vtk.vtkRenderWindow.SetSize(window, width, height)
        self._view.interactor().SetSize(width, height)
        self._view.interactor().ConfigureEvent()
        self._resized()
        self._stale = True
        self._view.schedule_render()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._stale:
            self._read_back()
        painter = QPainter(self)
        if self._picture.isNull():
            painter.fillRect(self.rect(), Qt.black)
        else:
            painter.drawImage(QRect(0, 0, self.width(), self.height()), self._picture)
        painter.end()

    def _rendered(self, *_: Any) -> None:
        if not sip.isdeleted(self):
            self._stale = True
            self.update()

    def _read_back(self) -> None:
        window = self._view.render_window()
        width, height = window.GetSize()
        if window.GetNeverRendered() or not width or not height:
            return
        window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._pixels)
        rows = vtk_to_numpy(self._pixels).reshape(height, width, 4)[::-1]
        self._picture = QImage(rows.tobytes(), width, height, QImage.Format_RGBX8888)
        self._stale = False

    def _cursor_changed(self, *_: Any) -> None:
        if not sip.isdeleted(self):
            shape = self._view.render_window().GetCurrentCursor()
            self.setCursor(_CURSORS.get(shape, Qt.ArrowCursor))
