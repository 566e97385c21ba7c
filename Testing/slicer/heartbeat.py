"""How long a window would have stood still: a beat every 20 ms, and the gaps between them.

The strict bound is the module's promise and belongs into a bench on a machine that does nothing
else; a test on a busy one allows `LOOSE` times as much.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

INTERVAL = 0.020
LONGEST_GAP = 0.100
LOOSE = 10


@dataclass
class Heartbeat:
    """Seconds between one beat and the next; `beat` is what a timer calls.

    A `QTimer` of `INTERVAL` connected to `beat` measures a real event loop.
    """

    gaps: list[float] = field(default_factory=list)
    _last: float | None = None

    def beat(self) -> None:
        now = time.perf_counter()
        if self._last is not None:
            self.gaps.append(now - self._last)
        self._last = now

    @property
    def longest(self) -> float:
        return max(self.gaps, default=0.0)

    def at(self, fraction: float) -> float:
        """The gap that this fraction of gaps does not exceed."""
        ordered = sorted(self.gaps)
        return ordered[min(int(fraction * len(ordered)), len(ordered) - 1)]

    def __str__(self) -> str:
        return (
            f"{len(self.gaps)} beats, gaps: median {1e3 * self.at(0.5):.1f} ms, "
            f"99% {1e3 * self.at(0.99):.1f} ms, longest {1e3 * self.longest:.1f} ms"
        )


def measure_heartbeat(
    step: Callable[[], object], done: Callable[[], bool], limit: float = 120.0
) -> Heartbeat:
    """Call `step` every 20 ms, as a timer of a window would, until `done`.

    A step that is late is not made up for, as a timer of Qt's is not.
    """
    heart = Heartbeat()
    end = time.perf_counter() + limit
    heart.beat()
    while not done():
        assert time.perf_counter() < end, "it did not end"
        due = time.perf_counter() + INTERVAL
        step()
        time.sleep(max(0.0, due - time.perf_counter()))
        heart.beat()
    return heart
