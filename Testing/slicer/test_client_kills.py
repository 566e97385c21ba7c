"""Nothing is lost: the engine is killed at 50 random moments, and each time all goes on."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable

from SlicerSynthLib.endings import ENDED
from SynthCore.image import Image
from SynthCore.protocol import unpack
from Testing.slicer.client_fixtures import (
    REAL,
    Bench,
    Listener,
    a_volume,
    is_one_sentence,
    linux_only,
)

MakeBench = Callable[..., Bench]
pytestmark = linux_only  # SIGKILL; Windows ends a process tree in its own way

PHASES = ("start", "upload", "compute", "result")
REAL_MODEL = {"task": "mr-to-ct", "model": "mr-to-ct-bulk-density"}


def kill_once(bench: Bench, phase: str, wait: float, volume: Image, **body: object) -> bool:
    """Kill the engine in a phase of a request; whether the request ended by that.

    `wait` is the part of the phase (about 0 to 1) that passes before.
    """
    if phase == "start":
        bench.client.restart()
    elif bench.client.state != "ready":
        bench.ready()
    seconds = {"start": 0.0, "upload": 0.0, "compute": 0.3, "result": 0.0}[phase]
    made = len(bench.processes) + (phase == "start")
    _, heard = bench.submit(volume=volume, seconds=seconds, **body)
    if phase == "start":
        bench.until(lambda: len(bench.processes) == made)
        bench.poll_for(0.3 * wait)
    else:
        bench.until(lambda: bench.client.busy)
    if phase == "upload":
        time.sleep(0.02 * wait)
    elif phase == "compute":
        bench.until(lambda: bool(heard.events))
        bench.poll_for(0.3 * wait)
    elif phase == "result":
        time.sleep(0.02 + 0.05 * wait)
    killed = bench.pid
    os.kill(killed, signal.SIGKILL)
    bench.until(lambda: heard.ended)
    # a result may come before the end is seen; what is sent to a dying engine ends with it
    bench.until(lambda: bench.client.state != "ready" or bench.pid != killed)
    return by_kill(heard)


def by_kill(heard: Listener) -> bool:
    """Whether the one ending was told as the engine's; a result that was faster is whole."""
    assert len(heard.types) == 1, heard.types
    if heard.types == ["result"]:
        assert unpack(heard.last)  # not a part of one
        return False
    assert heard.types == ["error"]
    assert heard.last.body["kind"] == ENDED
    assert is_one_sentence(heard.last.body["message"])
    assert "SIGKILL" in heard.last.body["message"]
    return True


def test_the_tiny_engine_is_killed_at_42_moments(a_bench: MakeBench) -> None:
    bench = a_bench()
    chance = random.Random(20250101)  # noqa: S311 (a seed, not a secret)
    volume = a_volume((96, 256, 256))
    ended_by_kill = dict.fromkeys(PHASES, 0)
    for n in range(42):
        phase = PHASES[n % len(PHASES)]
        ended_by_kill[phase] += kill_once(bench, phase, chance.random(), volume)
        bench.works()
    # the moments were not all missed
    assert sum(ended_by_kill.values()) >= 15, ended_by_kill
    assert ended_by_kill["compute"] >= 5, ended_by_kill
    assert bench.log == [] or all(is_one_sentence(line) for line in bench.log)


def test_the_worker_is_killed_at_8_moments(a_bench: MakeBench) -> None:
    bench = a_bench(command=REAL)
    chance = random.Random(20250102)  # noqa: S311 (a seed, not a secret)
    volume = a_volume((48, 192, 192))
    ended_by_kill = 0
    for phase in (*PHASES, *PHASES):
        ended_by_kill += kill_once(bench, phase, chance.random(), volume, **REAL_MODEL)
        _, next_one = bench.submit(volume=a_volume((8, 32, 32)), **REAL_MODEL)
        bench.until(lambda next_one=next_one: next_one.ended)  # type: ignore[misc]
        assert next_one.types == ["result"], next_one.last
    assert ended_by_kill >= 3
