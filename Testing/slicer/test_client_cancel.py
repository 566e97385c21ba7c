"""A cancel is answered within a second, whatever the engine makes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from SlicerSynthLib.client import PATIENCE
from Testing.slicer.client_fixtures import Bench, a_volume, is_alive, linux_only

MakeBench = Callable[..., Bench]
LOADED = 20.0
"""How much longer a machine may take that has other things to do."""


def test_a_queued_request_is_dropped(a_bench: MakeBench) -> None:
    bench = a_bench()
    _, running = bench.submit(seconds=0.5)
    ticket, queued = bench.submit()
    _, behind = bench.submit()
    bench.until(lambda: bench.client.busy)
    bench.client.cancel(ticket)
    assert bench.until(lambda: queued.ended) < 0.5, "the running one takes as long"
    bench.until(lambda: behind.ended)
    assert queued.types == ["cancelled"]
    assert running.types == behind.types == ["result"]


def test_an_engine_that_stops_when_asked_stays(a_bench: MakeBench) -> None:
    bench = a_bench()
    ticket, heard = bench.submit(seconds=30)
    bench.until(lambda: bool(heard.events))
    bench.client.cancel(ticket)
    assert bench.until(lambda: heard.ended) < PATIENCE * LOADED
    bench.works()
    assert heard.types == ["cancelled"]
    assert len(bench.processes) == 1


def test_an_engine_that_does_not_stop_is_ended(a_bench: MakeBench) -> None:
    bench = a_bench("--deaf")
    ticket, heard = bench.submit(seconds=60)
    _, next_one = bench.submit()
    bench.until(lambda: bool(heard.events))
    first = bench.pid
    bench.client.cancel(ticket)
    bench.client.cancel(ticket)
    seconds = bench.until(lambda: heard.ended)
    assert 0.9 * PATIENCE < seconds < PATIENCE * LOADED
    bench.until(lambda: next_one.ended)
    assert heard.types == ["cancelled"]
    assert next_one.types == ["result"]
    assert len(bench.processes) == 2
    assert not is_alive(first)


def test_a_question_is_asked_again_of_the_next_engine(a_bench: MakeBench) -> None:
    bench = a_bench()
    ticket, heard = bench.submit(do="stop reading", seconds=60)
    bench.until(lambda: bench.client.busy)
    _, models = bench.submit("models")
    bench.poll_for(0.1)
    bench.client.cancel(ticket)
    bench.until(lambda: heard.ended and models.ended)
    assert heard.types == ["cancelled"]
    assert models.types == ["result"]
    assert len(bench.processes) == 2


@linux_only
def test_what_the_engine_started_ends_with_it(a_bench: MakeBench, tmp_path: Path) -> None:
    number = tmp_path / "child"
    bench = a_bench("--deaf", "--child", str(number))
    ticket, heard = bench.submit(seconds=60)
    bench.until(lambda: bench.client.busy and number.exists())
    child = int(number.read_text())
    assert is_alive(child)
    bench.client.cancel(ticket)
    bench.until(lambda: heard.ended)
    bench.until(lambda: not is_alive(child), 5)


@linux_only
def test_closing_ends_the_tree(a_bench: MakeBench, tmp_path: Path) -> None:
    number = tmp_path / "child"
    bench = a_bench("--child", str(number))
    bench.ready()
    bench.until(number.exists)
    engine, child = bench.pid, int(number.read_text())
    bench.client.close()
    end = time.monotonic() + 5
    while (is_alive(engine) or is_alive(child)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not is_alive(engine)
    assert not is_alive(child)


def test_a_cancel_during_the_upload_is_answered_too(a_bench: MakeBench) -> None:
    bench = a_bench()
    bench.ready()
    _, blocker = bench.submit(do="stop reading")
    bench.until(lambda: blocker.ended)
    ticket, heard = bench.submit(volume=a_volume((64, 512, 512)), seconds=30)
    bench.until(lambda: bench.client.busy)
    bench.client.cancel(ticket)
    assert bench.until(lambda: heard.ended) < PATIENCE * LOADED
    assert heard.types == ["cancelled"]
    bench.works()


def test_a_result_that_crosses_the_cancel_is_not_delivered(a_bench: MakeBench) -> None:
    bench = a_bench()
    bench.ready()
    ticket, heard = bench.submit()
    bench.client.poll()
    time.sleep(0.5)  # the result lies in the inbox, unseen
    bench.client.cancel(ticket)
    bench.until(lambda: heard.ended)
    bench.poll_for(0.1)
    assert heard.types == ["cancelled"]
    bench.works()
    assert len(bench.processes) == 1


@pytest.mark.parametrize("number", [0, 10_000])
def test_cancelling_what_is_not_there_does_nothing(a_bench: MakeBench, number: int) -> None:
    bench = a_bench()
    bench.client.cancel(number)
    bench.works()


def test_a_request_that_waits_for_the_first_start_can_be_cancelled(a_bench: MakeBench) -> None:
    bench = a_bench("--mute")
    ticket, heard = bench.submit()
    bench.poll_for(0.1)
    assert bench.client.state == "starting"
    bench.client.cancel(ticket)
    assert bench.until(lambda: heard.ended) < PATIENCE * LOADED
    assert heard.types == ["cancelled"]
