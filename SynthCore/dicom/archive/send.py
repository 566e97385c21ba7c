"""Store files in an archive, and ask it afterwards what it holds and whether it kept the mark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from SynthCore.dicom.archive.archive import Archive, Held, Outgoing, Stored
from SynthCore.dicom.archive.sent import Sent
from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.guard import guarded
from SynthCore.dicom.headers import is_synthetic, text
from SynthCore.dicom.scan import scan
from SynthCore.errors import CancelledError, ComputationError, InputError
from SynthCore.request import Cancelled, Progress
from SynthCore.words import counted

_TAGS = ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"]


def outgoing(folder: Path) -> tuple[Outgoing, ...]:
    """Every DICOM object under a folder, or the one file.

    Raises
    ------
    InputError
        If there is none, or one is damaged.
    """
    found = scan(folder) if folder.is_dir() else None
    paths = [folder] if found is None else [one.path for one in found.instances]
    if found is not None and found.damaged:
        raise InputError(f"{found.damaged[0].name} is damaged; nothing was sent.")
    if not paths:
        raise InputError(
            f"There is no DICOM file in {folder.name}; an archive takes what run writes with "
            "--format dicom."
        )
    return tuple(_outgoing(path) for path in paths)


def _outgoing(path: Path) -> Outgoing:
    with guarded(path.name, "is no DICOM file or damaged; copy it again"):
        header = read_file(path, stop_before_pixels=True, specific_tags=_TAGS)
        syntax = str(header.file_meta.TransferSyntaxUID)
    values = [text(header, tag) for tag in _TAGS]
    if not all(values):
        raise InputError(f"{path.name} lacks a UID and cannot be sent; copy it again.")
    class_uid, uid, study, series = values
    return Outgoing(path, uid, class_uid, syntax, study, series)


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
    sent = Sent(stored, lost, len(files) - len(stored))
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
    answers = iter(archive.store(files))
    try:
        for n in range(len(files)):
            if cancelled is not None and cancelled():
                raise CancelledError(
                    f"Cancelled; {n} of {counted(len(files), 'file')} had been stored and stay in "
                    "the archive."
                )
            if progress is not None:
                progress(0.95 * n / len(files), f"file {n + 1} of {len(files)}")
            stored.append(next(answers))
        next(answers, None)  # it ends in order, instead of being broken off below
    except (ComputationError, InputError) as error:
        if not stored:
            raise
        return tuple(stored), str(error)
    finally:
        getattr(answers, "close", lambda: None)()
    return tuple(stored), ""


def _asked(sent: Sent, files: Sequence[Outgoing], archive: Archive) -> Sent:
    there: dict[str, bool | None] = {}
    for study, series in dict.fromkeys((file.study_uid, file.series_uid) for file in files):
        held = _held(archive, study, series)
        if held is None:
            return sent
        there.update(held)
    stored = {one.uid for one in sent.stored if not one.trouble}
    marked = [f for f in files if f.uid in stored and f.uid in there and _is_marked(f.path)]
    return Sent(
        sent.stored,
        asked=True,
        missing=tuple(uid for uid in sorted(stored) if uid not in there),
        unmarked=tuple(file.uid for file in marked if there[file.uid] is False),
        untold=sum(1 for file in marked if there[file.uid] is None),
    )


def _held(archive: Archive, study_uid: str, series_uid: str) -> Held | None:
    try:
        return archive.held(study_uid, series_uid)
    except ComputationError:  # it took the files: that it cannot be asked ends nothing
        return None


def _is_marked(path: Path) -> bool:
    with guarded(path.name, "changed while it was sent; send again"):
        return is_synthetic(read_file(path, stop_before_pixels=True))
