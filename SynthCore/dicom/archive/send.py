"""Store files in an archive, and ask it afterwards what it holds and whether it kept the mark."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from SynthCore.dicom.archive.archive import Archive, Held, Outgoing, Stored
from SynthCore.dicom.archive.sent import Sent
from SynthCore.errors import CancelledError, ComputationError, InputError
from SynthCore.request import Cancelled, Progress
from SynthCore.words import counted


def send(
    files: Sequence[Outgoing],
    archive: Archive,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Sent:
    """Store files, then ask the archive for them.

    They are sent as they are: whether they are marked and whole is to be known before
    (`SynthCore.files.verify.verify_folder`).

    Parameters
    ----------
    files : sequence of Outgoing
        Of `outgoing`.
    archive : Archive
        Of `connect`.
    progress, cancelled : callable, optional
        See `SynthCore.request`.

    Raises
    ------
    ComputationError
        If the archive cannot be reached.
    CancelledError
        Between two files; what was stored by then stays in the archive.
    """
    stored, lost = _store(files, archive, progress, cancelled)
    sent = Sent(stored, lost, len(files) - len(stored), unasked=len(stored))
    if lost:
        return sent
    if progress is not None:
        progress(0.95, "ask what it holds")
    return _asked(sent, files, archive)


def _store(
    files: Sequence[Outgoing],
    archive: Archive,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> tuple[tuple[Stored, ...], str]:
    stored: list[Stored] = []
    try:
        with closing(archive.store(files)) as answers:
            for n in range(len(files)):
                if cancelled is not None and cancelled():
                    raise _stopped(stored, len(files))
                if progress is not None:
                    progress(0.95 * n / len(files), f"file {n + 1} of {len(files)}")
                stored.append(next(answers))
            next(answers, None)  # it ends in order, instead of being broken off
    except KeyboardInterrupt as error:
        raise _stopped(stored, len(files)) from error
    except (ComputationError, InputError) as error:
        if not stored:
            raise
        return tuple(stored), str(error)
    return tuple(stored), ""


def _stopped(stored: Sequence[Stored], count: int) -> CancelledError:
    there = sum(1 for one in stored if not one.trouble)
    return CancelledError(
        f"Cancelled; {there} of {counted(count, 'file')} had been stored and stay in the archive."
    )


def _asked(sent: Sent, files: Sequence[Outgoing], archive: Archive) -> Sent:
    there: dict[str, bool | None] = {}
    asked: set[str] = set()
    for study, series in dict.fromkeys((file.study_uid, file.series_uid) for file in files):
        held = _held(archive, study, series)
        if held is not None:
            asked.add(series)
            there.update(held)
    stored = {one.uid for one in sent.stored if not one.trouble}
    of_those = [file for file in files if file.uid in stored and file.series_uid in asked]
    marked = [file for file in of_those if file.uid in there and file.marked]
    return replace(
        sent,
        unasked=len(stored) - len(of_those),
        missing=tuple(sorted(file.uid for file in of_those if file.uid not in there)),
        unmarked=tuple(file.uid for file in marked if there[file.uid] is False),
        untold=sum(1 for file in marked if there[file.uid] is None),
    )


def _held(archive: Archive, study_uid: str, series_uid: str) -> Held | None:
    try:
        return archive.held(study_uid, series_uid)
    except (ComputationError, InputError):
        return None  # it took the files: that it cannot be asked ends nothing
