"""Who computes the cases: this process, one after the other, with one warm engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from SynthCore.cohort.case import Case, Order
from SynthCore.cohort.one_case import run_case
from SynthCore.cohort.outcome import Outcome
from SynthCore.engine.warm import Warm
from SynthCore.request import Cancelled


class Watch(Protocol):
    """Told how far a case is: its id, the fraction done and the stage."""

    def __call__(self, case: str, fraction: float, stage: str) -> None:
        """Take it."""
        ...


class Crew(Protocol):
    """Computes cases, and gives the outcome of each as it ends.

    It ends early where `cancelled` turns true, with the outcomes of what was under way.
    """

    def __call__(
        self, cases: Sequence[Case], order: Order, out: Path, watch: Watch, cancelled: Cancelled
    ) -> Iterator[Outcome]:
        """Begin to compute."""
        ...


def warning(crew: Crew) -> Crew:
    """A crew that adds the remarks of a case to the warnings of its result."""

    def warned(
        cases: Sequence[Case], order: Order, out: Path, watch: Watch, cancelled: Cancelled
    ) -> Iterator[Outcome]:
        remarks = {case.id: case.remarks for case in cases}
        for outcome in crew(cases, order, out, watch, cancelled):
            yield outcome.warned(*remarks[outcome.id])

    return warned


def alone(
    cases: Sequence[Case], order: Order, out: Path, watch: Watch, cancelled: Cancelled
) -> Iterator[Outcome]:
    """A crew of this process alone."""
    warm = Warm()
    for case in cases:
        if cancelled():
            return

        def progress(fraction: float, stage: str, name: str = case.id) -> None:
            watch(name, fraction, stage)

        yield run_case(case, order, out, warm, progress=progress, cancelled=cancelled)
