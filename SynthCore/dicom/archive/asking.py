"""After storing, the archive is asked what it holds and whether it kept the mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from SynthCore.dicom.archive.archive import Archive, Outgoing, Stored
from SynthCore.dicom.archive.sent import Sent
from SynthCore.errors import ComputationError, InputError
from SynthCore.request import Cancelled, stop_if


def asked(
    sent: Sent,
    files: Sequence[Outgoing],
    archive: Archive,
    under_way: Outgoing | None = None,
    cancelled: Cancelled | None = None,
) -> Sent:
    """What the archive says that it holds of what was sent.

    Parameters
    ----------
    sent : Sent
        What it answered to each file.
    files : sequence of Outgoing
        All that were to be sent.
    archive : Archive
        To ask.
    under_way : Outgoing, optional
        The file that it broke off at, of which nobody knows whether it arrived.
    cancelled : callable, optional
        Asked between two series.

    Raises
    ------
    CancelledError
        If `cancelled` says so.
    """
    taken = {one.uid for one in sent.stored if not one.trouble}
    stored = [file for file in files if file.uid in taken]
    there, told = _held(stored if under_way is None else [under_way, *stored], sent, archive,
                        cancelled)  # fmt: skip
    if under_way is not None:
        if under_way.series_uid not in told:
            sent = replace(sent, doubtful=1)
        elif under_way.uid in there:
            sent = replace(sent, stored=(*sent.stored, Stored(under_way.uid)), left=sent.left - 1)
            stored.append(under_way)
    known = [file for file in stored if file.series_uid in told]
    marked = [file for file in known if file.uid in there and file.marked]
    return replace(
        sent,
        unasked=len(stored) - len(known),
        missing=tuple(sorted(file.uid for file in known if file.uid not in there)),
        unmarked=tuple(file.uid for file in marked if there[file.uid] is False),
        untold=sum(1 for file in marked if there[file.uid] is None),
    )


def may_hold(file: Outgoing, archive: Archive) -> bool:
    """Whether the archive holds an object, or cannot be asked."""
    there, told = _held([file], Sent((), "broke off"), archive, None)
    return file.uid in there or file.series_uid not in told


def _held(
    files: Sequence[Outgoing], sent: Sent, archive: Archive, cancelled: Cancelled | None
) -> tuple[dict[str, bool | None], set[str]]:
    """What it holds of the files' series, and the series of which it told."""
    there: dict[str, bool | None] = {}
    told: set[str] = set()
    for study, series in dict.fromkeys((file.study_uid, file.series_uid) for file in files):
        stop_if(cancelled)
        try:
            held = archive.held(study, series)
        except (ComputationError, InputError):
            if sent.lost:
                break  # it is gone: every other question would wait as long for nothing
            continue  # it took the files: that it cannot be asked ends nothing
        if held is not None:
            told.add(series)
            there.update(held)
    return there, told
