"""Is what lies in a case's folder the result that this call would make? One answer for all.

It is asked before anything is computed, by whoever computes a case, and of a case whose process
ended: on a cluster a worker of a call that was ended by force goes on with the case that it had,
and the table may name other files under that id by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import SynthCore
from SynthCore.cohort.case import Case, Order
from SynthCore.cohort.contents import what_changed
from SynthCore.cohort.kept import Kept, MadeBy, kept_of
from SynthCore.cohort.outcome import Outcome, of_error
from SynthCore.cohort.stamp import changed
from SynthCore.cohort.unnamed import Unnamed
from SynthCore.errors import InputError, RefusedError
from SynthCore.models.library import find_bundle


def found_of(case: Case, order: Order, out: Path) -> Outcome | None:
    """What the folder of a case holds.

    Returns
    -------
    Outcome or None
        As it was kept, where the result is whole and made of these files in this way; a refusal
        where it is anything else; None where there is no such folder.
    """
    folder = out / case.id
    if not folder.exists() and not folder.is_symlink():
        return None
    kept = kept_of(out, case.id)
    if kept is None or kept.made_by is None or not kept.outcome.done:
        return _refusal(
            case.id,
            f"The folder {case.id} is there and is no result of this batch: nothing is written "
            "over, so move it away or give the case another id.",
        )
    try:
        columns = changed(case, kept.stamps)
    except InputError as error:
        return of_error(case.id, error, Unnamed(), 0.0)
    if columns:
        return _refusal(
            case.id,
            f"What stands under {', '.join(columns)} is not what the result in the folder "
            f"{case.id} was made from: move that folder away to compute it again.",
        )
    if other := _otherwise(kept, kept.made_by, order, case, folder):
        return _refusal(
            case.id,
            f"The result in the folder {case.id} {other}. Move that folder away to compute it "
            "again.",
        )
    return kept.outcome.warned(*_made_by_another(kept.made_by), *case.remarks)


def differences(asked: Mapping[str, Any], kept: Kept) -> list[str]:
    """What was asked otherwise when a result was made, in words."""
    return [
        f"{name} was {_shown(kept.order.get(name))} and is {_shown(value)} now"
        for name, value in asked.items()
        if kept.order.get(name) != value
    ]


def _otherwise(kept: Kept, made: MadeBy, order: Order, case: Case, folder: Path) -> str:
    """Why a result is not what the same call would make now, empty where it is."""
    if differ := differences(order.facts(case), kept):
        return f"was made otherwise ({differ[0]})"
    if changes := what_changed(folder, made.files):
        return changes
    try:
        card = find_bundle(order.model or made.model).card
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


def _shown(value: object) -> str:
    return "not given" if value is None or value == "" else str(value)


def _refusal(case: str, sentence: str) -> Outcome:
    """Of a case that must not be computed, as its folder holds something else."""
    return of_error(case, RefusedError(sentence), Unnamed(), 0.0)
