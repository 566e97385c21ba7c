"""When a view has painted what one waits for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import slicer
import vtk
from PyQt5.QtCore import QEvent, QObject


class Painted(QObject):
    """Notes when a view first painted a picture that was rendered while something was so.

    Parameters
    ----------
    view : str
        Of a slice view.
    so : callable
        Asked after each rendering.
    """

    def __init__(self, view: str, so: Callable[[], bool]) -> None:
        super().__init__()
        self.at = 0.0
        self._so, self._rendered = so, False
        self._canvas = slicer.app.layoutManager().sliceWidget(view).sliceView()
        self._canvas.installEventFilter(self)
        window = self._canvas.renderWindow()
        self._tag = window.AddObserver(vtk.vtkCommand.EndEvent, self._on_rendered)

    def release(self) -> None:
        """Look no longer."""
        self._canvas.removeEventFilter(self)
        self._canvas.renderWindow().RemoveObserver(self._tag)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        if event.type() == QEvent.Paint and self._rendered and not self.at:
            self.at = time.perf_counter()
        return False

    def _on_rendered(self, *_: Any) -> None:
        self._rendered = self._so()
