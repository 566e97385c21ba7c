"""Where exported series go: a new folder, or Slicer's DICOM database."""

from __future__ import annotations

import secrets
import shutil
import time
from pathlib import Path

import slicer

from SynthCore.errors import InputError


def new_folder(parent: Path, target: str) -> Path:
    """A folder in `parent` that does not exist yet, named by what it will hold and when.

    Raises
    ------
    InputError
        If there is no such parent.
    """
    if not parent.is_dir():
        raise InputError("The folder to export to is not there; choose another one.")
    stem = f"SYNTHETIC_{target}_{time.strftime('%Y%m%d_%H%M%S')}"
    names = [stem, *(f"{stem}_{number}" for number in range(2, 100))]
    return next(parent / name for name in names if not (parent / name).exists())


def temporary_folder() -> Path:
    """A name for a folder that nobody else uses, in the application's own place for such."""
    return Path(slicer.app.temporaryPath) / f"SlicerSynth-{secrets.token_hex(8)}"


def import_into_database(folder: Path) -> None:
    """Copy the series in `folder` into Slicer's DICOM database, and take the folder away.

    Raises
    ------
    InputError
        If there is no database, or it does not take every file.
    """
    from DICOMLib import DICOMUtils

    from SynthCore.dicom.scan import scan

    database = slicer.dicomDatabase
    try:
        if not database.isOpen:
            raise InputError("Slicer's DICOM database is not open; open the DICOM module once.")
        written = [one.uid for one in scan(folder).instances]
        taken = DICOMUtils.importDicom(str(folder), database, True)
        # a full disk is only logged there
        missing = [uid for uid in written if not database.fileForInstance(uid)]
        if missing or not taken:
            raise InputError(
                f"Slicer's DICOM database did not take {len(missing) or 'all'} of the "
                f"{len(written)} files; look whether its disk is full, or export to a folder."
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
