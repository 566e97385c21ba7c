"""``synthcore gallery``: a page of what the generator of training images makes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from SynthCore.cli.console import print_json, progress_bar, say


def gallery(
    out: Annotated[Path, typer.Option(help="The HTML file to write; it must not exist.")],
    labels: Annotated[
        Path | None,
        typer.Option(
            help="Folder of whole-head label maps in SynthSeg's numbers; default: the digital "
            "phantom."
        ),
    ] = None,
    persons: Annotated[int, typer.Option(min=1, max=50, help="How many people to show.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, other people.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what the generator makes: people, sequences, lesions, scanners, in one HTML page."""
    from SynthCore.training.gallery.page import write_gallery

    with progress_bar("gallery") as progress:
        counts = write_gallery(out, labels=labels, persons=persons, seed=seed, progress=progress)
    if as_json:
        print_json({"page": str(out), "seed": seed, "pictures": counts})
        return
    say(f"Page: {out}")
