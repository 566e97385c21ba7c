"""Requests go out in order, events come back to whoever asked, and nobody waits."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest

from SynthCore.protocol import Message, unpack
from Testing.slicer.client_fixtures import Bench, Listener, a_volume
from Testing.slicer.heartbeat import LONGEST_GAP, LOOSE

MakeBench = Callable[..., Bench]


def test_a_volume_goes_to_the_engine_and_back(a_bench: MakeBench) -> None:
    bench = a_bench()
    volume = a_volume()
    ticket, heard = bench.submit(volume=volume, seconds=0.1, task="mr-to-ct")
    bench.until(lambda: heard.ended)
    assert heard.types == ["result"]
    assert heard.events[0].type == "progress"
    assert all(event.id == ticket for event in heard.events)
    back = unpack(heard.last)["T1"]
    assert np.array_equal(back.voxels, volume.voxels)
    assert np.array_equal(back.affine, volume.affine)


def test_the_engine_starts_when_it_is_needed_and_stays(a_bench: MakeBench) -> None:
    bench = a_bench()
    bench.poll_for(0.05)
    assert bench.client.state == "idle"
    assert bench.processes == []
    for _ in range(3):
        bench.works()
    assert bench.client.state == "ready"
    assert len(bench.processes) == 1
    assert bench.client.greeting["pid"] == bench.pid


def test_computations_run_one_after_another_in_their_order(a_bench: MakeBench) -> None:
    bench = a_bench()
    order: list[tuple[str, object]] = []

    def hear(event: Message) -> None:
        order.append((event.type, event.body.get("n")))

    kinds = ["synthesize", "preview", "evaluate", "synthesize"]
    for n, kind in enumerate(kinds):
        bench.client.submit(kind, {"n": n, "seconds": 0.05}, None, hear)
    assert (bench.client.busy, bench.client.queued) == (False, 4)
    bench.until(lambda: bench.client.busy)
    assert bench.client.queued == 3
    bench.until(lambda: sum(kind == "result" for kind, _ in order) == 4)
    assert [n for kind, n in order if kind == "result"] == [0, 1, 2, 3]
    assert (bench.client.busy, bench.client.queued) == (False, 0)


def test_a_question_is_answered_while_a_computation_runs(a_bench: MakeBench) -> None:
    bench = a_bench()
    _, long_one = bench.submit(seconds=30)
    _, waiting = bench.submit()
    bench.until(lambda: bench.client.busy)
    _, models = bench.submit("models", task="mr-to-ct")
    _, hello = bench.submit("hello")
    bench.until(lambda: models.ended and hello.ended)
    assert models.types == hello.types == ["result"]
    assert not long_one.ended
    assert not waiting.events


def test_progress_that_was_overtaken_is_not_told(a_bench: MakeBench) -> None:
    bench = a_bench()
    bench.ready()
    _, heard = bench.submit(do="many")
    bench.client.poll()
    time.sleep(1.0)
    bench.until(lambda: heard.ended)
    assert heard.types == ["result"]
    assert 1 <= len(heard.events) < 500
    fractions = [event.body["fraction"] for event in heard.events[:-1]]
    assert fractions == sorted(fractions)


def test_a_handler_that_fails_costs_the_others_nothing(a_bench: MakeBench) -> None:
    bench = a_bench()

    def fail(event: Message) -> None:
        raise RuntimeError("/home/someone/Patient Name")

    bench.client.submit("synthesize", {}, None, fail)
    _, heard = bench.submit()
    bench.until(lambda: heard.ended)
    assert heard.types == ["result"]
    (line,) = bench.log
    assert "RuntimeError" in line
    assert "test_client.py" in line
    assert "Patient" not in line


def test_handlers_may_submit_cancel_and_poll(a_bench: MakeBench) -> None:
    bench = a_bench()
    second = Listener()

    def hear(event: Message) -> None:
        bench.client.poll()
        bench.client.submit("synthesize", {}, None, second)

    bench.client.submit("synthesize", {}, None, hear)
    bench.until(lambda: second.ended)
    assert second.types == ["result"]


def test_closing_ends_every_request_and_refuses_new_ones(a_bench: MakeBench) -> None:
    bench = a_bench()
    _, running = bench.submit(seconds=30)
    _, waiting = bench.submit()
    bench.until(lambda: bench.client.busy)
    bench.client.close()
    bench.client.close()
    bench.client.poll()
    assert running.types == waiting.types == ["cancelled"]
    assert bench.client.state == "closed"
    with pytest.raises(RuntimeError):
        bench.submit()


def test_a_handler_may_close_the_client(a_bench: MakeBench) -> None:
    bench = a_bench()
    bench.client.submit("hello", {}, None, lambda event: bench.client.close())
    _, other = bench.submit(seconds=30)
    bench.until(lambda: bench.client.state == "closed")
    assert other.types == ["cancelled"]


def test_restarting_takes_the_new_command(a_bench: MakeBench) -> None:
    bench = a_bench("--protocol", "1")
    _, running = bench.submit(seconds=30)
    bench.until(lambda: bench.client.busy)
    _, question = bench.submit("models")
    old = bench.pid
    bench.command = bench.command[:-2]
    bench.client.restart()
    bench.until(lambda: running.ended and question.ended)
    assert running.types == ["cancelled"]
    assert question.types == ["result"]
    assert bench.pid != old


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [("shutdown", {}, ValueError), ("synthesize", {"x": object()}, TypeError)],
)
def test_what_cannot_be_sent_is_refused_at_once(
    a_bench: MakeBench, kind: str, body: dict[str, object], error: type[Exception]
) -> None:
    bench = a_bench()
    with pytest.raises(error):
        bench.client.submit(kind, body)
    assert bench.client.queued == 0


def test_polling_an_idle_client_is_cheap(a_bench: MakeBench) -> None:
    bench = a_bench()
    bench.ready()
    seconds = []
    for _ in range(500):
        start = time.perf_counter()
        bench.client.poll()
        seconds.append(time.perf_counter() - start)
    assert statistics.median(seconds) < 1e-3


def test_submitting_a_large_volume_does_not_wait_for_it(a_bench: MakeBench) -> None:
    bench = a_bench()
    bench.ready()
    volume = a_volume((64, 512, 512))
    longest = 0.0
    _, heard = bench.submit(volume=volume)
    while not heard.ended:
        start = time.perf_counter()
        bench.client.poll()
        longest = max(longest, time.perf_counter() - start)
        time.sleep(0.01)
    assert heard.types == ["result"]
    assert longest < LOOSE * LONGEST_GAP
