"""Are the images of a folder marked as synthetic, whole, and as they were written?

DICOM series are checked by `verify_object` and `verify_series`, NIfTI and other volumes by the
hash in the record beside them. What this shows is integrity: files that were damaged, edited,
removed, added or exchanged are found. It is not authenticity: who can write the files can also
write a new record and digest. For that, sign them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from SynthCore.dicom import verify_deidentified
from SynthCore.dicom.scan import looks_like_dicom
from SynthCore.dicom.verification import FileFindings, Verification, joined
from SynthCore.dicom.verify_object import ObjectFacts, examine
from SynthCore.dicom.verify_series import compare
from SynthCore.dicom.verify_teaching import missing_from
from SynthCore.errors import InputError
from SynthCore.files.verify_person import PERSON_NAME, against_person
from SynthCore.files.verify_record import FACTS_NAME, against_mask, against_record
from SynthCore.files.verify_volume import VOLUME_SUFFIXES, verify_volume
from SynthCore.staging import PREFIX
from SynthCore.words import listed

_SYSTEM_FILES = (".DS_Store", "Thumbs.db", "desktop.ini")
"""What file managers leave in a folder."""

_LEFT_OVER = f"A run that was ended left {PREFIX}* behind, which is not a result; remove it."
_NOTHING_SYNTHETIC = "Nothing in the folder is marked or recorded as synthetic."


def verify_folder(folder: str | Path) -> Verification:
    """Verify every image in a folder and the folders below it.

    Each folder that holds DICOM files must hold one whole synthetic series, and beside it nothing
    but segmentations, parametric maps, structured reports and the objects of a teaching file,
    which are looked at one by one; each volume file (NIfTI, NRRD, MetaImage) needs its record
    beside it. Where a record stands beside the folder of a series, it must be the one in its
    files, and the file of a generated person must list its images and its truth as they are.
    Other files, such as a report, are not looked at, and its notes name them.

    Parameters
    ----------
    folder : path
        What `export_dicom` or `run` wrote; also a single volume file.

    Returns
    -------
    Verification
        ``ok`` only if nothing was found; its notes tell of files that were de-identified.

    Raises
    ------
    InputError
        If there is no such folder or no image in it.
    """
    root = Path(folder)
    try:
        exists = root.exists()
    except OSError as error:  # a name that is too long
        raise InputError(
            f"The folder cannot be read ({error.strerror}); check its name."
        ) from error
    if not exists:
        raise InputError(f"There is no folder {root}.")
    base = root if root.is_dir() else root.parent
    there_are = sorted(p for p in base.rglob("*") if p.is_file()) if root.is_dir() else [root]
    # what a run that was ended left behind is no part of a result
    files = [p for p in there_are if not _is_left_over(p.relative_to(base))]
    by_folder: dict[Path, list[ObjectFacts]] = {}
    parts: list[Verification] = []
    beside: tuple[str, ...] = ()
    others: list[str] = []
    persons: list[Path] = []
    synthetic = False
    for path in files:
        name = path.relative_to(base).as_posix()
        if path.name.lower().endswith(VOLUME_SUFFIXES):
            volume, recorded = verify_volume(path, name)
            synthetic = synthetic or recorded
            parts.append(Verification((volume,)))
        elif path.name == FACTS_NAME:
            beside += against_mask(path)
        elif path.name == PERSON_NAME:
            persons.append(path)
        elif _is_dicom(path):
            by_folder.setdefault(path.parent, []).append(examine(path, name))
        elif path.suffix != ".json" and not _is_hidden(path.relative_to(base)):
            others.append(name)
    everything = [facts for objects in by_folder.values() for facts in objects]
    there = {facts.uid for facts in everything}
    for place, objects in by_folder.items():
        synthetic = synthetic or any(facts.synthetic for facts in objects)
        found = tuple(FileFindings(facts.name, facts.findings) for facts in objects)
        images = [facts for facts in objects if not facts.companion]
        together = (*compare(images), *against_record(place, images)) if images else ()
        together = (*together, *missing_from(objects, there))
        parts.append(Verification(found, together))
    if not parts:
        raise InputError(f"There is no image in {root}; name the folder that run wrote.")
    for path in persons:
        beside += against_person(path, by_folder)
    parts.append(Verification((), beside))
    if not synthetic:
        parts.insert(0, Verification((), (_NOTHING_SYNTHETIC,)))
    parts.append(Verification((), notes=verify_deidentified.told(everything)))
    parts.append(Verification((), notes=_not_looked_at(others)))
    if len(files) < len(there_are):
        parts.append(Verification((), notes=(_LEFT_OVER,)))
    return joined(tuple(parts))


def _not_looked_at(others: Sequence[str]) -> tuple[str, ...]:
    if not others:
        return ()
    return (f"Not looked at, as no image: {listed(others)}.",)


def _is_left_over(path: Path) -> bool:
    return any(part.startswith(PREFIX) for part in path.parts)


def _is_hidden(path: Path) -> bool:
    """Whether a system or a command keeps it for itself, such as the lock of a batch."""
    return path.name in _SYSTEM_FILES or any(part.startswith(".") for part in path.parent.parts)


def _is_dicom(path: Path) -> bool:
    """Whether the file is, or by its name claims to be, a DICOM object."""
    if path.name.startswith(".") or path.name.upper() == "DICOMDIR":
        return False
    return path.suffix.lower() == ".dcm" or looks_like_dicom(path)
