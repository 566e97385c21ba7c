"""One computation at a time, answers in between, cancelling, and every way to end."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest

from SynthCore.image import Image
from SynthCore.protocol import (
    MAGIC,
    MAX_PAYLOAD,
    PREFIX,
    Message,
    encode,
    pack,
    read,
    read_all,
    write,
)
from Testing.worker.process import COMMAND, PATIENCE, Worker, a_worker

Limb = Callable[..., Image]

LOOSE = 5.0
"""Seconds a test allows where a bench asks for one: test machines are busy."""


@pytest.fixture(scope="session")
def a_long_body(a_model: str) -> dict[str, object]:
    """With `a_long_input` it takes many batches."""
    return {"task": "mr-to-ct", "model": a_model, "options": {"threads": 1}}


@pytest.fixture(scope="session")
def a_long_input(a_t1: Limb) -> Image:
    return a_t1((160, 256, 256))


def begun(worker: Worker, number: int) -> None:
    """Wait until a request runs its network."""
    while True:
        event = worker.next()
        assert event is not None
        assert event.type == "progress", event
        if event.id == number and event.body["stage"] == "synthesize":
            return


def test_requests_are_computed_in_order(worker: Worker, a_model: str, a_t1: Limb) -> None:
    body = {"task": "mr-to-ct", "model": a_model}
    numbers = [worker.send("synthesize", body, T1=a_t1((12, 60, 70 + n))) for n in range(3)]
    ends = []
    while len(ends) < 3:
        event = worker.next()
        assert event is not None
        if event.type == "result":
            ends.append(event.id)
    assert ends == numbers


def test_questions_are_answered_while_it_computes(
    worker: Worker, a_long_body: dict[str, object], a_long_input: Image
) -> None:
    number = worker.send("synthesize", a_long_body, T1=a_long_input)
    begun(worker, number)
    hello, models = worker.send("hello"), worker.send("models", {"task": "inpaint"})
    found: list[tuple[str, int]] = []
    while ("result", models) not in found:
        event = worker.next()
        assert event is not None
        found.append((event.type, event.id))
    assert ("result", hello) in found
    assert ("result", number) not in found
    cancel = worker.send("cancel", {"request": number})
    assert worker.until(number, cancel)[number][-1].type == "cancelled"


def test_cancelling_stops_what_runs_and_what_waits(
    worker: Worker, a_long_body: dict[str, object], a_long_input: Image, a_t1: Limb
) -> None:
    running = worker.send("synthesize", a_long_body, T1=a_long_input)
    waiting = worker.send("synthesize", a_long_body, T1=a_t1())
    begun(worker, running)
    cancels = [worker.send("cancel", {"request": n}) for n in (waiting, running)]
    started = time.monotonic()
    found = worker.until(running, waiting, *cancels)
    assert time.monotonic() - started < LOOSE
    assert found[running][-1].type == "cancelled"
    assert [event.type for event in found[waiting]] == ["cancelled"]
    assert all([event.type for event in found[n]] == ["result"] for n in cancels)
    assert worker.ask("synthesize", a_long_body, T1=a_t1()).type == "result"


def test_a_cancel_does_not_overtake_its_request(
    worker: Worker, a_long_body: dict[str, object], a_t1: Limb
) -> None:
    """Sent on its heels, while the worker still answers a question."""
    for _ in range(5):
        question = worker.send("models", {"task": "mr-to-ct"})
        number = worker.send("synthesize", a_long_body, T1=a_t1())
        cancel = worker.send("cancel", {"request": number})
        ends = worker.until(question, number, cancel)
        assert ends[number][-1].type == "cancelled"


def test_cancelling_what_is_over_or_never_was_is_no_error(worker: Worker) -> None:
    assert worker.ask("cancel", {"request": 99999}).type == "result"
    assert worker.ask("cancel", {}).body["kind"] == "input"


def test_shutdown_is_answered_and_ends_it_with_code_0(
    a_long_body: dict[str, object], a_long_input: Image
) -> None:
    with a_worker() as worker:
        running = worker.send("synthesize", a_long_body, T1=a_long_input)
        begun(worker, running)
        number = worker.send("shutdown")
        found = worker.until(running, number)
        assert found[running][-1].type == "cancelled"
        assert found[number][-1].type == "result"
        assert worker.next() is None
        assert worker.process.wait(PATIENCE) == 0
        assert worker.errors() == ""


def test_the_end_of_its_input_ends_it_with_code_0(
    a_long_body: dict[str, object], a_long_input: Image
) -> None:
    with a_worker() as worker:
        running = worker.send("synthesize", a_long_body, T1=a_long_input)
        begun(worker, running)
        assert worker.end() == 0
        assert worker.errors() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_an_interrupt_ends_it_with_code_130(
    number: str, a_long_body: dict[str, object], a_long_input: Image
) -> None:
    with a_worker() as worker:
        running = worker.send("synthesize", a_long_body, T1=a_long_input)
        begun(worker, running)
        worker.process.send_signal(getattr(signal, number))
        assert worker.process.wait(PATIENCE) == 130
        assert "Traceback" not in worker.errors()


def test_when_nobody_reads_it_ends(a_long_body: dict[str, object], a_long_input: Image) -> None:
    entries, payload = pack({"T1": a_long_input})
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        write(process.stdin, Message("synthesize", 1, {**a_long_body, "volumes": entries}), payload)
        while (event := read(process.stdout)) is not None:
            if event.body["stage"] == "synthesize":
                break
        process.stdout.close()
        assert process.wait(PATIENCE) == 4
        assert process.stderr.read() == b""


GARBAGE = [
    b"Last login: yesterday\n" * 3,
    b"\x00" * 64,
    PREFIX.pack(MAGIC, 2**31, 0),
    PREFIX.pack(MAGIC, 2, MAX_PAYLOAD + 1) + b"{}",
    PREFIX.pack(MAGIC, 2, 2**35) + b"{}" + b"short",
    PREFIX.pack(MAGIC, 2, 0) + b"[]",
    b"".join(bytes(piece) for piece in encode(Message("hello", 1)))[:-3],
]


@pytest.mark.parametrize("data", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_ends_it_with_one_sentence_and_code_2(data: bytes) -> None:
    with a_worker() as worker:
        assert worker.process.stdin is not None
        worker.process.stdin.write(data)
        worker.process.stdin.flush()
        assert worker.end() == 2
        told = worker.errors()
    assert told.startswith("Error: ")
    assert told.count("\n") == 1


def test_nothing_but_frames_goes_through_its_output() -> None:
    """Whatever Python, a library below it or a child process prints goes to stderr."""
    script = (
        "import os, subprocess, sys\n"
        "from SynthCore.worker.pipes import own_pipes\n"
        "frames_in, frames_out = own_pipes()\n"
        "print('from Python', flush=True)\n"
        "os.write(1, b'from a library\\n')\n"
        "subprocess.run([sys.executable, '-c', 'print(\"from a child\")'], check=True)\n"
        "assert sys.stdin.read() == ''\n"
        "from SynthCore.worker.serve import serve\n"
        "sys.exit(serve(frames_in, frames_out))\n"
    )
    request = b"".join(bytes(p) for p in encode(Message("models", 5, {"task": "ct-denoise"})))
    done = subprocess.run([sys.executable, "-c", script], input=request, capture_output=True)
    events = list(read_all(io.BytesIO(done.stdout)))
    assert [(event.type, event.id) for event in events] == [("result", 5)]
    assert done.returncode == 0
    for source in ("from Python", "from a library", "from a child"):
        assert source in done.stderr.decode()


def test_a_repeated_id_is_refused_and_the_first_goes_on(a_model: str, a_long_input: Image) -> None:
    small = Image(np.ascontiguousarray(a_long_input.voxels[:40]), a_long_input.affine, "T1")
    with a_worker() as worker:
        number = worker.send("synthesize", {"task": "mr-to-ct", "model": a_model}, T1=small)
        worker._number -= 1
        assert worker.send("preview", {"task": "mr-to-ct"}) == number
        kinds = []
        while "result" not in kinds:
            event = worker.next()
            assert event is not None
            kinds.append(event.type)
        assert kinds.count("error") == 1
