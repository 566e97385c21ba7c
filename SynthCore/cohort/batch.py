"""A whole batch: sort its cases, have them computed, and keep table and page up to date."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from SynthCore.cohort.case import Case, Order
from SynthCore.cohort.crew import Crew, alone
from SynthCore.cohort.folder import opened
from SynthCore.cohort.outcome import Outcome, exit_code_of
from SynthCore.cohort.pages import Commission, write_commission, write_page, write_sheet
from SynthCore.cohort.recognize import sort_cases
from SynthCore.errors import SynthCoreError
from SynthCore.request import Cancelled, Progress
from SynthCore.words import counted

PAGE_EVERY_S = 15.0
"""The page holds every picture: it is not written anew after each of hundreds of cases."""


@dataclass(frozen=True)
class Ended:
    """All cases in the order of the table, and whether the person stopped it.

    `others` are results in the folder that the table does not name; `uncompared` are cases that
    are done and could not be compared with their reference.
    """

    outcomes: tuple[Outcome, ...]
    cancelled: bool = False
    others: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()
    commission: Commission = Commission.none

    @property
    def exit_code(self) -> int:
        """Of the command, where it was not cancelled."""
        return exit_code_of(self.outcomes)

    @property
    def verdict(self) -> str:
        """How many came to what, in one sentence."""
        done = [one for one in self.outcomes if one.done]
        earlier = sum(one.became == "skipped" for one in done)
        verb = "is" if len(done) == 1 else "are"
        told = f"{len(done)} of {counted(len(self.outcomes), 'case')} {verb} done"
        if earlier:
            told += f" ({earlier} by an earlier call)"
        if self.uncompared:
            whose = "its reference" if len(self.uncompared) == 1 else "their references"
            told += f", {len(self.uncompared)} of them not compared with {whose}"
        for became, words in _WORDS.items():
            if number := sum(one.became == became for one in self.outcomes):
                told += f", {number} {words}"
        return f"{told}."


_WORDS: Mapping[str, str] = {
    "refused": "refused",
    "failed": "failed",
    "cancelled": "stopped",
    "waiting": "not begun",
}


def run_batch(
    cases: Sequence[Case],
    order: Order,
    out: Path,
    *,
    crew: Crew = alone,
    told: Callable[[Outcome], None] = lambda outcome: None,
    progress: Progress | None = None,
    cancelled: Cancelled = lambda: False,
) -> Ended:
    """Make every case that is not there yet.

    Parameters
    ----------
    cases : sequence of Case
        What `read_cases` gave.
    order : Order
        How all of them are made.
    out : Path
        Missing, or of an earlier call of the same order: its finished cases are kept.
    crew : Crew
        Who computes.
    told : callable
        Given each outcome as it is known.
    progress, cancelled : callable
        Told how far all cases are; asked whether to stop.

    Returns
    -------
    Ended
        The same whether it was made in one call or in several.

    Raises
    ------
    InputError
        If the folder is of another order, in use, or cannot be written.
    ComputationError
        If the disk is full, or a cluster is gone.
    CancelledError
        While it looks at what is there; later, what is stopped is told in `Ended`.
    """
    with opened(out):
        found = sort_cases(cases, order, out, progress, cancelled)
        outcomes = {case.id: Outcome(case.id, "waiting") for case in cases}
        for outcome in found.known:
            outcomes[outcome.id] = outcome
            told(outcome)
        tables = _Tables(cases, order, out, outcomes)
        counter = _Counter(len(cases), len(found.known), progress)
        try:
            for outcome in crew(found.to_do, order, out, counter.watch, cancelled):
                outcomes[outcome.id] = outcome
                counter.ended(outcome.id)
                told(outcome)
                tables.renew()
        except BaseException:
            if any(one.became != "waiting" for one in outcomes.values()):
                tables.renew(at_once=True)  # of what is there when it is stopped by force
            raise
        commission = Commission.none
        if any(one.became != "waiting" for one in outcomes.values()):
            commission = tables.write()
    ended = tuple(outcomes.values())
    stopped = cancelled() and any(one.became in ("cancelled", "waiting") for one in ended)
    referred = {case.id for case in cases if case.reference is not None}
    lacking = tuple(o.id for o in ended if o.done and o.score is None and o.id in referred)
    return Ended(ended, stopped, found.others, lacking, commission)


class _Tables:
    """Table, page and commissioning table of the cases, as far as they are."""

    def __init__(
        self, cases: Sequence[Case], order: Order, out: Path, outcomes: Mapping[str, Outcome]
    ) -> None:
        self._cases, self._order, self._out = cases, order, out
        self._outcomes = outcomes
        self._paged = time.monotonic()

    def renew(self, *, at_once: bool = False) -> None:
        """Write what is due; a table that is open in another program waits for the end."""
        try:
            write_sheet(self._out, tuple(self._outcomes.values()))
            if at_once or time.monotonic() - self._paged > PAGE_EVERY_S:
                self._page()
        except SynthCoreError:
            return

    def write(self) -> Commission:
        """Write all of it.

        Raises
        ------
        InputError, ComputationError
            If the folder cannot be written.
        """
        write_sheet(self._out, tuple(self._outcomes.values()))
        commission = write_commission(self._out, self._cases, self._outcomes, self._order)
        self._page()
        return commission

    def _page(self) -> None:
        write_page(self._out, tuple(self._outcomes.values()), self._order)
        self._paged = time.monotonic()


class _Counter:
    """How far the cases of this call are; those of earlier ones took it no time."""

    def __init__(self, number: int, known: int, progress: Progress | None) -> None:
        self._number, self._known, self._ended = number, known, 0
        self._under_way: dict[str, float] = {}
        self._progress = progress

    def watch(self, case: str, fraction: float, stage: str) -> None:
        self._under_way[case] = fraction
        self._tell(f"{case}: {stage}")

    def ended(self, case: str) -> None:
        self._under_way.pop(case, None)
        self._ended += 1
        self._tell(case)

    def _tell(self, stage: str) -> None:
        to_do = self._number - self._known
        if self._progress is not None and to_do:
            done = self._ended + sum(list(self._under_way.values()))
            said = f"{self._known + self._ended} of {self._number}, {stage}"
            self._progress(min(done / to_do, 1.0), said)
