"""``synthcore deidentify``: a patient's DICOM objects without the patient."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from SynthCore.cli.console import print_json, progress_bar, say
from SynthCore.errors import InputError
from SynthCore.words import counted


def deidentify(
    folder: Annotated[
        Path,
        # not checked by the parser: its message would name the file
        typer.Argument(help="Folder or file of one patient's DICOM objects.", readable=False),
    ],
    out: Annotated[Path, typer.Option(help="New folder for the de-identified copies.")],
    name: Annotated[str, typer.Option("--as", help="The pseudonym, such as CASE01.")] = "CASE01",
    keep_dates: Annotated[
        bool, typer.Option("--keep-dates", help="Keep dates and times, but not the birth date.")
    ] = False,
    shift_dates: Annotated[
        int | None,
        typer.Option(help="Shift every date by this many days; the birth date is removed."),
    ] = None,
    keep_characteristics: Annotated[
        bool, typer.Option("--keep-characteristics", help="Keep sex, age, size and weight.")
    ] = False,
    keep_words: Annotated[
        bool,
        typer.Option("--keep-words", help="Keep words of imaging in descriptions and labels."),
    ] = False,
    faces: Annotated[
        str, typer.Option(help="blur or remove: the face in MR and CT of the head.")
    ] = "keep",
    blank_text: Annotated[
        bool, typer.Option("--blank-text", help="Blank burned-in text where it is found.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Copy a patient's DICOM objects without identifiers, following DICOM PS3.15 Annex E.

    Links between the objects hold, and synthetic images stay marked. Objects that cannot be
    de-identified (documents, waveforms, photographs) are refused. Look at the images before you
    hand them on: not all text in the pixels is found.
    """
    from SynthCore.dicom.deidentify import DeidentifyOptions
    from SynthCore.dicom.deidentify import deidentify as run

    if keep_dates and shift_dates is not None:
        raise InputError("Dates are kept or shifted, not both: give --keep-dates or --shift-dates.")
    options = DeidentifyOptions(
        dates="keep" if keep_dates else "remove" if shift_dates is None else "shift",
        shift_days=shift_dates or 0,
        keep_characteristics=keep_characteristics,
        keep_words=keep_words,
        faces=faces,  # type: ignore[arg-type]  # checked there
        blank_text=blank_text,
    )
    with progress_bar("deidentify") as progress:
        done = run([folder], out, pseudonym=name, options=options, progress=progress)
    if as_json:
        print_json(
            {
                "folder": str(out),
                "files": len(done.files),
                "pseudonym": name,
                "counts": dict(done.counts),
                "findings": [
                    {"kind": f.kind, "message": f.message, "files": list(f.files)}
                    for f in done.findings
                ],
            }
        )
        return
    say(f"{counted(len(done.files), 'object')} of {name} in {out}")
    for what, number in done.counts.items():
        say(f"  {number:>7} {what}")
    for finding in done.findings:
        kind = "repaired" if finding.kind == "illegal" else finding.kind
        say(f"{kind}: {finding.message}")
