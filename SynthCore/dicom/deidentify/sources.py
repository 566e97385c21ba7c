"""The objects to de-identify: found, read once without pixels, and of one patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import UID, ImplicitVRLittleEndian

from SynthCore.dicom.deidentify.classes import check_class
from SynthCore.dicom.guard import guarded
from SynthCore.dicom.scan import looks_like_dicom
from SynthCore.dicom.scan import scan as scan_folder
from SynthCore.dicom.texts import value_text
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
            scan = scan_folder(path)
            if scan.damaged:
                raise InputError(
                    f"{len(scan.damaged)} of the DICOM files are damaged; copy them again or take "
                    "them out: what cannot be read cannot be de-identified."
                )
            others += len(scan.others)
            found.update((instance.path.resolve(), None) for instance in scan.instances)
        elif not path.is_file():
            raise InputError("A file or folder to de-identify is not there; check the path.")
        elif looks_like_dicom(path):
            found[path.resolve()] = None
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
    _check_one_patient(sources)
    return tuple(sources)


def read_object(path: Path, number: int, *, pixels: bool = True) -> FileDataset:
    """One object, named by its number in any error: a file's name may be a patient's."""
    what = f"DICOM file {number} in the order of the paths"
    with guarded(what, "is damaged; copy it again or take it out"):
        return pydicom.dcmread(path, stop_before_pixels=not pixels, force=True)


def syntax_of(header: FileDataset) -> UID:
    """The transfer syntax, found out by the reader where the file does not say."""
    stated = header.file_meta.get("TransferSyntaxUID") if hasattr(header, "file_meta") else None
    return UID(stated) if stated else ImplicitVRLittleEndian


def _check_one_patient(sources: Sequence[SourceObject]) -> None:
    patients = {value_text(source.header.get("PatientID")) for source in sources} - {""}
    if len(patients) > 1:
        raise InputError(
            f"The objects are of {len(patients)} patients (by PatientID); de-identify one at a "
            "time, each with a pseudonym of its own."
        )
