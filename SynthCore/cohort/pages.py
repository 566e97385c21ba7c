"""Table and page of a batch: a line a case, written anew as cases end."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import SynthCore
from SynthCore.cohort.case import Case, Order
from SynthCore.cohort.contents import hash_of
from SynthCore.cohort.kept import KEPT
from SynthCore.cohort.outcome import Outcome
from SynthCore.cohort.page_rows import row_of
from SynthCore.cohort.summary import Line, summary_lines
from SynthCore.files.csv_table import csv_text
from SynthCore.files.read import split_series
from SynthCore.quality.pages import environment
from SynthCore.staging import named, renewed
from SynthCore.tasks import MR_ROLES, get_task

SHEET, PAGE, COMMISSION = "batch.csv", "batch.html", "commission.csv"
OWN_FILES = (SHEET, PAGE, COMMISSION)
WRITTEN = "commission"
"""In `KEPT`: hashes of what was last written as `COMMISSION`, by which a person's own is known."""

_TEMPLATES = Path(__file__).parent / "templates"
_COLUMNS = ("id", "outcome", "exit_code", "sentence", "model", "warnings", "seconds")
_SCORED = ("preset", "mask", "clip")
_WORST_FIRST = ("failed", "refused", "cancelled", "waiting")


class Commission(Enum):
    """Whose `COMMISSION` is in the folder: this call's, a person's own, or there is none."""

    ours = "ours"
    theirs = "theirs"
    none = "none"


def write_sheet(out: Path, outcomes: Sequence[Outcome]) -> None:
    """Write `SHEET` in the order of the table: every metric has a column.

    Raises
    ------
    InputError, ComputationError
        If it cannot be written.
    """
    metrics = list(dict.fromkeys(key for one in outcomes if one.score for key in one.score.metrics))
    rows = [[*_COLUMNS, *_SCORED, *metrics]]
    for one in outcomes:
        code = "" if one.became == "waiting" else str(one.exit_code)
        row = [one.id, one.became, code, one.sentence, one.model, str(len(one.warnings)),
               f"{one.seconds:.1f}"]  # fmt: skip
        score = one.score
        if score is None:
            row += [""] * (len(_SCORED) + len(metrics))
        else:
            row += [
                score.preset,
                score.mask,
                "[{:g}, {:g}]".format(*score.clip) if score.clip else "",
            ]
            row += [_figure(score.metrics.get(key)) for key in metrics]
        rows.append(row)
    _write(out / SHEET, csv_text(rows))


def write_commission(
    out: Path, cases: Sequence[Case], outcomes: Mapping[str, Outcome], order: Order
) -> Commission:
    """Write `COMMISSION` where synthetic CTs have real ones beside them: what `commission` reads.

    Where none was compared, that of an earlier call goes: it names results that are not the
    table's. One that a person wrote or changed stays.

    Raises
    ------
    InputError, ComputationError
        If it cannot be written.
    """
    task = get_task(order.task)
    makes_ct = task.outputs == ("CT",) and "CT" not in task.inputs
    rows = [["patient", "synthetic", "reference", "mr"]]
    for case in cases:
        one = outcomes[case.id]
        if not makes_ct or not one.done or case.reference is None or one.score is None:
            continue
        mr = next((path for role, path in case.paths.items() if role in MR_ROLES), "")
        image = f"{case.id}/{one.image}"
        rows.append([case.id, image, _relative(str(case.reference), out), _relative(mr, out)])
    path, text = out / COMMISSION, csv_text(rows)
    # written down before the table: one without it would be a person's own
    written = out / KEPT / WRITTEN
    try:
        if path.exists():
            ours = written.read_text("latin-1").split() if written.is_file() else []
            # an earlier version kept no hash: what would be written now was written by it
            ours.append(hashlib.sha256(text.encode()).hexdigest())
            if hash_of(path) not in ours:
                return Commission.theirs
            if len(rows) == 1:
                path.unlink()
        if len(rows) == 1:
            return Commission.none
        before = [hash_of(path)] if path.exists() else []
        _write(written, "\n".join([*before, hashlib.sha256(text.encode()).hexdigest(), ""]))
        _write(path, text)
    except OSError as error:
        raise named(error, out) from error
    return Commission.ours


def write_page(out: Path, outcomes: Sequence[Outcome], order: Order) -> None:
    """Write `PAGE`: one file with every picture, what needs a look first.

    Raises
    ------
    InputError, ComputationError
        If it cannot be written.
    """
    text = render_page(out, outcomes, order)
    with renewed(out / PAGE) as part:
        part.write_text(text, encoding="utf-8")


def render_page(out: Path, outcomes: Sequence[Outcome], order: Order) -> str:
    """Make the page of `write_page`."""
    counts = {name: sum(one.became == name for one in outcomes) for name in _WORST_FIRST}
    lines: tuple[Line, ...] = summary_lines(outcomes)
    return (
        environment(_TEMPLATES)
        .get_template("batch.html.j2")
        .render(
            title=get_task(order.task).title,
            task=order.task,
            rows=[row_of(out, one) for one in worst_first(outcomes)],
            total=len(outcomes),
            done=sum(one.done for one in outcomes),
            counts=counts,
            models=sorted({one.model for one in outcomes if one.model}),
            lines=lines,
            written=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            version=SynthCore.__version__,
        )
    )


def worst_first(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """What failed, was refused or stopped; then by error, largest first; then by warnings."""

    def place(one: Outcome) -> tuple[float, ...]:
        if one.became in _WORST_FIRST:
            return (_WORST_FIRST.index(one.became),)
        error = None if one.score is None else one.score.error
        after = len(_WORST_FIRST)
        if one.score is not None and error is None:  # no number where there should be one
            return (after,)
        if error is None:
            return (after + 2, -len(one.warnings))
        return (after + 1, -error)

    return sorted(outcomes, key=place)


def _relative(text: str, out: Path) -> str:
    """A path of a table in the output folder, absolute where it lies on another disk."""
    place, series = split_series(text) if text else (None, None)
    if place is None:
        return ""
    try:
        shown = Path(os.path.relpath(place, out.absolute())).as_posix()
    except ValueError:
        shown = str(place)
    return f"{shown}#{series}" if series else shown


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _write(path: Path, text: str) -> None:
    with renewed(path) as part:
        part.write_text(text, encoding="utf-8", newline="")
