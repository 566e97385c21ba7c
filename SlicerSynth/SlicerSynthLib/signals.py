"""A signal without Qt: whoever is connected is called, in order, when it is emitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Signal:
    """A list of callables; `emit` calls each with its arguments."""

    def __init__(self) -> None:
        self._slots: list[Callable[..., None]] = []

    def connect(self, slot: Callable[..., None]) -> None:
        """Call `slot` on every emission; connecting it twice counts once."""
        if slot not in self._slots:
            self._slots.append(slot)

    def disconnect(self, slot: Callable[..., None]) -> None:
        """Call `slot` no more; nothing happens if it was not connected."""
        if slot in self._slots:
            self._slots.remove(slot)

    def emit(self, *arguments: Any) -> None:
        """Call every slot; one that disconnects another does not disturb the rest."""
        for slot in tuple(self._slots):
            slot(*arguments)
