"""The objects to de-identify: found, read once without pixels, and of one patient."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import is_zipfile

from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import (
    UID,
    AllTransferSyntaxes,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.deidentify.classes import check_class
from SynthCore.dicom.deidentify.patients import check_one_patient
from SynthCore.dicom.guard import guarded, quiet
from SynthCore.dicom.scan import Scan, looks_like_dicom
from SynthCore.dicom.scan import scan as scan_folder
from SynthCore.errors import InputError


@dataclass(frozen=True)
class SourceObject:
    """One object: its file, its number in the order of the files, its header without pixels."""

    path: Path
    number: int
    header: Dataset = field(repr=False)


def find_files(paths: Sequence[Path]) -> tuple[tuple[Path, ...], int]:
    """The DICOM files among and under `paths`, each once, and how many others there are.

    Raises
    ------
    InputError
        If a path is not there, a file is damaged, or there is no DICOM file.
    """
    found: dict[Path, None] = {}
    others = 0
    for path in paths:
        if path.is_dir():
            scan = _scanned(path)
            if scan.damaged:
                raise InputError(
                    f"{len(scan.damaged)} of the DICOM files are damaged; copy them again or take "
                    "them out: what cannot be read cannot be de-identified."
                )
            others += len(scan.others) + _passed_over(path)
            found.update((instance.path.resolve(), None) for instance in scan.instances)
        elif not path.is_file():
            raise InputError("A file or folder to de-identify is not there; check the path.")
        elif not os.access(path, os.R_OK):
            raise InputError("A file to de-identify may not be read; change its permissions.")
        elif looks_like_dicom(path):
            found[path.resolve()] = None
        elif is_zipfile(path):
            raise InputError(
                "A file to de-identify is a zip archive; unpack it and give the folder."
            )
        else:
            raise InputError("A file to de-identify is not a DICOM file; give DICOM files.")
    if not found:
        raise InputError("There is no DICOM file to de-identify; give another folder.")
    return tuple(found), others


def read_sources(files: Sequence[Path]) -> tuple[SourceObject, ...]:
    """Every header.

    Raises
    ------
    InputError
        If a file is damaged, of a kind that cannot be de-identified, or of another patient than
        the others.
    """
    sources = []
    for number, path in enumerate(files, start=1):
        header = read_object(path, number, pixels=False)
        check_class(header, number)
        sources.append(SourceObject(path, number, header))
    check_one_patient(source.header for source in sources)
    return tuple(sources)


def read_object(path: Path, number: int, *, pixels: bool = True) -> FileDataset:
    """One object, named by its number in any error: a file's name may be a patient's."""
    what = f"DICOM file {number} in the order of the paths"
    with guarded(what, "is damaged; copy it again or take it out"):
        return read_file(path, stop_before_pixels=not pixels, force=True)


def syntax_of(header: FileDataset, number: int) -> UID:
    """The transfer syntax, found out by the reader where the file does not say.

    Raises
    ------
    InputError
        If it is private or otherwise unknown: its pixels cannot be looked through.
    """
    stated = header.file_meta.get("TransferSyntaxUID") if hasattr(header, "file_meta") else None
    if stated:
        if UID(stated) not in AllTransferSyntaxes:
            raise InputError(
                f"DICOM file {number} in the order of the paths is in a transfer syntax of its "
                "maker, which cannot be read here; export it again in a standard one."
            )
        return UID(stated)
    implicit, little = header.original_encoding
    if little is False:
        return UID(ExplicitVRBigEndian)
    return UID(ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian)


def _scanned(folder: Path) -> Scan:
    """What lies under a folder; no error names anything in it."""
    try:
        with quiet():
            return scan_folder(folder)
    except InputError:
        pass
    # raised here, so that the names do not stay attached as its cause
    raise InputError(
        "A folder or file in the source may not be read; change its permissions or take it out."
    )


def _passed_over(folder: Path) -> int:
    """Files and linked folders that a scan does not look at: hidden ones, and links."""
    count = 0
    for root, folders, names in os.walk(folder):
        hidden = [name for name in folders if name.startswith(".")]
        linked = [name for name in folders if Path(root, name).is_symlink() and name not in hidden]
        count += len(linked) + sum(1 for name in names if name.startswith("."))
        count += sum(1 for name in hidden for path in Path(root, name).rglob("*") if path.is_file())
        folders[:] = [name for name in folders if name not in (*hidden, *linked)]
    return count
