"""The time left is that of the run's own rate, whatever its stages are called."""

from __future__ import annotations

import pytest

from SlicerSynthLib.time_left import TimeLeft


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


def told(steps: list[tuple[float, float, float | None]]) -> list[float | None]:
    """Seconds left at steps (seconds that passed, fraction, what the engine tells)."""
    clock = Clock()
    left = TimeLeft(clock)
    found = []
    for seconds, fraction, told in steps:
        clock.now += seconds
        found.append(left.at(fraction, told))
    return found


def test_waiting_and_loading_are_no_part_of_the_rate() -> None:
    steps = [(0.0, 0.0, None), (60.0, 0.0, None), (5.0, 0.2, None)]
    steps += [(2.0, fraction, None) for fraction in (0.4, 0.6, 0.8, 1.0)]
    assert told(steps) == [None, None, None, *map(pytest.approx, (6.0, 4.0, 2.0, 0.0))]


def test_until_a_rate_is_known_the_engine_is_believed() -> None:
    steps = [(0.0, 0.1, None), (0.5, 0.2, 4.0), (0.5, 0.3, None), (1.0, 0.4, 99.0)]
    assert told(steps) == [None, 4.0, None, pytest.approx(4.0)]


def test_a_step_that_does_not_go_on_tells_no_rate() -> None:
    assert told([(0.0, 0.5, None), (30.0, 0.5, None), (30.0, 0.51, None)]) == [None, None, None]
