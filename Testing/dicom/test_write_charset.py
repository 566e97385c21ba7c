"""Names of a source that are not in the character set it states reach the series byte for byte."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from SynthCore.dicom.header_files import read_header
from SynthCore.dicom.patient_study import patient_and_study
from SynthCore.dicom.read import read_dicom
from SynthCore.dicom.write import export_dicom
from SynthCore.request import SynthesisRecord
from Testing.dicom.odd_series import series
from Testing.dicom.results import read_all, result_of
from Testing.dicom.validators import entity_errors, object_errors, require_dicom3tools

LATIN, UTF_8 = "Müller^A".encode("latin-1"), "Müller^A".encode()
CHINESE = "王^小东".encode("gb18030")
NONE = "ASCII, and no character set is stated"
OTHER = "in the character set stated there"


def sources_of(folder: Path, charset: bytes, name: bytes) -> list[Path]:
    """A series with that name, whatever it says of its character set."""
    paths = series(folder, PatientName="Z" * len(name))
    charset += b" " * (len(charset) % 2)
    stated = b"\x08\x00\x05\x00CS" + len(charset).to_bytes(2, "little") + charset
    for path in paths:
        head, first, rest = path.read_bytes().partition(b"\x08\x00\x08\x00CS")
        path.write_bytes(head + stated + first + rest.replace(b"Z" * len(name), name))
    return paths


def written(folder: Path) -> tuple[list[Dataset], SynthesisRecord]:
    """What is made of the series in ``source``."""
    image = read_dicom(folder / "source", modality="CT")
    record = export_dicom(result_of(image, task="ct-denoise"), folder / "out")
    return read_all(folder / "out"), record


@pytest.mark.parametrize(
    ("stated", "name", "kept_as", "told"),
    [
        ("", LATIN, "ISO_IR 100", NONE),
        ("", UTF_8, "ISO_IR 192", NONE),
        ("", CHINESE, "ISO_IR 100", NONE),
        ("ISO_IR 6", LATIN, "ISO_IR 100", OTHER),
        ("ISO_IR 192", LATIN, "ISO_IR 100", OTHER),
        ("ISO_IR 192", CHINESE, "ISO_IR 100", OTHER),
        ("ISO_IR 13", LATIN, "ISO_IR 100", OTHER),
        ("ISO_IR 999", LATIN, "ISO_IR 100", OTHER),
    ],
)
def test_a_name_in_another_character_set_keeps_its_bytes(
    stated: str, name: bytes, kept_as: str, told: str, tmp_path: Path
) -> None:
    require_dicom3tools()
    sources = sources_of(tmp_path / "source", stated.encode(), name)
    headers, record = written(tmp_path)
    assert {header.SpecificCharacterSet for header in headers} == {kept_as}
    made = sorted((tmp_path / "out").iterdir())
    assert all(name in path.read_bytes() for path in made)
    assert record.output["dicom_notes"] == [
        f"PatientName of the source is not {told}; its bytes were kept as {kept_as}: compare the "
        "patient's name with the source."
    ]
    assert object_errors(made, tmp_path) == []
    assert entity_errors([*sources, *made]) == []


@pytest.mark.parametrize(
    ("stated", "meant", "name"),
    [
        ("ISO-IR 144", "ISO_IR 144", "Иванов^Иван".encode("iso8859_5")),
        ("ISO IR 100", "ISO_IR 100", LATIN),
        ("iso_ir 192", "ISO_IR 192", UTF_8),
    ],
)
def test_a_misspelt_character_set_is_spelled_as_it_was_meant(
    stated: str, meant: str, name: bytes, tmp_path: Path
) -> None:
    sources_of(tmp_path / "source", stated.encode(), name)
    headers, record = written(tmp_path)
    assert {header.SpecificCharacterSet for header in headers} == {meant}
    assert all(name in path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert "dicom_notes" not in record.output or record.output["dicom_notes"] == []


def test_a_name_that_changes_its_character_set_is_told(tmp_path: Path) -> None:
    sources_of(tmp_path / "source", b"ISO 2022 IR 6\\ISO 2022 IR 149", LATIN)
    headers, record = written(tmp_path)
    assert headers[0].SpecificCharacterSet == ["ISO 2022 IR 6", "ISO 2022 IR 149"]
    assert all(LATIN in path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert record.output["dicom_notes"] == [
        "PatientName of the source is not in the character set stated there: compare the patient's "
        "name with the source."
    ]


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        (b"ISO_IR 100", LATIN),
        (b"ISO_IR 192", UTF_8),
        (b"GB18030", CHINESE),
        (b"\\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"),
        (b"", b"Doe^Jane"),
    ],
)
def test_a_name_as_stated_is_not_told(charset: bytes, name: bytes, tmp_path: Path) -> None:
    (path, *_) = sources_of(tmp_path / "source", charset, name)
    headers, record = written(tmp_path)
    assert record.output["dicom_notes"] == []
    assert headers[0].PatientName == pydicom.dcmread(path).PatientName


def test_a_header_from_a_database_is_told_too(tmp_path: Path) -> None:
    (path, *_) = sources_of(tmp_path / "source", b"", UTF_8)
    target, notes = patient_and_study(read_header(path), "")
    assert target.PatientName == UTF_8.decode() and "ISO_IR 192" in notes[0]
