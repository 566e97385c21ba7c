"""``synthcore batch``: the same task on many studies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say
from SynthCore.cli.run import Format
from SynthCore.cli.stoppable import stoppable
from SynthCore.errors import CancelledError, InputError
from SynthCore.request import Options
from SynthCore.tasks import Task, get_task, parse_role
from SynthCore.words import counted

if TYPE_CHECKING:
    from SynthCore.cohort.batch import Ended
    from SynthCore.cohort.outcome import Outcome


def batch(
    task: Annotated[str, typer.Argument(help="A task; see `synthcore tasks`.")],
    table: Annotated[
        Path,
        typer.Argument(
            help="CSV, a case a line: id, a column for each role (T1, CT, ...) with a path as "
            "--input of `run` has it, relative to the table, and if wanted mask and reference."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results, one below it a case; a stopped one goes on."),
    ] = None,
    table_of: Annotated[
        Path | None,
        typer.Option(
            help="Only write TABLE, for you to read and correct: the studies of this folder, with "
            "the roles that headers or file names suggest."
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Role to make, where there is a choice.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model id or folder; by default the best for each case.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda:N.")] = "auto",
    backend: Annotated[str, typer.Option(help="auto, openvino or torch.")] = "auto",
    tile: Annotated[int | None, typer.Option(min=128, help="As of `run`.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed for whatever is random.")] = 0,
    uncertainty: Annotated[bool, typer.Option("--uncertainty", help="As of `run`.")] = False,
    output_format: Annotated[
        Format, typer.Option("--format", help="How to write the results.")
    ] = Format.dicom,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            help="So many processes of this machine share the cases, and its cores.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="A Dask cluster of yours, as tcp://HOST:8786, whose workers see the same folders."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Synthesize for every case of a table, and show all of them on one page.

    A case that is refused or fails does not stop the others. Ctrl+C stops after the running case
    is put away, and the same command goes on. Exit code 0 where all are done, 3 where one was
    refused, 4 where one failed.
    """
    kind = get_task(task)
    wanted = None if target is None else parse_role(target)
    if table_of is not None:
        _suggest(kind, wanted, table_of, table, as_json)
        return
    if out is None:
        raise InputError("Name the folder for the results with --out.")
    if workers is not None and scheduler is not None:
        raise InputError("--workers and --scheduler exclude each other; give one of them.")

    from SynthCore.cohort.batch import run_batch
    from SynthCore.cohort.case import Order
    from SynthCore.cohort.crew import alone, warning
    from SynthCore.cohort.pages import COMMISSION, Commission
    from SynthCore.cohort.table import read_cases
    from SynthCore.engine.backends import choose, require_known
    from SynthCore.engine.select import asked_for
    from SynthCore.models.library import place_problems

    # what is wrong without an image is told before one is read
    require_known(device, backend)
    if scheduler is None:  # workers elsewhere have devices of their own
        choose(device, backend)
    cases = read_cases(table, kind, wanted, out)
    model_id = ""
    if model is not None:
        for roles, made in {(tuple(case.paths), case.target): None for case in cases}:
            bundle = asked_for(model, kind, roles, made)
        model_id = bundle.card.id
        if model != model_id:  # a folder, which workers must find from wherever they are
            model = str(bundle.folder.absolute())
    options = Options(seed, device, backend, tile=tile, uncertainty=uncertainty)
    order = Order(task, model, model_id, options, output_format.value)
    crew = alone
    if workers is not None or scheduler is not None:
        from SynthCore.cohort.dask_crew import dask_crew

        crew = dask_crew(workers or 0, scheduler)
    for problem in place_problems():
        note(f"Warning: {problem}")
    with stoppable() as cancelled, progress_bar(f"batch {task}") as progress:
        ended = run_batch(
            cases,
            order,
            out,
            crew=warning(crew),
            told=_tell,
            progress=progress,
            cancelled=cancelled,
        )
        if ended.cancelled:
            raise CancelledError(f"Cancelled: {ended.verdict} The same command goes on.")
    if ended.others:
        note(
            f"Warning: {out.name} also holds results that the table does not name: "
            f"{', '.join(ended.others)}."
        )
    if ended.commission is Commission.theirs:
        note(
            f"Warning: {COMMISSION} in {out.name} is not as a batch wrote it, and stays as it is: "
            "move it away for the table of this call."
        )
    _finish(ended, task, out, as_json)


def _finish(ended: Ended, task: str, out: Path, as_json: bool) -> None:
    from SynthCore.cohort.pages import COMMISSION, PAGE, SHEET, Commission

    if as_json:
        print_json(
            {
                "task": task,
                "out": str(out),
                "table": str(out / SHEET),
                "page": str(out / PAGE),
                "told": ended.verdict,
                "exit_code": ended.exit_code,
                "cases": [_facts(one, out) for one in ended.outcomes],
            }
        )
    else:
        say(ended.verdict)
        say(f"Look at every case: {out / PAGE}\nTable: {out / SHEET}")
        if ended.commission is Commission.ours:
            say(f"For `synthcore commission`: {out / COMMISSION}")
        say(NOT_CLEARED)
    if ended.exit_code:
        if as_json:
            note(ended.verdict)
        raise typer.Exit(ended.exit_code)


def _facts(one: Outcome, out: Path) -> dict[str, Any]:
    folder = out / one.id
    score = one.score
    paths = {
        name: str(folder / file) if file else None
        for name, file in (
            ("image", one.image),
            ("record", one.record),
            ("report", one.report),
            ("uncertainty", one.uncertainty),
        )
    }
    return {
        "id": one.id,
        "outcome": one.became,
        "exit_code": one.exit_code,
        "told": one.sentence,
        "model": one.model,
        "warnings": list(one.warnings),
        "seconds": one.seconds,
        "evaluation": None
        if score is None
        else {
            "preset": score.preset,
            "metrics": dict(score.metrics),
            "mask": score.mask,
            "clip": None if score.clip is None else list(score.clip),
        },
        **paths,
    }


def _tell(one: Outcome) -> None:
    """A line on stderr as a case ends, above the bar."""
    told = one.sentence
    if one.became == "done":
        figures = [f"{one.seconds:.1f} s"]
        figures += [one.score.text] if one.score else []
        figures += [f"warnings: {len(one.warnings)}"] if one.warnings else []
        told = f"{one.model}, {', '.join(figures)}"
    note(f"{one.id}: {one.became}{f': {told}' if told else ''}")


def _suggest(kind: Task, target: str | None, folder: Path, table: Path, as_json: bool) -> None:
    from SynthCore.cohort.suggest import write_suggestion

    with progress_bar("read headers") as progress:
        found = write_suggestion(kind, target, folder, table, progress)
    data = {"table": str(table), "cases": len(found.cases), "empty": list(found.told)}
    for line in found.told:
        note(line)
    if as_json:
        print_json(data)
        return
    cases = counted(len(found.cases), "case")
    say(f"{table} has {cases}. Read it, correct it, give the cases your names.")
