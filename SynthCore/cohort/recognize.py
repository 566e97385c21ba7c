"""Which cases are done, which are to be computed, and which must be left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from SynthCore.cohort.case import Case, Order
from SynthCore.cohort.finished import differences, found_of
from SynthCore.cohort.kept import kept_cases, kept_of
from SynthCore.cohort.outcome import Outcome
from SynthCore.errors import InputError
from SynthCore.request import Cancelled, Progress, or_stop
from SynthCore.words import listed


@dataclass(frozen=True)
class Sorted:
    """The cases of a table, sorted by what a call has to do.

    Attributes
    ----------
    known : tuple of Outcome
        Done before, or refused as their folder holds the result of something else.
    to_do : tuple of Case
        In the table's order, but last those during which an earlier call was ended by force: what
        ended it, such as memory, may do so again.
    others : tuple of str
        Ids of cases that are done and stand in the table no more.
    """

    known: tuple[Outcome, ...]
    to_do: tuple[Case, ...]
    others: tuple[str, ...] = ()


def sort_cases(
    cases: Sequence[Case],
    order: Order,
    out: Path,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Sorted:
    """Look at what the output folder holds of each case; nothing is written.

    Every finished result is read, which takes a while where there are many.

    Raises
    ------
    InputError
        If results are there that were ordered otherwise, of this table or of another: the two
        would not be comparable.
    CancelledError
        Between two cases.
    """
    tell = or_stop(progress, cancelled)
    _require_same_order(cases, order, out)
    known: list[Outcome] = []
    first: list[Case] = []
    last: list[Case] = []
    for n, case in enumerate(cases):
        tell(n / len(cases), f"look at what is there of {case.id}")
        found = found_of(case, order, out)
        if found is not None:
            known.append(found.skipped() if found.done else found)
        else:
            kept = kept_of(out, case.id)
            broken = kept is not None and kept.outcome.became == "waiting"
            (last if broken else first).append(case)
    named = {case.id for case in cases}
    others = tuple(one for one in kept_cases(out) if one not in named and (out / one).exists())
    return Sorted(tuple(known), (*first, *last), others)


def _require_same_order(cases: Sequence[Case], order: Order, out: Path) -> None:
    """Of every result in the folder, whether the table names it or not."""
    asked = {case.id: order.facts(case) for case in cases}
    differ: dict[str, list[str]] = {}
    for name in kept_cases(out):
        kept = kept_of(out, name)
        if kept is None or not kept.outcome.done or not (out / name).exists():
            continue
        for what in differences(asked.get(name, order.shared()), kept):
            differ.setdefault(what, []).append(name)
    if not differ:
        return
    which, made = next(iter(differ.items()))
    raise InputError(
        f"Cases in {out.name} were made otherwise ({which}: {listed(made)}), and one batch is "
        "made in one way: give the same options, or name a new folder with --out."
    )
