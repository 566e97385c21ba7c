"""Work that takes a while, away from the thread that draws; the result comes back to it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PyQt5.QtCore import QObject, QTimer

_LOOK_MS = 25


class Background(QObject):
    """One helper thread; a timer of Qt's hands results on. The work touches neither Qt nor MRML."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading")
        self._waiting: list[tuple[Future[Any], Callable[[Any], None], Callable[..., None]]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Work on the helper thread, then call `done` or `failed` on this one."""
        self._waiting.append((self._pool.submit(work), done, failed))
        self._timer.start()

    def drop(self) -> None:
        """Forget what has not come; what runs ends by itself."""
        self._timer.stop()
        for future, _, _ in self._waiting:
            future.cancel()
        self._waiting.clear()

    def close(self) -> None:
        """Forget everything, for good."""
        self.drop()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look(self) -> None:
        while self._waiting and self._waiting[0][0].done():
            future, done, failed = self._waiting.pop(0)
            error = future.exception()
            if isinstance(error, Exception):
                failed(error)
            elif error is None:
                done(future.result())
        if not self._waiting:
            self._timer.stop()
