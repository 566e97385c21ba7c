"""Nothing is lost: whatever happens during a run, a clear message and a scene without halves."""

from __future__ import annotations

import os
import random
import signal
import time
from typing import Any

import pytest

from Testing.slicer.logic_fixtures import Driven, a_t1
from Testing.slicer.mrml_fixtures import node_ids

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")


def a_run(driven: Driven, source: Any) -> Any:
    """A job that the engine works on; its result may have come, but was not taken yet."""
    from SlicerSynthLib.orders import Order

    order = Order("mr-to-ct", {"T1": source}, model="mr-to-ct-bulk-density")
    job = driven.logic.synthesize(order)
    driven.until(lambda: job.state != "queued")  # a warm engine may be done at the next poll
    return job


def a_long_t1(scene: Any) -> Any:
    """A volume large enough that its run can be met half-way, also where a poll comes late."""
    return a_t1(scene, shape=(40, 160, 140))


def process_of(driven: Driven) -> int:
    """The engine's process; an engine that just ended is asked again once it is a fresh one."""
    while (answer := driven.ask(driven.logic.hello)).type != "result":
        assert answer.body["kind"] == "engine-ended"
    return int(answer.body["pid"])


def test_the_scene_is_closed(a_logic: Driven) -> None:
    from SlicerSynthLib.job_queue import SCENE_CLOSED

    job = a_run(a_logic, a_long_t1(a_logic.scene))
    a_logic.scene.Clear(0)
    assert (job.state, job.message) == ("cancelled", SCENE_CLOSED)
    assert a_logic.ended == [job] and not a_logic.logic.jobs
    before = node_ids(a_logic.scene)
    for _ in range(200):
        a_logic.logic.poll()
        time.sleep(0.01)
    assert node_ids(a_logic.scene) == before, "a dropped result came after all"
    assert a_logic.finish(a_run(a_logic, a_t1(a_logic.scene))).state == "done"


def test_an_input_is_removed(a_logic: Driven) -> None:
    """The result is complete and says what became of its input."""
    from SlicerSynthLib.attributes import is_synthetic, sources_of
    from SlicerSynthLib.logic import INPUT_GONE

    source = a_long_t1(a_logic.scene)
    job = a_run(a_logic, source)
    a_logic.scene.RemoveNode(source)
    a_logic.finish(job)
    assert job.state == "done" and job.note == INPUT_GONE
    assert is_synthetic(job.node) and sources_of(job.node) == {}
    assert job.node.GetName() == "SYNTHETIC CT of T1 axial"


def test_the_module_goes(a_logic: Driven) -> None:
    """Nothing is delivered after `close`, and the scene holds no observer of the logic."""
    job = a_run(a_logic, a_long_t1(a_logic.scene))
    before = node_ids(a_logic.scene)
    a_logic.logic.close()
    for _ in range(20):
        a_logic.logic.poll()
    assert node_ids(a_logic.scene) == before and not a_logic.ended
    a_logic.scene.Clear(0)
    assert job.state == "running", "a closed logic still followed the scene"


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_the_engine_is_killed(a_logic: Driven) -> None:
    """At random moments; each time a sentence, an unchanged scene, and a working next run."""
    moments = random.Random(11)  # noqa: S311
    source = a_long_t1(a_logic.scene)
    for _ in range(4):
        pid = process_of(a_logic)
        job = a_run(a_logic, source)
        before = node_ids(a_logic.scene)
        time.sleep(moments.uniform(0.0, 0.05))
        os.kill(pid, signal.SIGKILL)
        a_logic.finish(job)
        if job.state == "failed":
            assert "engine" in job.message and node_ids(a_logic.scene) == before
        else:
            assert job.state == "done"
    process_of(a_logic)
    assert a_logic.finish(a_run(a_logic, source)).state == "done"


def test_a_cancelled_run_leaves_nothing(a_logic: Driven) -> None:
    job = a_run(a_logic, a_long_t1(a_logic.scene))
    before = node_ids(a_logic.scene)
    a_logic.logic.cancel(job)
    started = time.monotonic()
    a_logic.finish(job)
    assert time.monotonic() - started < 20
    assert job.state in ("cancelled", "done")
    if job.state == "cancelled":
        assert node_ids(a_logic.scene) == before


def test_a_result_that_is_none_leaves_nothing(a_logic: Driven) -> None:
    """As an engine of another release might send."""
    from SlicerSynthLib.results import deliver
    from SynthCore.errors import ComputationError
    from SynthCore.protocol import Message

    before = node_ids(a_logic.scene)
    for body in ({}, {"record": "{}"}, {"record": "not JSON", "volumes": []}):
        with pytest.raises(ComputationError, match=r"no readable record|no image"):
            deliver(a_logic.scene, Message("result", 1, body), {}, {})
    assert node_ids(a_logic.scene) == before


def test_no_engine(a_scene: Any) -> None:
    from SlicerSynthLib.client import WorkerClient
    from SlicerSynthLib.logic import SlicerSynthLogic

    driven = Driven(SlicerSynthLogic(WorkerClient(lambda: ["no-such-program"]), a_scene), a_scene)
    answer = driven.ask(driven.logic.hello)
    assert answer.type == "error" and answer.body["kind"] == "engine-missing"
    driven.logic.close()
