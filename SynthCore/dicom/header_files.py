"""Whole headers of single DICOM files, for programs that keep the files in a database."""

from __future__ import annotations

from pathlib import Path

from SynthCore.dicom.charset import settle_charset
from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.guard import guarded
from SynthCore.dicom.headers import Header
from SynthCore.dicom.patient_study import COPIED


def read_header(path: Path, what: str = "A DICOM file") -> Header:
    """Everything in front of the pixels of one DICOM file.

    Parameters
    ----------
    path : Path
        With or without preamble.
    what : str
        How an error names the file; its own name may be a patient's.

    Raises
    ------
    InputError
        If it is missing or damaged.
    """
    with guarded(what, "has a damaged header; copy it again"):
        header = read_file(path, stop_before_pixels=True, force=True)
        if "SOPClassUID" not in header and "Modality" not in header:
            raise ValueError("no image object")
        settle_charset(header, COPIED)
        return header
