"""``synthcore demo``: a study of a digital head phantom, as DICOM."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from SynthCore.cli.console import print_json, progress_bar, say


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the study; it must not hold anything.")],
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another person.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write the demo study: T1, T1c, T2, FLAIR, PD, CT and low-dose CT of a digital phantom."""
    from SynthCore.demo import write_demo_study

    with progress_bar("demo study") as progress:
        series = write_demo_study(out, seed=seed, progress=progress)
    data = {role: str(path) for role, path in series.items()}
    if as_json:
        print_json({"study": str(out), "series": data})
        return
    for role, path in data.items():
        say(f"{role}: {path}")
