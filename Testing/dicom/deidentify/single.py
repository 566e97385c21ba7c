"""One object, de-identified and read again."""

from __future__ import annotations

from pathlib import Path

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from SynthCore.dicom.deidentify import DeidentifyOptions, deidentify
from Testing.dicom.deidentify.studies import PACKAGED

REPORT = "1.2.840.10008.5.1.4.1.1.88.33"


def small(kind: str = "CT") -> Dataset:
    """A small CT or MR image of John Smithson, born in 1942."""
    header = pydicom.dcmread(PACKAGED / f"{kind}_small.dcm")
    header.remove_private_tags()
    header.PatientName, header.PatientID = "Smithson^John", "1234567"
    header.PatientBirthDate = "19420317"
    return header


def other_kind(sop_class: str, modality: str) -> Dataset:
    """An object of another kind of the same patient."""
    image, header = small(), Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "StudyInstanceUID"):
        setattr(header, keyword, image[keyword].value)
    header.SOPClassUID, header.SOPInstanceUID = sop_class, generate_uid()
    header.SeriesInstanceUID, header.Modality = generate_uid(), modality
    return header


def code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def save(folder: Path, *headers: Dataset) -> Path:
    folder.mkdir(exist_ok=True)
    for number, header in enumerate(headers):
        header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID
        header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
        pydicom.dcmwrite(folder / f"{number}.dcm", header, enforce_file_format=True)
    return folder


def cleaned(folder: Path, *headers: Dataset, **options: object) -> tuple[Dataset, bytes]:
    """The first object de-identified, and the bytes of all files, in small letters."""
    done = deidentify(
        [save(folder / "source", *headers)],
        folder / "out",
        pseudonym="CASE01",
        options=DeidentifyOptions(**options),  # type: ignore[arg-type]
    )
    data = b"".join(path.read_bytes() for path in done.files).lower()
    return pydicom.dcmread(done.files[0]), data
