"""Nothing is lost in the window: whatever happens during a run, a sentence, and the next one works.

A run is a phantom's by the learned model, long enough to be met in its midst.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psutil
import pytest
import slicer

from SlicerSynthLib.attributes import sources_of
from SlicerSynthLib.job_queue import SCENE_CLOSED
from SlicerSynthLib.logic import INPUT_GONE
from Testing.slicer.bench_session import Session, warm_session
from Testing.slicer.client_fixtures import is_alive, is_one_sentence, linux_only
from Testing.slicer.journeys.look import job_runs, made, node_names, wait_until_idle
from Testing.slicer.journeys.person import Person
from Testing.slicer.mrml_fixtures import node_ids

pytestmark = linux_only  # signals, limits and /proc; the client's tests run everywhere

SHAPE = (12, 256, 256)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A window whose engine is warm; its model takes phantoms."""
    with warm_session(SHAPE, tmp_path_factory.mktemp("settings")) as made:
        yield made


@pytest.fixture
def person(session: Session) -> Person:
    """Someone at the window with one volume in it."""
    slicer.mrmlScene.Clear(0)
    session.show(session.phantom(SHAPE))
    return session.person


def engine(person: Person) -> Any:
    """The worker's process, once there is one that has answered."""
    found: list[Any] = []

    def look() -> bool:
        children = psutil.Process().children()
        found[:] = [c for c in children if is_alive(c.pid) and c.cmdline()[-1:] == ["worker"]]
        return len(found) == 1

    person.wait(look, "the engine", 30)
    person.wait(lambda: "(" in person.read("modelCombo"), "the models")
    return found[0]


def begin(person: Person, fraction: float | None) -> list[str]:
    """Click on Synthesize and wait until the run is so far; gives the nodes before it."""
    before = node_ids(slicer.mrmlScene)
    person.click("synthesizeButton")
    if fraction is not None:
        person.wait(lambda: reached(person) >= fraction or not job_runs(person), "the moment")
        assert job_runs(person), "it was over too soon to be met"
    return before


def reached(person: Person) -> float:
    """How far the bar is."""
    bar = person.find("progressBar")
    shown = bar.isVisible() and bar.maximum() > 0
    return bar.value() / bar.maximum() if shown else 0.0


def works(person: Person) -> None:
    """The next one is made."""
    assert not job_runs(person) and not person.find("progressBar").isVisible()
    count = len(made())
    person.click("synthesizeButton")
    assert person.read("messageLabel") == ""
    wait_until_idle(person, "the next one")
    assert person.read("messageLabel") == "" and len(made()) == count + 1


@pytest.mark.parametrize("fraction", [None, 0.4])
def test_the_engine_is_killed(person: Person, fraction: float | None) -> None:
    process = engine(person)
    before = begin(person, fraction)
    process.kill()
    wait_until_idle(person, "the end of the run")
    said = person.read("messageLabel")
    assert is_one_sentence(said) and "SIGKILL" in said and "try again" in said
    assert node_ids(slicer.mrmlScene) == before
    works(person)


def test_the_engine_hangs(person: Person) -> None:
    process = engine(person)
    before = begin(person, 0.1)
    process.suspend()
    person.click("cancelButton")
    assert wait_until_idle(person, "the end of the run") < 5
    assert person.read("stageLabel").startswith("Cancelled")
    person.wait(lambda: not is_alive(process.pid), "its end", 5)
    assert node_ids(slicer.mrmlScene) == before
    works(person)


def test_memory_runs_out(session: Session, person: Person) -> None:
    session.show(session.phantom((132, 256, 256)))
    process = engine(person)
    limit = process.memory_info().vms + 2_000_000
    process.rlimit(psutil.RLIMIT_AS, (limit, psutil.RLIM_INFINITY))
    before = begin(person, None)
    wait_until_idle(person, "the end of the run")
    said = person.read("messageLabel")
    assert is_one_sentence(said) and said.startswith("Memory ran out"), said
    assert node_ids(slicer.mrmlScene) == before
    assert is_alive(process.pid), "it told of it, and goes on"
    process.rlimit(psutil.RLIMIT_AS, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    session.show(session.phantom(SHAPE))
    works(person)


def test_the_scene_is_closed(session: Session, person: Person) -> None:
    begin(person, 0.2)
    slicer.mrmlScene.Clear(0)
    person.wait(lambda: person.read("volumeT1Selector") == "None", "an empty panel")
    assert person.read("stageLabel") == SCENE_CLOSED and not job_runs(person)
    assert node_names() == []
    session.show(session.phantom(SHAPE))
    works(person)
    assert len(made()) == 1, "a dropped result came after all"


def test_the_input_is_removed(session: Session, person: Person) -> None:
    begin(person, 0.2)
    slicer.mrmlScene.RemoveNode(
        slicer.mrmlScene.GetFirstNodeByName(person.read("volumeT1Selector"))
    )
    wait_until_idle(person, "the end of the run")
    (node,) = made()
    assert person.read("messageLabel") == INPUT_GONE and sources_of(node) == {}
    assert person.read("resultSelector") == node.GetName()
    session.show(session.phantom(SHAPE))
    works(person)


def test_the_module_is_loaded_again(session: Session, person: Person) -> None:
    process = engine(person)
    before = begin(person, 0.2)
    slicer.util.reloadScriptedModule("SlicerSynth")
    assert node_ids(slicer.mrmlScene) == before
    person.wait(lambda: not is_alive(process.pid), "the engine's end", 5)
    person.wait(lambda: "(" in person.read("modelCombo"), "the models")
    assert person.read("volumeT1Selector").startswith("T1 "), "the panel as it was"
    assert session.model in person.read("modelCombo")
    works(person)
