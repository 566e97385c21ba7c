"""``synthcore send``: a synthetic series into an archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say
from SynthCore.errors import RefusedError
from SynthCore.words import counted

NOT_ALL = 4

OPEN_NETWORK = "The connection is not encrypted: who is on the network can read what is sent."


def send(
    folder: Annotated[Path, typer.Argument(help="Folder that run wrote with --format dicom.")],
    to: Annotated[
        str,
        typer.Option(
            help="The archive: URL of its DICOMweb service (https://host/dicom-web), or "
            "AET@host:port for C-STORE."
        ),
    ],
    own_title: Annotated[
        str, typer.Option(help="What this program calls itself to AET@host:port.")
    ] = "SYNTHCORE",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Store a synthetic series in an archive, and ask it what it kept.

    Files that are not marked, or were changed since they were written, are not sent (exit code
    3). Afterwards the archive is asked whether it holds every object and still says that it is
    synthetic; exit code 4 if not. The user and password of a DICOMweb service are read from
    SYNTHCORE_ARCHIVE_USER and SYNTHCORE_ARCHIVE_PASSWORD, or a token from SYNTHCORE_ARCHIVE_TOKEN.
    """
    from SynthCore.cli.stoppable import stoppable
    from SynthCore.dicom.archive import connect, outgoing, parse_address
    from SynthCore.dicom.archive import send as store
    from SynthCore.request import part_of

    address = parse_address(to)
    archive = connect(address, own_title)
    with progress_bar("send") as progress:
        progress(0.0, "verify")
        files = outgoing(folder)  # before it verifies: what is sent is what was verified
        names = _verified(folder)
        _refuse_others([file.path for file in files], folder, names)
        if not address.encrypted:
            note(OPEN_NETWORK)
        with stoppable() as cancelled:
            sent = store(files, archive, part_of(progress, 0.1, 1.0), cancelled)
        if sent.lost:
            progress.broke_off(len(sent.stored) / len(files), "broke off")
    if as_json:
        print_json(
            {
                "archive": archive.host,
                "files": len(sent.stored) + sent.left,
                "stored": sent.count,
                "doubtful": sent.doubtful,
                "unasked": sent.unasked,
                "untold": sent.untold,
                "missing": list(sent.missing),
                "unmarked": list(sent.unmarked),
                "messages": list(sent.sentences()),
                "ok": sent.ok,
            }
        )
    else:
        say(
            f"{sent.count} of {counted(len(sent.stored) + sent.left, 'file')} are in {archive.host}"
        )
        if sent.sure:
            say("The archive holds each of them and says that it is synthetic.")
        for sentence in sent.sentences():
            say(sentence)
        say(NOT_CLEARED)
    if not sent.ok:
        raise typer.Exit(NOT_ALL)


def _verified(folder: Path) -> set[str]:
    """Names of what verifies, below the folder.

    Raises
    ------
    RefusedError
        If anything does not.
    """
    from SynthCore.files.verify import verify_folder

    found = verify_folder(folder)
    if not found.ok:
        for line in found.summary():
            note(line)
        raise RefusedError(
            f"Nothing was sent: {counted(len(found.sentences()), 'finding')} in {folder.name}, as "
            "told by synthcore verify; "
            + ("make the series again." if folder.is_dir() else "name the folder of the series.")
        )
    return {one.name for one in found.files}


def _refuse_others(paths: Sequence[Path], folder: Path, names: set[str]) -> None:
    """What is sent and what verify looked at are the same objects: neither more nor fewer.

    Raises
    ------
    RefusedError
        If they are not.
    """
    from SynthCore.dicom.scan import looks_like_dicom

    base = folder if folder.is_dir() else folder.parent
    sent = {path.relative_to(base).as_posix(): path.name for path in paths}
    for name in sorted(sent.keys() - names):
        raise RefusedError(
            f"Nothing was sent: {sent[name]} is a DICOM object that synthcore verify does not "
            "look at; take it out of the folder."
        )
    left = [name for name in sorted(names - sent.keys()) if looks_like_dicom(base / name)]
    if left:
        raise RefusedError(
            f"Nothing was sent: {counted(len(left), 'DICOM object')} in hidden folders would be "
            "left out; move or remove the folders whose names begin with a point."
        )
