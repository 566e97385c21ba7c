"""The tile that memory would hold, for the run that it did not hold and for no other."""

from __future__ import annotations

from typing import Any

from SlicerSynthLib.automatic import look_of
from SlicerSynthLib.jobs import Job
from SlicerSynthLib.orders import Order


class SmallerTiles:
    """Remembers one run that ran out of memory: its model, its inputs and its device."""

    def __init__(self) -> None:
        self._about: tuple[Any, ...] = ()
        self._tile: int | None = None

    def take(self, job: Job) -> bool:
        """Take what a job that ran out of memory says would fit; whether the next can use it."""
        if not job.fits or job.order is None:
            return False
        self._about, self._tile = _about(job.order), min(job.fits[1:])
        return True

    def tile_for(self, order: Order) -> int | None:
        """The tile for a run, None where nothing speaks against the model's own."""
        return self._tile if self._about and _about(order) == self._about else None

    def forget(self) -> None:
        """Another scene or another engine: what fitted there says nothing here."""
        self._about, self._tile = (), None


def _about(order: Order) -> tuple[Any, ...]:
    return order.model, order.options.device, look_of(order)
