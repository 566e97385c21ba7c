"""One thread that computes, one request after another; any of them can be cancelled."""

from __future__ import annotations

import queue
import threading

from SynthCore.protocol import CANCELLED, Message
from SynthCore.request import Cancelled
from SynthCore.worker.computations import Computations
from SynthCore.worker.failures import event_of
from SynthCore.worker.outbox import Outbox
from SynthCore.worker.reporter import Reporter


class Computer:
    """Computes what it is given; every request ends with exactly one last event."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._requests: queue.Queue[Message | None] = queue.Queue()
        self._cancels: dict[int, threading.Event] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="computer", daemon=True)
        self._thread.start()

    def add(self, message: Message) -> bool:
        """Put a request at the end of the queue; false if one of that id is under way."""
        with self._lock:
            if message.id in self._cancels:
                return False
            self._cancels[message.id] = threading.Event()
        self._requests.put(message)
        return True

    def cancel(self, number: int) -> None:
        """Ask for a request to stop; nothing happens if it is not under way."""
        with self._lock:
            asked = self._cancels.get(number)
        if asked is not None:
            asked.set()

    def stop(self, seconds: float) -> bool:
        """Cancel everything and wait; true if the thread ended within `seconds`."""
        with self._lock:
            for asked in self._cancels.values():
                asked.set()
        self._requests.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        computations = Computations()
        while (message := self._requests.get()) is not None:
            self._answer(computations, message)
            del message  # its voxels, while waiting for the next

    def _answer(self, computations: Computations, message: Message) -> None:
        number = message.id
        asked = self._cancels[number]

        def tell(fraction: float, stage: str, seconds_left: float | None) -> None:
            body = {"fraction": fraction, "stage": stage, "seconds_left": seconds_left}
            self._outbox.send("progress", number, body)

        kind, body, payload = "cancelled", {"message": CANCELLED}, None
        if not asked.is_set():
            try:
                answer = computations.answer(message, Reporter(tell), self._cancelled(asked))
                kind, body, payload = "result", answer.body, answer.payload
            except BaseException as error:  # whatever it is, the thread lives on and tells
                kind, body = event_of(error)
        with self._lock:
            del self._cancels[number]
        try:
            self._outbox.send(kind, number, body, payload)
        except Exception as error:  # an answer that cannot be told: that is told
            kind, body = event_of(error)
            self._outbox.send(kind, number, body)

    def _cancelled(self, asked: threading.Event) -> Cancelled:
        return lambda: asked.is_set() or self._outbox.broken.is_set()
