"""``synthcore tasks``: what can be synthesized."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from SynthCore.cli.console import print_json, table
from SynthCore.tasks import TASKS


def tasks(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the tasks: what goes in, what comes out."""
    if as_json:
        print_json({"tasks": [asdict(task) for task in TASKS.values()]})
        return
    table(
        "Tasks",
        ["Task", "What it makes", "From", "Into"],
        [
            [
                task.name,
                task.title,
                ", ".join(task.inputs) + (" + mask" if task.needs_mask else ""),
                ", ".join(task.outputs),
            ]
            for task in TASKS.values()
        ],
    )
