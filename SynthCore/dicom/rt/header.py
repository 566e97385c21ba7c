"""Open one radiotherapy object and see that it is what it should be."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataset import Dataset

from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.guard import guarded
from SynthCore.errors import InputError

_NAMES = {"RTSTRUCT": "structure set", "RTDOSE": "dose", "RTPLAN": "plan"}


def open_object(path: Path, modality: str) -> Dataset:
    """The dataset of one file, of that modality.

    Raises
    ------
    InputError
        If it cannot be read or is another object.
    """
    what = _NAMES[modality]
    if path.is_dir():
        raise InputError(f"{path.name} is a folder; give the {modality} file in it.")
    with guarded(path.name, f"is not a readable {what}; export it again"):
        # some planning systems leave out the preamble
        found = read_file(path, force=True)
        kind = str(found.get("Modality", ""))
    if kind != modality:
        said = f"a {_NAMES[kind]}" if kind in _NAMES else (f"{kind} object" if kind else "no DICOM")
        raise InputError(f"{path.name} is {said}, not a {what}: give an {modality} file.")
    return found
