"""What a person is told of a run: where to look, and what was changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from SynthCore.dicom.deidentify.faces import FacesFound
from SynthCore.dicom.deidentify.options import Finding
from SynthCore.dicom.deidentify.pixels import TextFound
from SynthCore.words import counted


def of_text(found: TextFound, new: Callable[[str], str], *, blanked: bool) -> list[Finding]:
    """Of burned-in text.

    Parameters
    ----------
    found : TextFound
        By SOP Instance UIDs of the sources.
    new : callable
        From a UID of the sources to that of the result.
    blanked : bool
        Whether what was found was blanked.
    """
    told = []
    if found.regions:
        done = "was blanked" if blanked else "was left as it is"
        message = (
            f"What looks like burned-in text in {counted(len(found.regions), 'image')} {done}."
        )
        told.append(_finding("text", message, list(found.regions), new))
    if found.unreadable:
        message = f"{counted(len(found.unreadable), 'image')} could not be looked at for text."
        told.append(_finding("text", message, found.unreadable, new))
    if found.likely:
        message = (
            f"{counted(len(found.likely), 'image')} of a kind that often has text in its pixels, "
            "or with a header that says so: look at them."
        )
        told.append(_finding("text", message, found.likely, new))
    if found.looked < found.frames:
        message = (
            f"{found.looked} of {counted(found.frames, 'frame')} looked at for text; look at the "
            "others."
        )
        told.append(Finding("text", message))
    return told


def of_pixels(cleared: Sequence[str], new: Callable[[str], str]) -> list[Finding]:
    """Of images, by their UIDs in the sources, whose unused bits were cleared."""
    if not cleared:
        return []
    message = (
        f"Bits outside those stored were not empty in {counted(len(cleared), 'image')} and were "
        "cleared; compare them with the originals."
    )
    return [_finding("pixels", message, cleared, new)]


def of_faces(faces: FacesFound, new: Callable[[str], str]) -> list[Finding]:
    """Of images in which a face was looked for in vain."""
    if not faces.without:
        return []
    message = f"No face was found in {len(faces.without)} MR or CT images; look."
    return [_finding("face", message, tuple(faces.without), new)]


def of_repairs(repaired: Sequence[str]) -> list[Finding]:
    """Of objects, by their new UIDs, that were not legal."""
    if not repaired:
        return []
    message = (
        f"Attributes that must have a value lacked it in {len(repaired)} objects and were filled "
        "in."
    )
    return [Finding("illegal", message, tuple(repaired))]


def of_records(broken: Sequence[str], new: Callable[[str], str]) -> list[Finding]:
    """Of synthetic objects, by their UIDs in the sources, that were no longer as written."""
    if not broken:
        return []
    what = "1 synthetic object does" if len(broken) == 1 else f"{len(broken)} synthetic objects do"
    message = (
        f"{what} not match the record or digest inside, so the copies have none: synthcore "
        "verify finds them wanting."
    )
    return [_finding("record", message, broken, new)]


def of_others(count: int) -> list[Finding]:
    """Of files that were not taken."""
    if not count:
        return []
    message = (
        f"{count} files or folders were left out: they are hidden, links, or not DICOM objects."
    )
    return [Finding("left-out", message)]


def _finding(kind: str, message: str, uids: Sequence[str], new: Callable[[str], str]) -> Finding:
    return Finding(kind, message, tuple(new(uid) for uid in uids))
