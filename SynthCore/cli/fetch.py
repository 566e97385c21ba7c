"""``synthcore fetch``: series of an archive into a new folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from SynthCore.cli.console import note, print_json, progress_bar, say
from SynthCore.cli.send import OPEN_NETWORK
from SynthCore.errors import InputError
from SynthCore.staging import refuse_filled

if TYPE_CHECKING:
    from SynthCore.dicom.archive import FoundSeries


def fetch(
    archive: Annotated[
        str,
        typer.Option(
            "--from",
            help="The archive: URL of its DICOMweb service (https://host/dicom-web), or "
            "AET@host:port for C-FIND and C-GET.",
        ),
    ],
    study: Annotated[str, typer.Option(help="StudyInstanceUID.")] = "",
    series: Annotated[
        list[str] | None, typer.Option(help="SeriesInstanceUID in that study; may be repeated.")
    ] = None,
    patient_id: Annotated[str, typer.Option(help="PatientID, whole.")] = "",
    accession: Annotated[str, typer.Option(help="AccessionNumber, whole.")] = "",
    modality: Annotated[str, typer.Option(help="Series of this modality alone, such as MR.")] = "",
    out: Annotated[
        Path | None, typer.Option(help="New folder for the series; without it they are listed.")
    ] = None,
    own_title: Annotated[
        str, typer.Option(help="What this program calls itself to AET@host:port.")
    ] = "SYNTHCORE",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the series of a patient or study in an archive, or bring them here with --out.

    The user and password of a DICOMweb service are read from SYNTHCORE_ARCHIVE_USER and
    SYNTHCORE_ARCHIVE_PASSWORD, or a token from SYNTHCORE_ARCHIVE_TOKEN.
    """
    from SynthCore.cli.stoppable import stoppable
    from SynthCore.dicom.archive import Query, connect, parse_address
    from SynthCore.dicom.archive import fetch as bring

    address = parse_address(archive)
    there = connect(address, own_title)
    query = Query(patient_id, accession, study, tuple(series or ()), modality)
    if out is not None:
        refuse_filled(out)
    if not address.encrypted:
        note(OPEN_NETWORK)
    with progress_bar("fetch") as progress, stoppable() as cancelled:
        progress(0.0, "look")
        found = there.search(query)
        doubt = "" if found else there.doubt(query)
        if doubt:
            note(doubt)
        folders = None if out is None else bring(there, found, out, progress, cancelled)
    if as_json:
        print_json({"archive": there.host, "series": _as_json(found, folders)})
    elif folders is None:
        _list(found)
    else:
        _tell_folders(folders)


def _as_json(
    found: Sequence[FoundSeries], folders: Sequence[Path] | None
) -> list[dict[str, object]]:
    return [
        {
            "study_uid": one.study_uid,
            "series_uid": one.series_uid,
            "modality": one.modality,
            "number": one.number,
            "description": one.description,
            "objects": one.instances,
        }
        | ({} if folders is None else {"folder": str(folders[n])})
        for n, one in enumerate(found)
    ]


def _list(found: Sequence[FoundSeries]) -> None:
    for study in dict.fromkeys(one.study_uid for one in found):
        within = [one for one in found if one.study_uid == study]
        date = within[0].study_date or "no date"
        say(f"Study {study}  {within[0].study_description!r} ({date})")
        for one in within:
            say(f"  {one.line()}")
    say(f"{len(found)} series; bring them here with --out FOLDER." if found else "Nothing fits.")


def _tell_folders(folders: Sequence[Path]) -> None:
    from SynthCore.dicom.series import list_series

    for folder in folders:
        try:
            lines = [series.line().partition(" ")[2] for series in list_series(folder)]
        except InputError as error:  # it is here as the archive has it, whatever that is
            lines = [str(error)]
        for line in lines:
            say(f"{folder}: {line}")
