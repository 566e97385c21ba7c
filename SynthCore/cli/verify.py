"""``synthcore verify``: are these files marked, whole, and what their record says?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from SynthCore.cli.console import print_json, say
from SynthCore.words import counted

DIFFERS = 3


def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of a synthetic series or image.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check that every file is marked, belongs together and matches its record.

    Exit code 3 if one does not. This shows that nothing changed; it does not show who wrote it.
    It also tells which files were de-identified, and whether that changed their pixels.
    """
    from SynthCore.files.formats import kind_of_file
    from SynthCore.files.verify import verify_folder

    found = verify_folder(folder)
    if as_json:
        print_json({"folder": str(folder)} | found.to_dict())
    else:
        for line in found.summary():
            say(line)
        say(_verdict(len(found.files), len(found.sentences())))
        for line in found.notes:
            say(line)
        if not found.ok and folder.is_file() and kind_of_file(folder) == "dicom":
            say("One file was looked at: give the folder to look at its whole series.")
    if not found.ok:
        raise typer.Exit(DIFFERS)


def _verdict(files: int, findings: int) -> str:
    if findings:
        return f"{counted(findings, 'finding')} in {counted(files, 'file')}."
    if files == 1:
        return "1 file is marked and matches its record."
    return f"{files} files are marked, belong together and match their record."
