"""Progress with the time left, from the rate as measured; unknown until there is one."""

from __future__ import annotations

import time
from collections.abc import Callable

Tell = Callable[[float, str, float | None], None]
"""Called with the fraction done, the stage, and the seconds left where they are known."""

LEAST_SECONDS = 0.05
"""Between two events of one stage: a reader draws no faster."""

RATE_SECONDS = 0.3
"""A rate is known after so long: the first batches of a run are slower than the rest."""


class Reporter:
    """A `SynthCore.request.Progress` that leaves out events nobody could see."""

    def __init__(self, tell: Tell, clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._stage = ""
        self._began = (0.0, 0.0)
        self._told = 0.0

    def __call__(self, fraction: float, stage: str) -> None:
        """Tell of the fraction done and the stage."""
        now = self._clock()
        if stage != self._stage:
            self._stage, self._began = stage, (now, fraction)
        elif now - self._told < LEAST_SECONDS and fraction < 1:
            return
        self._told = now
        self._tell(fraction, stage, self._seconds_left(now, fraction))

    def _seconds_left(self, now: float, fraction: float) -> float | None:
        # from the end of the stage's first step: making ready is no part of the rate
        since, first = self._began
        if now - since < RATE_SECONDS or fraction <= first:
            return None
        return (now - since) / (fraction - first) * (1 - fraction)
