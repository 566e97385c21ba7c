"""Which objects are taken, which are refused, and that no message names anybody."""

from __future__ import annotations

import os
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import generate_uid

from SynthCore.cli.main import main
from SynthCore.dicom.deidentify import deidentify
from SynthCore.errors import InputError
from Testing.dicom.deidentify.single import cleaned, save, small

NAMED = ("Smithson", "SMITHSON", "1234567")


def two(first: tuple[str, str, str], second: tuple[str, str, str]) -> list[Dataset]:
    headers = []
    for name, number, born in (first, second):
        header = small()
        header.PatientName, header.PatientID, header.PatientBirthDate = name, number, born
        header.SOPInstanceUID = generate_uid()
        headers.append(header)
    return headers


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("Smithson^John", "", ""), ("Haldorsen^Ann", "", "")),
        (("Smithson^John", "17", ""), ("Haldorsen^Ann", "", "")),
        (("Smithson^John", "17", ""), ("Haldorsen^Ann", "17", "")),
        (("Smithson^John", "17", "19400101"), ("Smithson^John", "17", "19600101")),
        (("Smithson^John", "", "19400101"), ("Smithson^John", "", "19600101")),
        (("Smithson^John", "UNKNOWN", ""), ("Haldorsen^Ann", "UNKNOWN", "")),
    ],
)
def test_two_people_are_refused(
    tmp_path: Path, first: tuple[str, str, str], second: tuple[str, str, str]
) -> None:
    with pytest.raises(InputError, match="different patients"):
        cleaned(tmp_path, *two(first, second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("Müller^Anna", "17", "19400101"), ("Maier^Anne", "17", "19400101")),
        (("Müller^Anna", "17", ""), ("MUELLER^A", "17", "")),
        (("Smithson^John", "", ""), ("Smithson^J", "17", "19400101")),
        (("", "17", ""), ("Smithson^J", "17", "")),
    ],
)
def test_one_person_written_twice_is_taken(
    tmp_path: Path, first: tuple[str, str, str], second: tuple[str, str, str]
) -> None:
    headers = two(first, second)
    for header in headers:
        header.SpecificCharacterSet = "ISO_IR 192"
    assert cleaned(tmp_path, *headers)[0].PatientID == "CASE01"


@pytest.mark.parametrize("chosen", ["Li", "42", "SMITHSON1", "smith", "x-smithson"])
def test_a_pseudonym_that_holds_or_is_part_of_the_name(tmp_path: Path, chosen: str) -> None:
    header = small()
    header.PatientName, header.PatientID = "Smithson^Li", "42"
    with pytest.raises(InputError, match="identifier of the patient"):
        deidentify([save(tmp_path / "source", header)], tmp_path / "out", pseudonym=chosen)


def test_a_transfer_syntax_of_a_maker_is_refused(tmp_path: Path) -> None:
    source = save(tmp_path / "source", small())
    data = (source / "0.dcm").read_bytes()
    standard = b"\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\0"
    assert standard in data
    data = data.replace(standard, b"\x02\x00\x10\x00UI\x12\x001.2.840.113619.5.2")
    (source / "0.dcm").write_bytes(data)
    with pytest.raises(InputError, match="transfer syntax of its maker"):
        deidentify([source], tmp_path / "out", pseudonym="CASE01")


def test_big_endian_without_meta_information(tmp_path: Path) -> None:
    header = small()
    values = np.frombuffer(header.PixelData, "<i2")
    header.PixelData = values.astype(">i2").tobytes()
    stream = DicomBytesIO()
    stream.is_little_endian, stream.is_implicit_VR = False, False
    plain = Dataset()
    for element in header:
        if element.VR != "UN":
            plain.add(element)
    write_dataset(stream, plain)
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "0.dcm").write_bytes(stream.getvalue())
    done = deidentify([tmp_path / "source"], tmp_path / "out", pseudonym="CASE01")
    after = pydicom.dcmread(done.files[0])
    assert np.array_equal(np.frombuffer(after.PixelData, "<i2"), values)


def test_what_a_scan_passes_over_is_counted(tmp_path: Path) -> None:
    source, far = save(tmp_path / "source", small()), save(tmp_path / "far", small())
    save(source / ".hidden", small())
    (source / ".hidden.dcm").write_bytes(b"x")
    try:
        (source / "link").symlink_to(far, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    done = deidentify([source], tmp_path / "out", pseudonym="CASE01")
    told = [finding.message for finding in done.findings if finding.kind == "left-out"]
    assert len(done.files) == 1
    assert told[0].startswith("3 files")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="whoever runs this may read everything"
)
def test_no_error_names_what_may_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = save(tmp_path / "source", small())
    hidden = source / "SMITHSON_1234567.dcm"
    hidden.write_bytes(b"x")
    hidden.chmod(0)
    for path in (source, hidden):
        assert main(["deidentify", str(path), "--out", str(tmp_path / "out")]) == 2
        assert not any(word in capsys.readouterr().err for word in NAMED)


def test_a_reader_that_fails_names_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # who runs the tests may be allowed to read everything, so the refusal is made here
    from SynthCore.dicom import scan

    source = save(tmp_path / "source", small())
    (source / "0.dcm").rename(source / "SMITHSON_1234567.dcm")

    def refuse(stream: object) -> str:
        raise PermissionError(13, "denied", "SMITHSON_1234567.dcm")

    monkeypatch.setattr(scan, "_kind", refuse)
    with pytest.raises(InputError) as caught:
        deidentify([source], tmp_path / "out", pseudonym="CASE01")
    seen: BaseException | None = caught.value
    while seen is not None:
        assert not any(word in str(seen) for word in NAMED)
        seen = seen.__cause__ or seen.__context__


@pytest.mark.parametrize("dates", ["remove", "keep"])
def test_no_wrong_uptake_can_be_computed(tmp_path: Path, dates: str) -> None:
    header, tracer = small(), Dataset()
    header.SOPClassUID, header.Modality = "1.2.840.10008.5.1.4.1.1.128", "PT"
    header.SeriesDate, header.SeriesTime = "20240101", "103000"
    tracer.RadiopharmaceuticalStartTime = "093000"
    tracer.RadiopharmaceuticalStartDateTime = "20240101093000"
    tracer.RadionuclideTotalDose = "350000000"
    header.RadiopharmaceuticalInformationSequence = [tracer]
    after = cleaned(tmp_path, header, dates=dates)[0]
    item = after.RadiopharmaceuticalInformationSequence[0]
    assert item.RadionuclideTotalDose == 350000000
    if dates == "keep":
        assert item.RadiopharmaceuticalStartDateTime == "20240101093000"
    else:
        assert "RadiopharmaceuticalStartDateTime" not in item
        assert "RadiopharmaceuticalStartTime" not in item


def test_an_archive_is_told_from_a_file_of_another_kind(tmp_path: Path) -> None:
    archive, text = tmp_path / "Smithson.zip", tmp_path / "Smithson.txt"
    with ZipFile(archive, "w") as zipped:
        zipped.writestr("notes.txt", "Smithson")
    text.write_text("Smithson", encoding="utf-8")
    for path, told in ((archive, "zip archive; unpack it"), (text, "is not a DICOM file")):
        with pytest.raises(InputError, match=told) as caught:
            deidentify([path], tmp_path / "out", pseudonym="CASE01")
        assert not any(name in str(caught.value) for name in NAMED)
        assert not (tmp_path / "out").exists()
