"""Whatever becomes of the engine: one ending, one sentence, and a fresh engine if there can be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from SlicerSynthLib.endings import ENDED, MISSING
from SlicerSynthLib.engine import GREETING_LIMIT
from SlicerSynthLib.process import PipeProcess
from Testing.slicer.client_fixtures import (
    TINY,
    Bench,
    Listener,
    a_volume,
    children,
    is_one_sentence,
    linux_only,
)

MakeBench = Callable[..., Bench]


def error_of(heard: Listener) -> tuple[str, str]:
    assert heard.types == ["error"]
    body = heard.last.body
    assert is_one_sentence(body["message"]), body["message"]
    return body["kind"], body["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"do": "exit", "code": 3},
        {"do": "exit", "code": 0},
        {"do": "stop within a message", "bytes": 7},
        {"do": "stop within a message", "bytes": 40},
        {"do": "stop within a message", "bytes": 50_000},
        {"do": "close stdout"},
        {"do": "print"},
    ],
    ids=lambda body: "-".join(str(v) for v in body.values()),
)
def test_a_crash_ends_its_request_and_the_next_has_a_fresh_engine(
    a_bench: MakeBench, body: dict[str, object]
) -> None:
    bench = a_bench()
    bench.ready()
    _, heard = bench.submit(**body)
    _, next_one = bench.submit()
    bench.until(lambda: heard.ended and next_one.ended)
    kind, message = error_of(heard)
    assert kind == ENDED
    if body["do"] == "exit":
        assert f"exit code {body['code']}" in message
        assert "last words" in heard.last.body["details"]
    if body["do"] == "print":
        assert "protocol" in message
    assert next_one.types == ["result"]
    assert len(bench.processes) == 2


def test_an_engine_that_no_longer_reads_is_replaced(a_bench: MakeBench) -> None:
    bench = a_bench()
    _, first = bench.submit(do="close stdin")
    bench.until(lambda: first.ended)
    assert first.types == ["result"]
    _, heard = bench.submit(volume=a_volume((16, 64, 64)))
    bench.until(lambda: heard.ended)
    assert error_of(heard)[0] == ENDED
    bench.works()


def test_a_crash_also_ends_the_questions_that_were_asked(a_bench: MakeBench) -> None:
    bench = a_bench()
    _, heard = bench.submit(do="stop reading", seconds=60)
    bench.until(lambda: bench.client.busy)
    _, models = bench.submit("models")
    bench.poll_for(0.05)
    os.kill(bench.pid, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    bench.until(lambda: heard.ended and models.ended)
    assert error_of(heard)[0] == error_of(models)[0] == ENDED
    bench.works()


@linux_only
def test_the_end_of_an_idle_engine_is_no_request_s_matter(a_bench: MakeBench) -> None:
    bench = a_bench()
    bench.ready()
    os.kill(bench.pid, signal.SIGKILL)
    bench.until(lambda: bench.client.state == "idle")
    assert "SIGKILL" in bench.log[0]
    assert is_one_sentence(bench.log[0])
    bench.works()


def test_a_command_that_is_not_there(a_bench: MakeBench) -> None:
    bench = a_bench(command=["/no/such/place/synthcore", "worker"])
    _, first = bench.submit()
    _, second = bench.submit("models")
    bench.until(lambda: first.ended and second.ended)
    for heard in (first, second):
        kind, message = error_of(heard)
        assert kind == MISSING
        assert "under Engine" in message
        assert "/no/such" not in message
    assert bench.client.state == "failed"
    bench.command = TINY
    bench.works()


@pytest.mark.parametrize("command", [[], [""], ["\0"]])
def test_no_command_at_all(a_bench: MakeBench, command: list[str]) -> None:
    bench = a_bench(command=TINY)
    bench.command = command
    _, heard = bench.submit()
    bench.until(lambda: heard.ended)
    assert error_of(heard)[0] == MISSING


def test_text_before_the_first_frame(a_bench: MakeBench) -> None:
    bench = a_bench("--noise")
    _, heard = bench.submit()
    bench.until(lambda: heard.ended)
    kind, message = error_of(heard)
    assert kind == MISSING
    assert "print nothing else" in message
    assert len(bench.processes) == 1


def test_another_version_of_the_protocol(a_bench: MakeBench) -> None:
    bench = a_bench("--protocol", "7")
    _, heard = bench.submit()
    bench.until(lambda: heard.ended)
    kind, message = error_of(heard)
    assert kind == MISSING
    assert "version 7" in message
    assert len(bench.processes) == 1


def test_an_engine_that_never_comes_up_is_given_up(a_bench: MakeBench) -> None:
    bench = a_bench("--exit", "9")
    _, first = bench.submit()
    _, second = bench.submit()
    bench.until(lambda: first.ended and second.ended)
    kind, message = error_of(first)
    assert kind == MISSING
    assert "3 times" in message
    assert "exit code 9" in message
    assert error_of(second)[0] == MISSING
    bench.poll_for(0.2)
    assert len(bench.processes) == 3
    assert bench.client.state == "failed"
    _, again = bench.submit()  # the person tries again, and so does the client
    bench.until(lambda: again.ended)
    assert len(bench.processes) == 6


def test_an_engine_that_comes_up_at_the_third_try(a_bench: MakeBench, tmp_path: Path) -> None:
    bench = a_bench("--exit-unless", str(tmp_path / "starts"))
    bench.works()
    assert len(bench.processes) == 3
    assert bench.log == []


def test_an_engine_that_never_answers_is_given_up() -> None:
    from SlicerSynthLib.client import WorkerClient

    now = [0.0]
    heard = Listener()
    client = WorkerClient(lambda: [*TINY, "--mute"], PipeProcess, lambda: now[0])
    client.submit("synthesize", {}, None, heard)
    client.poll()
    now[0] = GREETING_LIMIT - 1
    client.poll()
    assert not heard.ended
    now[0] = GREETING_LIMIT + 1
    client.poll()
    assert error_of(heard)[0] == MISSING
    client.close()


@pytest.mark.skipif(os.name != "posix", reason="SIGPIPE is POSIX")
def test_a_broken_pipe_does_not_end_an_application_that_lets_sigpipe_through() -> None:
    """An embedded Python may leave SIGPIPE as it is, and it ends a process by default."""
    script = """
import signal, sys, time
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
from SlicerSynthLib.process import PipeProcess
from SynthCore.protocol import Message
process = PipeProcess()
process.start([sys.executable, "-c", "import os, time; os.close(0); time.sleep(60)"])
time.sleep(0.5)
end = time.monotonic() + 30
while process.is_running() and time.monotonic() < end:
    process.send(Message("hello", 1), [bytes(1 << 20)])
    time.sleep(0.05)
assert not process.is_running()
process.kill()
print("alive")
"""
    root = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join((str(root), str(root / "SlicerSynth")))
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr


@linux_only
def test_no_zombie_no_open_pipe_and_no_thread_is_left(a_bench: MakeBench) -> None:
    import threading

    bench = a_bench()
    bench.ready()

    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before, threads = open_files(), threading.active_count()
    for n in range(6):
        _, heard = bench.submit(seconds=60, volume=a_volume((32, 128, 128)))
        bench.until(lambda: bench.client.busy)
        if n % 2:
            os.kill(bench.pid, signal.SIGKILL)
            bench.until(lambda heard=heard: heard.ended)  # type: ignore[misc]
        else:
            bench.client.restart()
        bench.works()
    dead = {process.pid for process in bench.processes[:-1]}
    end = time.monotonic() + 10
    while time.monotonic() < end and (
        dead & children() or open_files() > before or threading.active_count() > threads
    ):
        time.sleep(0.02)
    assert not dead & children()
    assert open_files() <= before
    assert threading.active_count() <= threads


def test_the_last_lines_of_stderr_are_kept_and_no_more() -> None:
    script = "import sys; [print('x' * n, file=sys.stderr) for n in (5000, 3)] * 1; "
    script += "[print(n, file=sys.stderr) for n in range(2000)]; sys.stderr.write('the end')"
    process = PipeProcess()
    process.start([sys.executable, "-c", script])
    end = time.monotonic() + 20
    while not process.last_words().endswith("the end") and time.monotonic() < end:
        time.sleep(0.02)
    lines = process.last_words().splitlines()
    assert lines[-2:] == ["1999", "the end"]
    assert len(lines) == 40
    process.kill()
