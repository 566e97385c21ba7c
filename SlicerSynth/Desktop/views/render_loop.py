"""Render views soon, once for many changes, and one at a time, from Qt's event loop."""

from __future__ import annotations

from functools import cache

from PyQt5.QtCore import QTimer
from trame_slicer.views import ScheduledRenderStrategy

_PAUSE_MS = 12


class Queue:
    """The views that wait for a picture; between two pictures Qt has its turn."""

    def __init__(self) -> None:
        self._waiting: list[QtRendering] = []
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._next)

    def add(self, one: QtRendering) -> None:
        if one not in self._waiting:
            self._waiting.append(one)
        if not self._timer.isActive():
            self._timer.start()

    def drop(self, one: QtRendering) -> None:
        if one in self._waiting:
            self._waiting.remove(one)

    def _next(self) -> None:
        if self._waiting:
            self._waiting.pop(0).draw()
        if self._waiting:
            self._timer.start()


@cache
def queue() -> Queue:
    """The one queue of all views."""
    return Queue()


class QtRendering(ScheduledRenderStrategy):
    """Puts its view into the queue when a picture is wanted."""

    def schedule_render(self) -> None:
        queue().add(self)

    def did_render(self) -> None:
        queue().drop(self)

    def draw(self) -> None:
        if self.abstract_view is not None:
            self.abstract_view.render()
