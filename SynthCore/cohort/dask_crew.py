"""Who computes the cases: several processes, here or on a Dask cluster, a case at a time each."""

from __future__ import annotations

import importlib.util
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from SynthCore.cohort.case import Case, Order
from SynthCore.cohort.crew import Crew, Watch
from SynthCore.cohort.finished import found_of
from SynthCore.cohort.kept import KEPT, Kept, kept_of
from SynthCore.cohort.outcome import Outcome, failure
from SynthCore.errors import ComputationError, InputError
from SynthCore.request import Cancelled

if TYPE_CHECKING:
    from distributed import Client, Future

EXTRA = "distributed"
LOOK_EVERY_S = 0.1
ANSWER_WITHIN_S = 10.0
ALONE_S = 60.0
"""How long a cluster may be without workers: those that start anew take a while."""
STOP = "stop-"
"""How the name of the file begins that asks workers to stop."""


def dask_crew(workers: int, scheduler: str | None) -> Crew:
    """A crew of processes.

    Parameters
    ----------
    workers : int
        Processes to start on this machine, where no scheduler is named.
    scheduler : str or None
        Address of a Dask scheduler whose workers see the same folders.

    Raises
    ------
    InputError
        If Dask is not installed.
    """
    if importlib.util.find_spec(EXTRA) is None:
        raise InputError(
            "Several workers need Dask, which is not installed: pip install 'SynthCore[cohort]'."
        )

    def crew(
        cases: Sequence[Case], order: Order, out: Path, watch: Watch, cancelled: Cancelled
    ) -> Iterator[Outcome]:
        if not cases or cancelled():
            return
        from SynthCore.cohort.dask_cluster import connected

        with connected(min(workers, len(cases)), scheduler) as client:
            shift = _Shift(client, order, out, watch, cancelled, scheduler)
            yield from shift.run(cases)

    return crew


class _Shift:
    """One call's cases on one cluster: each worker has one at a time.

    More would wait in a worker's queue, and fail with it when another case ends its process.
    """

    def __init__(
        self,
        client: Client,
        order: Order,
        out: Path,
        watch: Watch,
        cancelled: Cancelled,
        scheduler: str | None,
    ) -> None:
        self._client, self._order, self._scheduler = client, order, scheduler
        self._alone_since = float("inf")
        self._out = out.absolute()
        self._watch, self._cancelled = watch, cancelled
        token = secrets.token_hex(4)
        self._topic = f"synthcore-{token}"
        self._stop = self._out / KEPT / f"{STOP}{token}"
        self._under_way: dict[str, tuple[Case, Kept | None, Future]] = {}

    def run(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        waiting = list(reversed(cases))
        self._client.subscribe_topic(self._topic, self._hear)
        try:
            while True:
                there = self._workers()
                if self._cancelled():
                    waiting.clear()
                    self._stop.touch()
                elif waiting:
                    self._hand_out(waiting, there)
                if not waiting and not self._under_way:
                    return
                ended = [
                    address
                    for address, (_, _, future) in self._under_way.items()
                    if future.done() or address not in there
                ]
                for address in ended:
                    yield self._take(address)
                if not ended:
                    time.sleep(LOOK_EVERY_S)
        finally:
            with suppress(OSError):
                self._stop.unlink(missing_ok=True)

    def _hand_out(self, waiting: list[Case], there: Sequence[str]) -> None:
        from SynthCore.cohort.there import Errand, run_errand

        machines = Counter(urlsplit(address).hostname for address in there)
        for address in there:
            if waiting and address not in self._under_way:
                case = waiting.pop()
                sharing = machines[urlsplit(address).hostname]
                errand = Errand(
                    case, self._order, self._out, sharing, self._topic, self._stop
                )  # fmt: skip
                before = kept_of(self._out, case.id)
                future = self._client.submit(
                    run_errand, errand, workers=[address], pure=False,
                    key=f"case-{case.line}-{self._topic}",
                )  # fmt: skip
                self._under_way[address] = case, before, future

    def _workers(self) -> list[str]:
        """Addresses of those that are there.

        Raises
        ------
        ComputationError
            If the scheduler is gone, or there has been no worker for `ALONE_S`.
        """
        where = self._scheduler or "this machine"
        try:
            there = list(self._client.nthreads())
        except (OSError, TimeoutError) as error:
            raise ComputationError(
                f"The Dask scheduler of {where} does not answer any more; the same command goes "
                "on when one does."
            ) from error
        now = time.monotonic()
        self._alone_since = float("inf") if there else min(self._alone_since, now)
        if now - self._alone_since > ALONE_S:
            raise ComputationError(
                f"The Dask cluster of {where} has no workers any more; the same command goes on "
                "when it has."
            )
        return there

    def _take(self, address: str) -> Outcome:
        case, before, future = self._under_way.pop(address)
        if future.status == "finished":
            # a process that ended a moment ago takes what it would have answered along: Dask would
            # wait for it, and compute the case once more
            with suppress(Exception):
                return Outcome.from_dict(future.result(timeout=ANSWER_WITHIN_S))
        with suppress(Exception):
            future.cancel()
        return _left(case, self._order, self._out, before) or failure(
            case.id,
            "The process that computed the case ended before its time; perhaps memory ran out"
            + ("." if self._scheduler else ", and fewer --workers take less."),
        )

    def _hear(self, event: tuple[float, list[object]]) -> None:
        name, fraction, stage = event[1]
        if isinstance(fraction, int | float):
            self._watch(str(name), float(fraction), str(stage))


def _left(case: Case, order: Order, out: Path, before: Kept | None) -> Outcome | None:
    """The outcome that a process wrote before it ended; `before` is what was kept until then."""
    if (there := found_of(case, order, out)) is not None:
        return there
    kept = kept_of(out, case.id)
    if kept is None or kept == before or kept.outcome.done or kept.outcome.became == "waiting":
        return None
    return kept.outcome
