"""The DICOM files of a folder, as they are to be stored in an archive."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from SynthCore.dicom.archive.archive import Outgoing
from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.guard import guarded
from SynthCore.dicom.headers import is_synthetic, text
from SynthCore.dicom.scan import scan
from SynthCore.errors import InputError

_TAGS = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")


def outgoing(folder: Path) -> tuple[Outgoing, ...]:
    """Every DICOM object under a folder, or the one file.

    Raises
    ------
    InputError
        If there is none, one is damaged, or two have the same UID.
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
    files: dict[str, Outgoing] = {}
    for path in paths:
        file = _outgoing(path)
        if file.uid in files:
            raise InputError(
                f"{path.name} and {files[file.uid].path.name} are the same object twice; an "
                "archive would keep one of them, so give the folder of one series."
            )
        files[file.uid] = file
    return tuple(files.values())


def _outgoing(path: Path) -> Outgoing:
    with guarded(path.name, "is no DICOM file or damaged; copy it again"):
        data = path.read_bytes()
        header = read_file(io.BytesIO(data), stop_before_pixels=True)
        syntax = str(header.file_meta.TransferSyntaxUID)
    values = [text(header, tag) for tag in _TAGS]
    if not all(values):
        raise InputError(f"{path.name} lacks a UID and cannot be sent; copy it again.")
    class_uid, uid, study, series = values
    digest = hashlib.sha256(data).hexdigest()
    return Outgoing(path, digest, uid, class_uid, syntax, study, series, is_synthetic(header))
