"""A real `synthcore worker` and a plain client for it."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from SynthCore.image import Image
from SynthCore.protocol import LAST_EVENTS, Message, pack, read_all, write

COMMAND = [sys.executable, "-m", "SynthCore.cli.main", "worker"]
PATIENCE = 120.0


class Worker:
    """The process, its events in order, and requests numbered one after another."""

    def __init__(self, **environment: str) -> None:
        self.process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | environment,
        )
        self._events: queue.Queue[Message | None] = queue.Queue()
        self._number = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(Exception):
            for message in read_all(self.process.stdout):
                self._events.put(message)
        self._events.put(None)

    def send(self, kind: str, body: Mapping[str, Any] | None = None, **volumes: Image) -> int:
        """Send a request and give its id."""
        assert self.process.stdin is not None
        self._number += 1
        entries, payload = pack(volumes)
        given = dict(body or {}) | ({"volumes": entries} if volumes else {})
        write(self.process.stdin, Message(kind, self._number, given), payload)
        return self._number

    def next(self, seconds: float = PATIENCE) -> Message | None:
        """The next event, None at the end of the output."""
        return self._events.get(timeout=seconds)

    def until(self, *numbers: int, seconds: float = PATIENCE) -> dict[int, list[Message]]:
        """Events of these requests until each has its last one."""
        found: dict[int, list[Message]] = {n: [] for n in numbers}
        while not all(e and e[-1].type in LAST_EVENTS for e in found.values()):
            event = self.next(seconds)
            assert event is not None, f"the worker ended: {self.errors()}"
            found[event.id].append(event)
        return found

    def ask(self, kind: str, body: Mapping[str, Any] | None = None, **volumes: Image) -> Message:
        """Send a request and give its last event."""
        number = self.send(kind, body, **volumes)
        return self.until(number)[number][-1]

    def errors(self) -> str:
        """What an ended process wrote to stderr."""
        assert self.process.stderr is not None
        self.process.wait(PATIENCE)
        return self.process.stderr.read().decode()

    def end(self) -> int:
        """Close its input and wait; the exit code."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def a_worker(**environment: str) -> Iterator[Worker]:
    """A worker that is gone afterwards, whatever happened."""
    worker = Worker(**environment)
    try:
        yield worker
    finally:
        worker.process.kill()
        worker.process.wait()
        for stream in (worker.process.stdin, worker.process.stdout, worker.process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
