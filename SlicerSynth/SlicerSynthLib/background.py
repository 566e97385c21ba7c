"""Work beside the interface: a function in a thread, asked now and then whether it is done.

The function must not touch MRML, nor Qt.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from SynthCore.errors import SynthCoreError


class Background:
    """One function, running; `take` gives its outcome on the caller's thread.

    Parameters
    ----------
    work : callable
        Without arguments.
    done : callable
        Called by `take` with what `work` gave.
    failed : callable
        Called by `take` with one sentence, if `work` raised.
    """

    def __init__(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[str], None]
    ) -> None:
        self._work, self._done, self._failed = work, done, failed
        self._value: Any = None
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether there is an outcome."""
        return not self._thread.is_alive()

    def take(self) -> None:
        """Deliver the outcome; wait for it where there is none yet."""
        self._thread.join()
        if self._trouble:
            self._failed(self._trouble)
        else:
            self._done(self._value)

    def _run(self) -> None:
        try:
            self._value = self._work()
        except SynthCoreError as error:
            self._trouble = str(error)
        except Exception as error:
            # the message may hold a path or a header: only its type is told
            self._trouble = f"It failed with an unexpected {type(error).__name__}; try again."
