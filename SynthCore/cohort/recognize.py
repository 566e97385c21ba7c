"""Which cases are done, which are to be computed, and which must be left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import SynthCore
from SynthCore.cohort.case import Case, Order
from SynthCore.cohort.contents import what_changed
from SynthCore.cohort.kept import Kept, MadeBy, kept_cases, kept_of
from SynthCore.cohort.outcome import Outcome, Unnamed, of_error
from SynthCore.cohort.stamp import changed
from SynthCore.errors import InputError, RefusedError
from SynthCore.models.library import find_bundle
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
        If cases are done there that were ordered otherwise: the two would not be comparable.
    CancelledError
        Between two cases.
    """
    tell = or_stop(progress, cancelled)
    before = {case.id: kept_of(out, case.id) for case in cases}
    _require_same_order(cases, before, order, out)
    known: list[Outcome] = []
    first: list[Case] = []
    last: list[Case] = []
    for n, case in enumerate(cases):
        tell(n / len(cases), f"look at what is there of {case.id}")
        kept = before[case.id]
        found = _known(case, kept, order, out)
        if found is not None:
            known.append(found)
        else:
            broken = kept is not None and kept.outcome.became == "waiting"
            (last if broken else first).append(case)
    named = {case.id for case in cases}
    others = tuple(one for one in kept_cases(out) if one not in named and (out / one).exists())
    return Sorted(tuple(known), (*first, *last), others)


def _known(case: Case, kept: Kept | None, order: Order, out: Path) -> Outcome | None:
    """The outcome of a case whose folder is there; None where it is to be computed."""
    folder = out / case.id
    if not folder.exists() and not folder.is_symlink():
        return None
    if kept is None or kept.made_by is None or not kept.outcome.done:
        return _refusal(
            case.id,
            f"The folder {case.id} is there and is no result of this batch: nothing is written "
            "over, so move it away or give the case another id.",
        )
    try:
        columns = changed(case, kept.stamps)
    except InputError as error:
        return _unreadable(case.id, error)
    if columns:
        return _refusal(
            case.id,
            f"What stands under {', '.join(columns)} is not what the result in the folder "
            f"{case.id} was made from: move that folder away to compute it again.",
        )
    if other := _otherwise(kept.made_by, order.model, folder):
        return _refusal(
            case.id,
            f"The result in the folder {case.id} {other}. Move that folder away to compute it "
            "again.",
        )
    return kept.outcome.skipped(*_made_by_another(kept.made_by), *case.remarks)


def _otherwise(made: MadeBy, asked: str | None, folder: Path) -> str:
    """Why a result is not what the same call would make now, empty where it is."""
    if changes := what_changed(folder, made.files):
        return changes
    try:
        card = find_bundle(asked or made.model).card
    except InputError:
        return f"was made by {made.model}, which is not here any more"
    if card.version != made.version:
        return f"was made by {card.id} {made.version}, and here is {card.version}"
    if card.weights_sha256 != made.weights_sha256:
        return f"was made by other weights of {card.id}"
    return ""


def _made_by_another(made: MadeBy) -> tuple[str, ...]:
    """What to warn of where another version of the program made a result."""
    now = SynthCore.__version__
    if made.synthcore == now:
        return ()
    return (
        f"This result was made by SynthCore {made.synthcore}, and here is {now}, which may make "
        "another one: for one batch of one version name a new folder with --out.",
    )


def _require_same_order(
    cases: Sequence[Case], before: Mapping[str, Kept | None], order: Order, out: Path
) -> None:
    differ: dict[str, list[str]] = {}
    for case in cases:
        kept = before[case.id]
        if kept is None or not kept.outcome.done or not (out / case.id).exists():
            continue
        for name, value in order.facts(case).items():
            old = kept.order.get(name)
            if old != value:
                what = f"{name} was {_shown(old)} and is {_shown(value)} now"
                differ.setdefault(what, []).append(case.id)
    if not differ:
        return
    which, made = next(iter(differ.items()))
    raise InputError(
        f"Cases in {out.name} were made otherwise ({which}: {listed(made)}), and one batch is "
        "made in one way: give the same options, or name a new folder with --out."
    )


def _shown(value: object) -> str:
    return "not given" if value is None or value == "" else str(value)


def _refusal(case: str, sentence: str) -> Outcome:
    """Of a case that must not be computed, as its folder holds something else."""
    return of_error(case, RefusedError(sentence), Unnamed(), 0.0)


def _unreadable(case: str, error: InputError) -> Outcome:
    """Of a case whose files cannot even be looked at."""
    return of_error(case, error, Unnamed(), 0.0)
