"""Events on their way out, from any thread, one whole frame after another."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from SynthCore.protocol import Buffer, Message, write


class Outbox:
    """Writes events to a stream; after the reader has gone, into nothing."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self.broken = threading.Event()

    def send(
        self,
        kind: str,
        number: int,
        body: Mapping[str, Any],
        payload: Iterable[Buffer] | None = None,
    ) -> None:
        """Write one event of a request; `broken` is set if nobody reads it."""
        if self.broken.is_set():
            return
        try:
            with self._lock:
                write(self._stream, Message(kind, number, body), payload)
        except (OSError, ValueError):  # the reader closed its end, or it was closed here
            self.broken.set()
