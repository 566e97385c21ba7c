"""``synthcore teach``: teaching cases as a page for a class and as a DICOM teaching file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say
from SynthCore.errors import InputError

PAGE = "class-page.html"


def teach(
    cases: Annotated[
        list[Path], typer.Argument(help="Case files (TOML or JSON); several make a quiz.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for what is made; nothing is written over.")
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Write a case file to fill in, with remarks, instead.")
    ] = False,
    html: Annotated[
        bool, typer.Option("--html", help=f"Make the class page, {PAGE}; the default.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make a class page of teaching cases, one file that needs no server and no network."""
    if new:
        _new(cases, as_json)
        return
    if out is None:
        raise InputError("Say with --out in which folder the class page is to be made.")
    from SynthCore.staging import refuse_existing, staged
    from SynthCore.teaching.case_file import read_case
    from SynthCore.teaching.page import write_page
    from SynthCore.teaching.study import read_study

    refuse_existing(out, (PAGE,))
    read = [read_case(path) for path in cases]
    with progress_bar("teaching case") as progress, staged(out) as stage:
        studies = []
        for number, case in enumerate(read):
            progress(0.5 * number / len(read), "reading")
            studies.append(read_study(case))
        write_page(stage / PAGE, studies, progress=lambda f, s: progress(0.5 + 0.5 * f, s))
    page = out / PAGE
    made: dict[str, Any] = {
        "page": str(page),
        "bytes": page.stat().st_size,
        "cases": len(read),
        "synthetic": any(study.synthetic for study in studies),
    }
    if as_json:
        print_json(made)
        return
    say(f"{page}: {len(read)} case{'s' if len(read) > 1 else ''}, {made['bytes'] / 1e6:.1f} MB")
    note(f"Anyone who opens the page sees the images: show it where you may. {NOT_CLEARED}")


def _new(cases: list[Path], as_json: bool) -> None:
    from SynthCore.teaching.example import write_example

    if len(cases) != 1:
        raise InputError("Name one file to write with --new, such as case.toml.")
    path = write_example(cases[0])
    if as_json:
        print_json({"case": str(path)})
    else:
        say(f"{path}: fill it in, then run synthcore teach {path} --out FOLDER")
