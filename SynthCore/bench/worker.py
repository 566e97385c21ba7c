"""What the worker adds to the engine: time from a click to a picture, of a preview, of a cancel.

Through a real worker process and its pipes, warm: the network is loaded and compiled, and every
run has voxels the worker has not seen (a limb-like body, `SynthCore.bench.phantom`).
"""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, BinaryIO, cast

from SynthCore.bench.phantom import body_phantom
from SynthCore.errors import ComputationError
from SynthCore.image import Image
from SynthCore.models.bundle import METADATA, read_json
from SynthCore.models.library import find_bundle
from SynthCore.protocol import LAST_EVENTS, Message, pack, read_all, unpack, write
from SynthCore.request import Progress

SHAPE = (128, 256, 256)
CANCELS = (0.05, 0.3, 0.6)
"""Fractions of a run at which it is cancelled."""


@dataclass(frozen=True)
class Figures:
    """Medians over the runs, in seconds; the longest of the cancels.

    Attributes
    ----------
    whole : float
        From the click to the voxels at hand.
    engine : float
        The engine's own time for it, in the same worker.
    overhead : float
        Median of `whole` over `engine`, run by run.
    first_preview, next_preview : float
        Of a volume the worker has not seen, and of another slice of it.
    first_speedup, next_speedup : float
        Of `whole` over the previews.
    cancel : float
        From the request to its ``cancelled`` event.
    """

    model: str
    shape: tuple[int, int, int]
    runs: int
    whole: float
    engine: float
    overhead: float
    first_preview: float
    next_preview: float
    first_speedup: float
    next_speedup: float
    cancel: float


def measure(
    model: str,
    *,
    shape: tuple[int, int, int] = SHAPE,
    runs: int = 3,
    progress: Progress | None = None,
) -> Figures:
    """Time a network through the worker.

    Parameters
    ----------
    model : str
        Id of a network with one input.
    shape : tuple of int
        Of the volume, [k, j, i].
    runs : int
        Whole runs, each with its own voxels.

    Raises
    ------
    ComputationError
        If the worker does not answer as it should.
    """
    bundle = find_bundle(model)
    role = bundle.card.inputs[0]
    steps = 2 * runs + 1
    tell = progress or (lambda fraction, stage: None)
    with unchecked(bundle.folder) as folder, _Client() as client:
        body = {"task": bundle.card.task, "model": str(folder)}
        images = [body_phantom(role, shape, seed) for seed in range(2 * runs + 1)]
        client.ask("synthesize", body, {role: images[0]})
        whole, engine = [], []
        for n, image in enumerate(images[1 : runs + 1]):
            tell((1 + n) / steps, "whole volume")
            seconds, event = client.ask("synthesize", body, {role: image})
            whole.append(seconds)
            engine.append(float(event.body["engine_seconds"]))
        first: list[float] = []
        following: list[float] = []
        for n, image in enumerate(images[runs + 1 :]):
            tell((1 + runs + n) / steps, "preview")
            for found, k in ((first, shape[0] // 2), (following, shape[0] // 3)):
                point = [float(v) for v in (image.affine @ (0, 0, k, 1))[:3]]
                found.append(client.ask("preview", body | {"point": point}, {role: image})[0])
        tell(2 * runs / steps, "cancel")
        cancels = [client.cancel(body, {role: images[0]}, at) for at in CANCELS]
    return Figures(
        model,
        shape,
        runs,
        median(whole),
        median(engine),
        median(a / b for a, b in zip(whole, engine, strict=True)),
        median(first),
        median(following),
        median(whole) / median(first),
        median(whole) / median(following),
        max(cancels),
    )


@contextmanager
def unchecked(folder: Path) -> Iterator[Path]:
    """The model without what its checks compare an input with: no phantom looks like a patient."""
    with tempfile.TemporaryDirectory(prefix="synthcore-bench-") as place:
        copy = Path(place) / f"{folder.name}-unchecked"
        shutil.copytree(folder, copy)
        metadata = read_json(copy / METADATA)
        metadata["name"] = metadata["synthcore"]["id"] = copy.name
        for name in ("input_statistics", "spacing_range_mm"):
            metadata["synthcore"].pop(name, None)
        (copy / METADATA).write_text(json.dumps(metadata), encoding="utf-8")
        yield copy


class _Client:
    """A worker process, and one thread that reads its events."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "SynthCore.cli.main", "worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._events: queue.Queue[Message | None] = queue.Queue()
        self._number = 0
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *error: object) -> None:
        self._send("shutdown", {})
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def ask(
        self, kind: str, body: Mapping[str, Any], volumes: Mapping[str, Image]
    ) -> tuple[float, Message]:
        """Seconds from the click to the voxels at hand, and the result."""
        started = time.perf_counter()
        number = self._send(kind, body, volumes)
        event = self._last(number)
        if event.type != "result":
            raise ComputationError(f"The worker answered: {event.body.get('message')}")
        unpack(event)
        return time.perf_counter() - started, event

    def cancel(self, body: Mapping[str, Any], volumes: Mapping[str, Image], at: float) -> float:
        """Seconds until a run that is cancelled at a fraction says so."""
        number = self._send("synthesize", body, volumes)
        while True:
            event = self._next()
            if event.body.get("stage") == "synthesize" and event.body["fraction"] >= at:
                break
        started = time.perf_counter()
        self._send("cancel", {"request": number})
        if self._last(number).type != "cancelled":
            raise ComputationError("The worker did not cancel.")
        return time.perf_counter() - started

    def _send(
        self, kind: str, body: Mapping[str, Any], volumes: Mapping[str, Image] | None = None
    ) -> int:
        self._number += 1
        entries, payload = pack(volumes or {})
        message = Message(kind, self._number, {**body, "volumes": entries})
        write(cast(BinaryIO, self._process.stdin), message, payload)
        return self._number

    def _last(self, number: int) -> Message:
        while True:
            event = self._next()
            if event.id == number and event.type in LAST_EVENTS:
                return event

    def _next(self) -> Message:
        event = self._events.get()
        if event is None:
            raise ComputationError("The worker ended before its answer.")
        return event

    def _read(self) -> None:
        try:
            for message in read_all(cast(BinaryIO, self._process.stdout)):
                self._events.put(message)
        finally:
            self._events.put(None)
