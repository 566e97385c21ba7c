"""``synthcore finetune``: train a model further on a site's own pairs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say
from SynthCore.cli.stoppable import stoppable

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
            help="Pairs whose registration you looked at and accept: all, none or 1,3-5. "
            "Without it you are asked, on a terminal."
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
    if ready.left_out:
        few = ", ".join(ready.left_out[:3]) + (", ..." if len(ready.left_out) > 3 else "")
        note(f"Left out, without the target or an input: {len(ready.left_out)} sessions ({few})")
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
                "warning": tuned.warning,
            }
        )
        return
    _tell(tuned)


def _accepted(ready: Ready, accept: str | None) -> tuple[int, ...]:
    from SynthCore.errors import RefusedError
    from SynthCore.training.finetune.accept import parse_accepted

    count = len(ready.placed)
    if accept is not None:
        return parse_accepted(accept, count)
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
    kept = len(tuned.split.kept)
    say(f"On {kept} patient{'s' * (kept != 1)} kept from the training ({tuned.after.preset}):")
    for name, value in tuned.after.metrics.items():
        if name in tuned.before.metrics:
            say(f"  {name:16} {tuned.before.metrics[name]:10.4g} -> {value:10.4g}")
    say(f"Model: {tuned.folder}")
    say(NOT_CLEARED)
