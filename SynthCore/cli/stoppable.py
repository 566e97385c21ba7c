"""The first Ctrl+C asks a computation to stop where it can go on later; the second stops it."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from SynthCore.request import Cancelled

HANG_UP: signal.Signals | None = getattr(signal, "SIGHUP", None)
"""Of a terminal that was closed or a connection that was lost; Windows has none."""

ASKED_WITHIN_S = 20.0
"""A computation that has not asked for so long hears of no wish: it is stopped at once."""


class _Wish:
    """Whether to stop, for a computation that asks between two steps."""

    def __init__(self) -> None:
        self.wanted = False
        self.asked = float("-inf")

    def __call__(self) -> bool:
        self.asked = time.monotonic()
        return self.wanted

    def take(self, number: int, frame: FrameType | None) -> None:
        """A signal's handler."""
        if self.wanted or time.monotonic() - self.asked > ASKED_WITHIN_S:
            raise KeyboardInterrupt
        self.wanted = True


@contextmanager
def stoppable() -> Iterator[Cancelled]:
    """A callable that turns true with the first SIGINT, SIGTERM or SIGHUP; the second interrupts.

    Handlers are those of before at the end. Outside of the main thread, where there are no
    handlers, it never turns true.
    """
    wish = _Wish()
    if threading.current_thread() is not threading.main_thread():
        yield wish
        return
    # one that is ignored stays so: of a job in the background, Ctrl+C is another's
    known = (signal.SIGINT, signal.SIGTERM, *(() if HANG_UP is None else (HANG_UP,)))
    heard = [s for s in known if signal.getsignal(s) != signal.SIG_IGN]
    before = {one: signal.signal(one, wish.take) for one in heard}
    try:
        yield wish
    finally:
        for one, handler in before.items():
            signal.signal(one, handler or signal.SIG_DFL)
