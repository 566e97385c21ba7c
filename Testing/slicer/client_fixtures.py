"""Clients of a tiny engine and of the real one, and what their owners hear."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from SlicerSynthLib.client import WorkerClient
from SlicerSynthLib.process import PipeProcess
from SlicerSynthLib.settings import default_command
from SynthCore.image import Image, make_affine
from SynthCore.protocol import LAST_EVENTS, Message

TINY = [sys.executable, str(Path(__file__).with_name("tiny_engine.py"))]
REAL = default_command(sys.executable)
LIMIT = 60.0
"""Seconds after which something that should happen has not."""


class Listener:
    """Keeps the events of one request."""

    def __init__(self) -> None:
        self.events: list[Message] = []

    def __call__(self, event: Message) -> None:
        self.events.append(event)

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events if event.type != "progress"]

    @property
    def ended(self) -> bool:
        return any(event.type in LAST_EVENTS for event in self.events)

    @property
    def last(self) -> Message:
        return self.events[-1]


class Bench:
    """A client, the processes it made and what it logged."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.processes: list[PipeProcess] = []
        self.log: list[str] = []
        self.client = WorkerClient(lambda: self.command, self._make, log=self.log.append)

    def _make(self) -> PipeProcess:
        self.processes.append(PipeProcess())
        return self.processes[-1]

    @property
    def pid(self) -> int:
        pid = self.processes[-1].pid
        assert pid is not None
        return pid

    def submit(
        self, kind: str = "synthesize", volume: Image | None = None, **body: object
    ) -> tuple[int, Listener]:
        listener = Listener()
        volumes = None if volume is None else {"T1": volume}
        return self.client.submit(kind, body, volumes, listener), listener

    def until(self, condition: Callable[[], bool], seconds: float = LIMIT) -> float:
        """Poll until something is so; the seconds it took."""
        start = time.monotonic()
        while not condition():
            assert time.monotonic() - start < seconds, "it did not happen"
            self.client.poll()
            time.sleep(0.005)
        return time.monotonic() - start

    def poll_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.client.poll()
            time.sleep(0.005)

    def ready(self) -> None:
        """Have a warm engine."""
        _, hello = self.submit("hello")
        self.until(lambda: hello.ended)
        assert hello.types == ["result"]

    def works(self) -> None:
        """The next request succeeds."""
        _, next_one = self.submit()
        self.until(lambda: next_one.ended)
        assert next_one.types == ["result"], next_one.last


@pytest.fixture
def a_bench() -> Iterator[Callable[..., Bench]]:
    """Makes a client of the tiny engine with some options, or of a command."""
    made: list[Bench] = []

    def make(*options: str, command: list[str] | None = None) -> Bench:
        made.append(Bench([*(command or TINY), *options]))
        return made[-1]

    yield make
    for bench in made:
        bench.client.close()


def a_volume(shape: tuple[int, int, int] = (4, 5, 6), modality: str = "T1") -> Image:
    rng = np.random.default_rng(3)
    voxels = rng.gamma(2.0, 100.0, shape).astype(np.float32)
    return Image(voxels, make_affine((1.0, 1.0, 2.0), (-10.0, 20.0, 30.0)), modality)


def is_one_sentence(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Z][^\n]*\.", text)) and ". " not in text


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def children() -> set[int]:
    """Processes whose parent is this one, the dead ones that nobody reaped among them."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            found.add(int(stat.parent.name))
    return found
