"""Bring series from an archive into a new folder."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from SynthCore.dicom.archive.archive import Archive
from SynthCore.dicom.archive.query import FoundSeries
from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.headers import text
from SynthCore.errors import ComputationError, InputError
from SynthCore.request import Cancelled, Progress, or_stop
from SynthCore.staging import new_folder
from SynthCore.words import counted


def fetch(
    archive: Archive,
    wanted: Sequence[FoundSeries],
    folder: Path,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> tuple[Path, ...]:
    """Write each series into a folder of its own, all of them or none.

    Folders and files are named by numbers and modality: nothing of the patient is in a name.

    Parameters
    ----------
    archive : Archive
        Of `connect`.
    wanted : sequence of FoundSeries
        Of its `search`, of one patient.
    folder : Path
        New, or empty.
    progress, cancelled : callable, optional
        See `SynthCore.request`.

    Returns
    -------
    tuple of Path
        The folder of each series, ``01-MR``.

    Raises
    ------
    InputError
        If there is nothing to fetch, several patients or studies that may be of several were
        found, or the folder holds something.
    ComputationError
        If the archive breaks off, or gives others or fewer objects than it told.
    CancelledError
        Between two objects; nothing is kept.
    """
    if not wanted:
        raise InputError("Nothing in the archive fits; look with fewer conditions.")
    if len({series.patient_id for series in wanted}) > 1:
        raise InputError(
            "What was found is of several patients; give --study to choose one of their studies."
        )
    if len({series.study_uid for series in wanted if not series.patient_id}) > 1:
        raise InputError(
            "What was found is of several studies without a patient ID, which may be of several "
            "patients; give --study to choose one of them."
        )
    tell = or_stop(progress, cancelled)
    total = sum(max(1, series.instances) for series in wanted)
    names = [f"{n + 1:02d}-{series.modality or 'XX'}" for n, series in enumerate(wanted)]
    with new_folder(folder) as stage:
        done = 0
        for name, series in zip(names, wanted, strict=True):
            place = stage / name
            place.mkdir()
            there: set[str] = set()
            tell(min(1.0, done / total), name)
            for data in archive.retrieve(series):
                uid = _uid_of(data, series, archive.host)
                if uid in there:
                    raise ComputationError(
                        f"{archive.host} gave an object of series {series.number} twice; nothing "
                        "was kept, try again or by its other protocol."
                    )
                there.add(uid)
                (place / f"{len(there):05d}.dcm").write_bytes(data)
                tell(min(1.0, (done + len(there)) / total), f"{name}, object {len(there)}")
            _refuse_fewer(len(there), series, archive.host)
            done += max(1, series.instances)
    return tuple(folder / name for name in names)


def _uid_of(data: bytes, series: FoundSeries, host: str) -> str:
    """SOPInstanceUID of an object that belongs to the series."""
    try:
        with quiet():
            header = read_file(
                io.BytesIO(data),
                stop_before_pixels=True,
                specific_tags=["SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"],
            )
    except Exception as error:  # pydicom raises many kinds on bytes that are no DICOM
        raise ComputationError(f"{host} sent something that is no DICOM object.") from error
    own = text(header, "StudyInstanceUID"), text(header, "SeriesInstanceUID")
    if own != (series.study_uid, series.series_uid):
        raise ComputationError(
            f"{host} sent an object of another series than was asked for; nothing was kept."
        )
    return text(header, "SOPInstanceUID")


def _refuse_fewer(count: int, series: FoundSeries, host: str) -> None:
    if count and count >= series.instances:
        return
    told = f"{count} of {counted(series.instances, 'object')}" if series.instances else "no object"
    raise ComputationError(
        f"{host} gave {told} of series {series.number}; nothing was kept, try again or by its "
        "other protocol."
    )
