"""``synthcore train``: rebuild a model from its recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from SynthCore.cli.console import print_json, progress_bar, say
from SynthCore.cli.stoppable import stoppable


def train(
    recipe: Annotated[str, typer.Argument(help="Name of a recipe; the model's id.")],
    data: Annotated[Path, typer.Option(help="Folder of the training data.")],
    out: Annotated[
        Path, typer.Option(help="Folder for checkpoints, the log and the model folder.")
    ],
    minutes: Annotated[
        float | None,
        typer.Option(min=0.01, help="Stop after so many minutes; default: the recipe's steps."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed for whatever is random.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda:N.")] = "auto",
    resume: Annotated[
        bool,
        typer.Option(help="Go on from the last checkpoint in --out; else it is removed."),
    ] = True,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(
            help="A patient to train without; the model is judged by it as well where its recipe "
            "judges by patients of that kind. May be repeated."
        ),
    ] = None,
    begin: Annotated[
        Path | None,
        typer.Option(help="RECIPE-run of another --out, whose generated stage is taken over."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Train a model by its recipe and write its folder."""
    from SynthCore.errors import InputError
    from SynthCore.staging import named, refuse_existing
    from SynthCore.training.registry import get_recipe
    from SynthCore.training.run import train as run_recipe

    get_recipe(recipe)
    refuse_existing(out)
    if not data.is_dir():
        raise InputError(f"There is no folder {data}; name that of the training data with --data.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise named(error, out) from error
    with progress_bar(recipe) as progress, stoppable() as cancelled:
        folder = run_recipe(
            recipe,
            data,
            out,
            minutes=minutes,
            seed=seed,
            device=device,
            resume=resume,
            leave_out=leave_out or (),
            begin=begin,
            progress=progress,
            cancelled=cancelled,
        )
    if as_json:
        print_json({"recipe": recipe, "model": str(folder)})
        return
    say(f"Model: {folder}")
