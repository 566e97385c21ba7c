"""Render a view soon, and once for many changes, from Qt's event loop."""

from __future__ import annotations

from PyQt5.QtCore import QTimer
from trame_slicer.views import ScheduledRenderStrategy

_PAUSE_MS = 15


class QtRendering(ScheduledRenderStrategy):
    """Collects the wishes for a picture and draws it when Qt is idle."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._draw)

    def schedule_render(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def did_render(self) -> None:
        self._timer.stop()

    def _draw(self) -> None:
        if self.abstract_view is not None:
            self.abstract_view.render()
