"""``synthcore finetune``: train a model further on a site's own pairs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say
from SynthCore.cli.stoppable import stoppable
from SynthCore.words import counted

if TYPE_CHECKING:
    from SynthCore.training.finetune.learn import Tuned
    from SynthCore.training.finetune.ready import Ready


def finetune(
    model: Annotated[str, typer.Argument(help="Model id or folder to start from.")],
    pairs: Annotated[
        Path,
        typer.Option(
            help="CSV table with the columns patient, one for each input role, and target "
            "(paths are relative to the table), or a BIDS folder."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for registrations, the checkpoint and the model folder.")
    ],
    site: Annotated[str, typer.Option(help="Where the pairs come from, for the card.")],
    licence: Annotated[
        str, typer.Option(help="One line for the card: what may be done with data and model.")
    ],
    accept: Annotated[
        str | None,
        typer.Option(
            help="Pairs whose registration you looked at and accept: all, none or 1,3-5 (the "
            "numbers of the last page). Without it you are asked, on a terminal."
        ),
    ] = None,
    deformable: Annotated[
        bool, typer.Option("--deformable", help="Deform the targets as well, after a rigid move.")
    ] = False,
    aligned: Annotated[
        bool, typer.Option("--aligned", help="The pairs are registered; leave them as they lie.")
    ] = False,
    target: Annotated[
        str | None, typer.Option(help="Role to learn, for models that make several.")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, max=100_000, help="Batches to train on.")] = 600,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Stop after so many minutes, if steps last.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the split and the batches.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda:N.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Register a site's pairs, train on those you accept, and write a model of the site's own."""
    from SynthCore.errors import InputError
    from SynthCore.staging import refuse_existing
    from SynthCore.tasks import parse_role
    from SynthCore.training.finetune.learn import learn
    from SynthCore.training.finetune.ready import make_ready
    from SynthCore.training.machine import choose

    if deformable and aligned:
        raise InputError("--deformable and --aligned exclude each other; give one of them.")
    refuse_existing(out)
    choose(device)  # before anything is registered
    with progress_bar("finetune") as progress:
        ready = make_ready(
            model,
            pairs,
            out,
            site=site,
            licence=licence,
            target=None if target is None else parse_role(target),
            how="deformable" if deformable else "none" if aligned else "rigid",
            seed=seed,
            progress=progress,
        )
    _note(ready)
    accepted = _accepted(ready, accept)
    with progress_bar("finetune") as progress, stoppable() as cancelled:
        tuned = learn(
            ready,
            accepted,
            steps=steps,
            minutes=minutes,
            seed=seed,
            device=device,
            progress=progress,
            cancelled=cancelled,
        )
    if as_json:
        print_json(
            {
                "model": str(tuned.folder),
                "parent": ready.bundle.name,
                "registrations": str(ready.page),
                "left_out": list(ready.left_out),
                "accepted": list(accepted),
                "trained": list(tuned.split.trained),
                "kept": list(tuned.split.kept),
                "before": dict(tuned.before.metrics),
                "after": dict(tuned.after.metrics),
                "judged": [
                    {
                        "placed": one.after.placed,
                        "remark": one.after.remark,
                        "before": dict(one.before.metrics),
                        "after": dict(one.after.metrics),
                    }
                    for one in tuned.judged
                ],
                "warning": tuned.warning,
                "pairs": [
                    {
                        "number": one.pair.number,
                        "where": one.pair.where,
                        "notes": list(one.pair.notes),
                        "doubts": list(ready.doubts.get(one.pair.number, ())),
                    }
                    for one in ready.placed
                ],
            }
        )
        return
    _tell(tuned)


def _note(ready: Ready) -> None:
    """What was noticed of the pairs, by row."""
    if ready.left_out:
        few = "; ".join(ready.left_out[:3]) + ("; ..." if len(ready.left_out) > 3 else "")
        many = counted(len(ready.left_out), "session")
        note(f"Left out, without the target or an input: {many} ({few})")
    for one in ready.placed:
        pair = one.pair
        for text in pair.notes:
            note(f"Pair {pair.number} ({pair.where}): {text}")
        for text in ready.doubts.get(pair.number, ()):
            note(f"Warning: pair {pair.number} ({pair.where}): {text}")


def _accepted(ready: Ready, accept: str | None) -> tuple[int, ...]:
    from SynthCore.errors import RefusedError
    from SynthCore.training.finetune.accept import by_number, parse_accepted

    count = len(ready.placed)
    if accept is not None:
        accepted = parse_accepted(accept, count)
        if by_number(accept) and not ready.seen:
            raise RefusedError(
                f"--accept {accept} is of no page that shows these pairs under these numbers (the "
                f"table changed, or was not registered in this way yet): look at the new "
                f"{ready.page.name} in {ready.folder.name} of the output folder and run again."
            )
        return accepted
    note(f"Registrations to look at: {ready.page}")
    if not sys.stdin.isatty():
        raise RefusedError(
            f"Nothing is learned from a registration that nobody accepted: look at "
            f"{ready.page.name} in {ready.folder.name} of the output folder and run again with "
            "--accept all or numbers such as 1,3-5."
        )
    answer: str = typer.prompt(f"Which of the {count} pairs do you accept (all, none, 1,3-5)")
    return parse_accepted(answer, count)


def _tell(tuned: Tuned) -> None:
    if tuned.warning:
        note(f"Warning: {tuned.warning}")
    kept = counted(len(tuned.split.kept), "patient")
    for one in tuned.judged:
        say(f"On {kept} kept from the training, {one.after.placed} ({one.after.preset}):")
        for name, value in one.after.metrics.items():
            if name in one.before.metrics:
                say(f"  {name:16} {one.before.metrics[name]:10.4g} -> {value:10.4g}")
        if one.after.remark:
            say(one.after.remark)
    say(f"Model: {tuned.folder}")
    say(NOT_CLEARED)
