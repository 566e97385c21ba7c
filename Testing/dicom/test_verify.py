"""Verification passes on what was written whole, and finds a file removed, added or exchanged."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import ImplicitVRLittleEndian, generate_uid

from SynthCore.dicom.series import list_series
from SynthCore.dicom.write import export_dicom
from SynthCore.errors import InputError
from SynthCore.files.verify import verify_folder
from Testing.dicom.results import an_image, from_headers, headers, read_all, result_of
from Testing.dicom.verified import PIXELS, edit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    export_dicom(result_of(from_headers(headers())), tmp_path / "out")
    return tmp_path / "out"


def test_what_was_written_verifies(folder: Path) -> None:
    found = verify_folder(folder)
    assert found.ok and found.sentences() == ()
    assert [file.name for file in found.files] == [f"IMG{n:04d}.dcm" for n in range(1, 6)]
    assert json.loads(json.dumps(found.to_dict()))["ok"] is True


@pytest.mark.parametrize("role", ["CT", "T2"])
def test_without_a_dicom_source_too(role: str, tmp_path: Path) -> None:
    export_dicom(result_of(an_image(role=role)), tmp_path / "out")
    assert verify_folder(tmp_path / "out").sentences() == ()


def test_saved_again_unchanged_it_verifies(folder: Path) -> None:
    edit(folder, lambda header: header.decode())
    assert verify_folder(folder).ok


def test_implicit_encoding_without_private_dictionary_verifies(folder: Path) -> None:
    for path in folder.iterdir():
        header = pydicom.dcmread(path)
        header.decode()
        header.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        pydicom.dcmwrite(path, header, implicit_vr=True, little_endian=True)
    assert verify_folder(folder).sentences() == ()


@pytest.mark.parametrize("form", ["+ti", "+te"])
def test_transcoded_by_another_toolkit_it_verifies(form: str, folder: Path) -> None:
    if shutil.which("dcmconv") is None:
        pytest.skip("dcmconv is not installed: apt-get install dcmtk")
    for path in folder.iterdir():
        subprocess.run(["dcmconv", form, "+e", str(path), str(path)], check=True)
    assert verify_folder(folder).sentences() == ()


def test_renamed_files_verify(folder: Path) -> None:
    for number, path in enumerate(sorted(folder.iterdir())):
        path.rename(folder / f"{9 - number}")
    assert verify_folder(folder).ok


@pytest.mark.parametrize("number", [1, 3, 5])
def test_one_file_removed(number: int, folder: Path) -> None:
    (folder / f"IMG{number:04d}.dcm").unlink()
    found = verify_folder(folder)
    assert "1 file is missing that the record lists." in found.findings


def test_one_file_twice(folder: Path) -> None:
    shutil.copy(folder / "IMG0003.dcm", folder / "IMG0006.dcm")
    found = verify_folder(folder)
    assert "1 file repeats a SOPInstanceUID." in found.findings
    assert "Two slices have the same position." in found.findings


def test_a_file_of_another_export_added(folder: Path, tmp_path: Path) -> None:
    export_dicom(result_of(an_image()), tmp_path / "other")
    shutil.copy(tmp_path / "other" / "IMG0003.dcm", folder / "IMG0006.dcm")
    found = verify_folder(folder)
    assert found.findings[0] == (
        "The files differ in SeriesInstanceUID; IMG0006.dcm does not belong to the series of the "
        "others."
    )
    assert len(found.findings) == 1


def test_a_file_of_a_second_export_of_the_same_exchanged(tmp_path: Path) -> None:
    result = result_of(from_headers(headers()))
    export_dicom(result, tmp_path / "one")
    export_dicom(result, tmp_path / "two")
    shutil.copy(tmp_path / "two" / "IMG0003.dcm", tmp_path / "one" / "IMG0003.dcm")
    found = verify_folder(tmp_path / "one")
    assert "IMG0003.dcm does not belong to the series of the others." in found.findings[0]
    assert "1 file is missing that the record lists." in found.findings


@pytest.mark.parametrize("start", ["preamble", "header"])
def test_files_without_a_file_header_say_so(start: str, folder: Path) -> None:
    for path in folder.iterdir():
        data = path.read_bytes()
        at = 132 if start == "preamble" else data.index(b"\x08\x00\x05\x00CS")
        path.write_bytes(data[at:])
    found = verify_folder(folder)
    assert not found.ok and found.findings == ()
    (told,) = found.summary()
    assert told.startswith("5 files, IMG0001.dcm the first: The file header (preamble and meta")


def test_without_a_file_header_other_pixels_are_found(folder: Path) -> None:
    path = folder / "IMG0003.dcm"
    path.write_bytes(path.read_bytes()[132:-2] + b"\1\1")
    assert PIXELS in verify_folder(folder).files[2].findings


def test_a_slice_added_without_preamble_and_ending(folder: Path) -> None:
    header = read_all(folder)[0]
    header.SOPInstanceUID = generate_uid()
    header.ImagePositionPatient = [*header.ImagePositionPatient[:2], 500.0]
    header.save_as(folder / "added.dcm", enforce_file_format=True)
    (folder / "added").write_bytes((folder / "added.dcm").read_bytes()[132:])
    (folder / "added.dcm").unlink()
    series = list_series(folder)[0]
    assert series.images == len(list(folder.iterdir()))  # it would be read
    assert not verify_folder(folder).ok


def test_an_acquired_file_added(folder: Path) -> None:
    header = read_all(folder)[0]
    acquired = pydicom.Dataset()
    for keyword in ("PatientID", "PatientName", "StudyInstanceUID", "SOPClassUID", "PixelData"):
        acquired[keyword] = header[keyword]
    acquired.SOPInstanceUID = generate_uid()
    acquired.file_meta = header.file_meta
    acquired.save_as(folder / "acquired.dcm", enforce_file_format=True)
    found = verify_folder(folder)
    (added,) = (file for file in found.files if not file.ok)
    assert added.name == "acquired.dcm"
    assert "SyntheticData (0008,001C) is not YES." in added.findings


def test_other_files_are_not_looked_at(folder: Path) -> None:
    (folder / "report.html").write_text("<p>SYNTHETIC</p>")
    (folder / "record.json").write_text("{}")
    (folder / ".hidden").write_bytes(b"\0" * 128 + b"DICM")
    (folder / ".DS_Store").write_bytes(b"\0")
    found = verify_folder(folder)
    assert found.ok
    assert found.notes == ("Not looked at, as no image: .hidden, report.html.",)


def test_a_run_folder_with_the_series_below_it(folder: Path) -> None:
    found = verify_folder(folder.parent)
    assert found.ok
    assert found.files[0].name == "out/IMG0001.dcm"


def test_two_series_below_one_folder(folder: Path, tmp_path: Path) -> None:
    export_dicom(result_of(an_image(role="T2")), tmp_path / "second")
    assert verify_folder(tmp_path).ok


def test_what_many_files_have_in_common_is_told_once(folder: Path) -> None:
    for number in range(1, 5):
        edit(folder, lambda h: setattr(h, "ImageComments", "nice"), number)
    found = verify_folder(folder)
    lines = [line for line in found.summary() if "ImageComments (0020,4000) does not" in line]
    assert len(lines) == 1 and lines[0].startswith("4 files, ")
    assert len(found.summary(most=4)) > len(found.summary())
    assert set(found.summary(most=10**6)) == set(found.sentences())


def test_uneven_spacing_is_found(folder: Path) -> None:
    edit(folder, lambda h: setattr(h, "ImagePositionPatient", ["-20.0", "10.0", "12.0"]))
    (finding,) = verify_folder(folder).findings
    assert finding.startswith("The slices are unevenly spaced: 2.00 to 4.00 mm")


@pytest.mark.parametrize("name", ["nothing", "missing"])
def test_no_image_at_all(name: str, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    (tmp_path / "nothing" / "a.txt").write_text("text")
    with pytest.raises(InputError):
        verify_folder(tmp_path / name)


def test_text_named_dcm(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_text("text")
    found = verify_folder(tmp_path)
    assert found.files[0].findings == ("The file is not a complete DICOM object.",)
    assert "Nothing in the folder is marked or recorded as synthetic." in found.findings


def test_a_large_number_of_slices_is_quick(tmp_path: Path) -> None:
    export_dicom(result_of(an_image(np.zeros((120, 4, 4), np.float32))), tmp_path / "out")
    assert verify_folder(tmp_path / "out").ok
