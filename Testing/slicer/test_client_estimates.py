"""A time that is told comes from runs that were measured."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from SlicerSynthLib.estimates import KEPT, KEY, LONGEST_TEXT, Estimates, in_words

MODEL, DEVICE = "ct-denoise-body", "cpu"


def test_without_a_run_there_is_no_estimate() -> None:
    estimates = Estimates({})
    assert estimates.estimate(MODEL, DEVICE, 1000) is None
    assert estimates.sentence(MODEL, DEVICE, 1000) == "not measured yet on this machine"


def test_runs_are_kept_for_their_model_device_and_engine() -> None:
    store: dict[str, str] = {}
    Estimates(store).record(MODEL, DEVICE, 1_000_000, 12.0)
    here = Estimates(store)
    assert here.sentence(MODEL, DEVICE, 1_000_000) == "about 12 s, from 1 run on this machine"
    assert here.estimate(MODEL, "cuda:0", 1_000_000) is None
    assert here.estimate("another", DEVICE, 1_000_000) is None
    there = Estimates(store, "remote-1234")
    assert there.sentence(MODEL, DEVICE, 1000) == "not measured yet on this remote engine"


def test_volumes_of_one_size_are_scaled() -> None:
    estimates = Estimates({})
    for seconds in (10.0, 11.0, 90.0):  # one of them while the machine did something else
        estimates.record(MODEL, DEVICE, 1_000_000, seconds)
    found = estimates.estimate(MODEL, DEVICE, 3_000_000)
    assert found is not None
    assert found.runs == 3
    assert found.seconds == pytest.approx(33.0)


def test_the_start_is_told_from_the_work() -> None:
    estimates = Estimates({})
    for voxels in (1_000_000, 2_000_000, 8_000_000):
        estimates.record(MODEL, DEVICE, voxels, 5.0 + 2e-6 * voxels)
    for voxels in (100_000, 4_000_000):
        found = estimates.estimate(MODEL, DEVICE, voxels)
        assert found is not None
        assert found.seconds == pytest.approx(5.0 + 2e-6 * voxels)


def test_only_the_latest_runs_count() -> None:
    estimates = Estimates({})
    for seconds in [100.0] * KEPT + [1.0] * KEPT:
        estimates.record(MODEL, DEVICE, 1000, seconds)
    found = estimates.estimate(MODEL, DEVICE, 1000)
    assert found is not None
    assert (found.runs, found.seconds) == (KEPT, pytest.approx(1.0))


@pytest.mark.parametrize(
    ("voxels", "seconds"), [(0, 1.0), (-5, 1.0), (10, 0.0), (10, math.nan), (10, math.inf)]
)
def test_what_is_no_measured_run_is_not_kept(voxels: int, seconds: float) -> None:
    store: dict[str, str] = {}
    Estimates(store).record(MODEL, DEVICE, voxels, seconds)
    assert store == {}


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "5", '"x"', "[" * 100_000, "1" * 5000,
        json.dumps({"local|cpu|ct-denoise-body": "x"}),
        json.dumps({"local|cpu|ct-denoise-body": [[1], [1, "2"], [1, None], 7, [0, 1], [1, -1]]}),
        '{"local|cpu|ct-denoise-body": [[NaN, 1], [1, Infinity], [1e999, 2]]}',
        '{"local|cpu|ct-denoise-body": [[1' + "0" * 400 + ", 2]]}",
    ],
    ids=range(12),
)  # fmt: skip
def test_a_broken_text_is_no_estimate_and_is_written_anew(text: str) -> None:
    store = {KEY: text}
    estimates = Estimates(store)
    assert estimates.estimate(MODEL, DEVICE, 1000) is None
    estimates.record(MODEL, DEVICE, 1000, 2.0)
    found = estimates.estimate(MODEL, DEVICE, 1000)
    assert found is not None
    assert (found.runs, found.seconds) == (1, pytest.approx(2.0))


def test_good_runs_survive_broken_ones() -> None:
    store = {KEY: json.dumps({"local|cpu|m": [[1000, "x"], [1000, 4.0]], "other": 5})}
    found = Estimates(store).estimate("m", DEVICE, 2000)
    assert found is not None
    assert (found.runs, found.seconds) == (1, pytest.approx(8.0))


def test_the_text_does_not_grow_without_end() -> None:
    store: dict[str, str] = {}
    estimates = Estimates(store)
    for n in range(60):
        estimates.record(f"model-{n:04d}" + "x" * 8000, DEVICE, 1000, 1.0)
    assert len(store[KEY]) <= LONGEST_TEXT
    assert estimates.estimate("model-0059" + "x" * 8000, DEVICE, 1000) is not None
    assert estimates.estimate("model-0000" + "x" * 8000, DEVICE, 1000) is None


RUNS = st.lists(
    st.tuples(st.integers(1, 10**9), st.floats(1e-3, 1e5, allow_nan=False)), min_size=1, max_size=12
)


@given(RUNS, st.integers(1, 10**9))
def test_an_estimate_is_a_time_and_larger_volumes_take_no_less(
    runs: list[tuple[int, float]], voxels: int
) -> None:
    estimates = Estimates({})
    for size, seconds in runs:
        estimates.record(MODEL, DEVICE, size, seconds)
    small = estimates.estimate(MODEL, DEVICE, voxels)
    large = estimates.estimate(MODEL, DEVICE, 2 * voxels)
    assert small is not None
    assert large is not None
    assert 0 < small.seconds <= large.seconds < math.inf
    assert str(small)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "less than 1 s"), (1.2, "about 1 s"), (12.4, "about 12 s"), (43, "about 45 s"),
        (97, "about 95 s"), (98, "about 1.5 min"), (240, "about 4 min"), (900, "about 15 min"),
        (9000, "about 2.5 h"),
    ],
)  # fmt: skip
def test_a_time_is_told_no_more_exactly_than_it_is_known(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
