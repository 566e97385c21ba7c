"""How long a job will still take, from its own rate; until that is known, as the engine tells."""

from __future__ import annotations

import time
from collections.abc import Callable

LEAST_SECONDS = 1.5
LEAST_FRACTION = 0.03
"""A rate is known after so long and so far: first steps are no measure of the rest."""


class TimeLeft:
    """Of one job.

    The engine tells the rate of a stage, and none where a stage is but a step or two. Here the
    rate is that of all its stages; what lies before the first step's end, such as waiting for
    another job and loading programs, is no part of it.

    Parameters
    ----------
    clock : callable
        Seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: tuple[float, float] | None = None

    def at(self, fraction: float, told: float | None) -> float | None:
        """Seconds left where so much is done, None while nobody knows.

        Parameters
        ----------
        fraction : float
            Done of the whole, 0 to 1.
        told : float or None
            Seconds left as the engine has it.
        """
        if fraction <= 0:
            return told
        now = self._clock()
        if self._began is None:
            self._began = now, fraction
        since, first = self._began
        if now - since < LEAST_SECONDS or fraction - first < LEAST_FRACTION:
            return told
        return (now - since) / (fraction - first) * max(1 - fraction, 0.0)
