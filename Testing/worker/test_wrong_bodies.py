"""A request that is no possible one gets an error, and the worker goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from SynthCore.errors import (
    ComputationError,
    InputError,
    ModelError,
    OutOfMemoryError,
    RefusedError,
)
from SynthCore.image import Image
from SynthCore.protocol import LAST_EVENTS
from SynthCore.request import Check
from SynthCore.worker.failures import event_of
from Testing.worker.process import Worker

Limb = Callable[..., Image]


@pytest.mark.parametrize("kind", ["nonsense", "", "progress", "x" * 1000])
def test_an_unknown_request_is_an_input_error(worker: Worker, kind: str) -> None:
    answer = worker.ask(kind)
    assert (answer.type, answer.body["kind"]) == ("error", "input")
    assert len(answer.body["message"]) < 200


BODIES: list[dict[str, Any]] = [
    {},
    {"task": 5},
    {"task": None},
    {"task": "no-such-task"},
    {"task": "mr-to-ct", "target": []},
    {"task": "mr-to-ct", "target": "PET"},
    {"task": "mr-to-ct", "model": 7},
    {"task": "mr-to-ct", "model": "no-such-model"},
    {"task": "mr-to-ct", "model": "/no/such/folder"},
    {"task": "ct-denoise"},
    {"task": "inpaint"},
    {"task": "mr-to-ct", "options": 5},
    {"task": "mr-to-ct", "options": {"seed": "a"}},
    {"task": "mr-to-ct", "options": {"seed": -1}},
    {"task": "mr-to-ct", "options": {"seed": 2**80}},
    {"task": "mr-to-ct", "options": {"tile": 3}},
    {"task": "mr-to-ct", "options": {"threads": True}},
    {"task": "mr-to-ct", "options": {"device": "cuda:99"}, "model": "mr-to-ct-extremity"},
    {"task": "mr-to-ct", "options": {"device": "toaster"}},
    {"task": "mr-to-ct", "options": {"backend": "abacus"}},
    {"task": "mr-to-ct", "options": {"warp": 9}},
    {"task": "mr-to-ct", "options": {"uncertainty": 1}},
    {"task": "mr-to-ct", "options": {"uncertainty": True}, "model": "mr-to-ct-bulk-density"},
]


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_wrong_field_is_an_input_error(worker: Worker, a_t1: Limb, body: dict[str, Any]) -> None:
    answer = worker.ask("synthesize", body, T1=a_t1())
    if body.get("model") == "mr-to-ct-extremity" and answer.type == "refused":
        return  # its checks come before its device
    assert (answer.type, answer.body["kind"]) == ("error", "input"), answer.body
    assert answer.body["message"].endswith(".")


@pytest.mark.parametrize("body", [{"task": "mr-to-ct"}, {"task": "mr-to-ct", "volumes": 5}])
def test_no_volume_is_an_input_error(worker: Worker, body: dict[str, Any]) -> None:
    answer = worker.ask("synthesize", body)
    assert (answer.type, answer.body["kind"]) == ("error", "input")


@pytest.mark.parametrize(
    "point", [None, 5, [], [1, 2], ["a", 2, 3], [float("nan"), 0, 0], [1e9, 1e9, 1e9]]
)
def test_a_wrong_point_is_an_input_error(
    worker: Worker, a_t1: Limb, a_model: str, point: object
) -> None:
    body = {"task": "mr-to-ct", "model": a_model, "point": point}
    answer = worker.ask("preview", body, T1=a_t1())
    assert (answer.type, answer.body["kind"]) == ("error", "input")
    assert "point" in answer.body["message"]


def test_an_altered_model_is_a_model_error(worker: Worker, a_t1: Limb, tmp_path: Any) -> None:
    folder = tmp_path / "altered"
    (folder / "configs").mkdir(parents=True)
    (folder / "configs" / "metadata.json").write_text('{"version": "1", "synthcore": {}}')
    answer = worker.ask("synthesize", {"task": "mr-to-ct", "model": str(folder)}, T1=a_t1())
    assert (answer.type, answer.body["kind"]) == ("error", "model")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
KINDS = (
    "models", "preview", "synthesize", "evaluate", "lesion", "remove", "cancel", "hello", "log",
)  # fmt: skip
FIELDS = (
    "task", "target", "model", "options", "volumes", "point", "roles", "request", "preset", "wish",
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(KINDS),
    body=st.dictionaries(st.sampled_from(FIELDS), JSON | st.just("mr-to-ct"), max_size=6),
)
def test_any_body_at_all_gets_one_last_event(
    worker: Worker, kind: str, body: dict[str, Any]
) -> None:
    number = worker.send(kind, body)
    events = worker.until(number, seconds=60)[number]
    assert [event.type in LAST_EVENTS for event in events] == [False] * (len(events) - 1) + [True]
    assert events[-1].body.get("kind") != "internal", events[-1].body


def test_after_all_that_it_still_works(worker: Worker, a_t1: Limb, a_model: str) -> None:
    assert (
        worker.ask("synthesize", {"task": "mr-to-ct", "model": a_model}, T1=a_t1()).type == "result"
    )


@pytest.mark.parametrize(
    ("error", "kind", "fits"),
    [
        (InputError("Say more."), "input", None),
        (ModelError("Broken."), "model", None),
        (ComputationError("Failed."), "computation", None),
        (OutOfMemoryError("Full.", (1, 64, 64)), "out-of-memory", [1, 64, 64]),
        (OutOfMemoryError("Full."), "out-of-memory", None),
        (MemoryError(), "out-of-memory", None),
    ],
)
def test_errors_are_typed(error: Exception, kind: str, fits: list[int] | None) -> None:
    event, body = event_of(error)
    assert (event, body["kind"], body["fits"]) == ("error", kind, fits)
    assert body["message"]


def test_an_unexpected_error_tells_its_type_alone() -> None:
    event, body = event_of(KeyError("/home/someone/Doe^Jane"))
    assert (event, body["kind"]) == ("error", "internal")
    assert "KeyError" in body["message"]
    assert "Doe" not in body["message"]


def test_a_refusal_carries_its_checks() -> None:
    check = Check("spacing", "refuse", "Too coarse.", 9.0, 5.0)
    event, body = event_of(RefusedError("Too coarse.", (check,)))
    assert event == "refused"
    assert body["checks"][0]["limit"] == 5.0
