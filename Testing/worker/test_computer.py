"""The computing thread outlives whatever a computation does."""

from __future__ import annotations

import io

import pytest

from SynthCore.protocol import Message, read_all
from SynthCore.worker.answer import Answer
from SynthCore.worker.computations import Computations
from SynthCore.worker.computer import Computer
from SynthCore.worker.outbox import Outbox


def test_an_answer_that_is_no_json_is_told_as_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = iter([{"figure": object()}, {"figure": 1}])
    monkeypatch.setattr(Computations, "answer", lambda *_: Answer(next(bodies)))
    frames = io.BytesIO()
    computer = Computer(Outbox(frames))
    for number in (1, 2):
        assert computer.add(Message("evaluate", number))
    computer._requests.put(None)
    computer._thread.join(30)
    frames.seek(0)
    told = [(event.type, event.id, event.body.get("kind")) for event in read_all(frames)]
    assert told == [("error", 1, "internal"), ("result", 2, None)]
