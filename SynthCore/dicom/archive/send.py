"""Store files in an archive, and ask it afterwards what it holds and whether it kept the mark."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from SynthCore.dicom.archive.archive import Archive, NotSentError, Outgoing, Stored
from SynthCore.dicom.archive.asking import asked, may_hold
from SynthCore.dicom.archive.sent import Sent
from SynthCore.errors import CancelledError, ComputationError, InputError, SynthCoreError
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
        If the archive cannot be reached, or breaks off at the first file.
    CancelledError
        Between two files or questions; what was stored by then stays in the archive.
    """
    stored, broke = _store(files, archive, progress, cancelled)
    under_way = _under_way(files, stored, broke)
    sent = Sent(stored, str(broke or ""), len(files) - len(stored))
    try:
        if progress is not None:
            progress(0.95, "ask what it holds")
        if broke is not None and not stored:
            raise _of_the_first(broke, under_way, archive)
        return asked(sent, files, archive, under_way, cancelled)
    except (KeyboardInterrupt, CancelledError) as error:
        raise _stopped(stored, len(files), ", which was not asked what it kept of them") from error


def _store(
    files: Sequence[Outgoing],
    archive: Archive,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> tuple[tuple[Stored, ...], SynthCoreError | None]:
    stored: list[Stored] = []
    begun = 0
    try:
        with closing(archive.store(files)) as answers:
            for n in range(len(files)):
                if cancelled is not None and cancelled():
                    raise _stopped(stored, len(files))
                if progress is not None:
                    progress(0.95 * n / len(files), f"file {n + 1} of {len(files)}")
                begun = n + 1
                stored.append(next(answers))
            next(answers, None)  # it ends in order, instead of being broken off
    except KeyboardInterrupt as error:
        more = ", and one more may be there" if begun > len(stored) else ""
        raise _stopped(stored, len(files), more) from error
    except (ComputationError, InputError) as error:
        return tuple(stored), error
    return tuple(stored), None


def _under_way(
    files: Sequence[Outgoing], stored: Sequence[Stored], broke: SynthCoreError | None
) -> Outgoing | None:
    """The file that the archive may have taken without a word."""
    if broke is None or isinstance(broke, InputError | NotSentError) or len(stored) == len(files):
        return None
    return files[len(stored)]


def _of_the_first(
    broke: SynthCoreError, under_way: Outgoing | None, archive: Archive
) -> SynthCoreError:
    if under_way is None or not may_hold(under_way, archive):
        return broke
    return ComputationError(f"{broke} One file may be in the archive; look at it there.")


def _stopped(stored: Sequence[Stored], count: int, more: str = "") -> CancelledError:
    there = sum(1 for one in stored if not one.trouble)
    return CancelledError(
        f"Cancelled; {there} of {counted(count, 'file')} had been stored and stay in the "
        f"archive{more}."
    )
