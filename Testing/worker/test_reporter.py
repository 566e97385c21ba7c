"""The time left comes from the rate as measured, and is unknown until there is one."""

from __future__ import annotations

import pytest

from SynthCore.worker.reporter import LEAST_SECONDS, RATE_SECONDS, Reporter


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def told(steps: list[tuple[float, float, str]]) -> list[tuple[float, str, float | None]]:
    """What is told of steps (seconds that passed, fraction, stage)."""
    clock = Clock()
    events: list[tuple[float, str, float | None]] = []
    reporter = Reporter(lambda *event: events.append(event), clock)
    for seconds, fraction, stage in steps:
        clock.now += seconds
        reporter(fraction, stage)
    return events


def test_the_time_left_is_that_of_a_steady_rate() -> None:
    events = told(
        [(5.0, 0.0, "check"), (3.0, 0.1, "run")] + [(1.0, n / 10, "run") for n in range(2, 11)]
    )
    left = [seconds for _, stage, seconds in events if stage == "run"]
    assert left[0] is None
    assert left[1:] == pytest.approx([8, 7, 6, 5, 4, 3, 2, 1, 0])


def test_making_ready_is_no_part_of_the_rate() -> None:
    """The first batch takes 60 s, the others one each."""
    events = told([(0.0, 0.0, "load"), (60.0, 0.25, "run"), (1.0, 0.5, "run"), (1.0, 0.75, "run")])
    assert [seconds for _, _, seconds in events] == [None, None, pytest.approx(2), pytest.approx(1)]


def test_too_short_a_time_gives_no_rate() -> None:
    step = RATE_SECONDS / 2.5
    events = told([(step, n / 100, "run") for n in range(5)])
    assert [seconds is None for _, _, seconds in events] == [True, True, True, False, False]


def test_steps_too_quick_to_see_are_left_out_but_never_the_last() -> None:
    events = told([(LEAST_SECONDS / 10, n / 100, "run") for n in range(101)])
    assert len(events) < 20
    assert events[0][0] == 0.0
    assert events[-1][0] == 1.0
