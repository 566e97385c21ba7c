"""Verification passes on what was written, and fails on whatever was changed since."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian, RLELossless, generate_uid

from SynthCore.dicom.digest import file_digest
from SynthCore.dicom.write import export_dicom
from SynthCore.errors import InputError
from SynthCore.files.verify import verify_folder
from Testing.dicom.results import NAME, an_image, from_headers, headers, read_all, result_of

DIGEST = "A tag or the pixels were changed: the data set does not match its digest."
PIXELS = "The pixels were changed: they do not match the record."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    export_dicom(result_of(from_headers(headers())), tmp_path / "out")
    return tmp_path / "out"


def edit(folder: Path, change: Callable[[Dataset], None], number: int = 3) -> None:
    """Change one object, as any DICOM library would."""
    path = folder / f"IMG{number:04d}.dcm"
    header = pydicom.dcmread(path)
    change(header)
    header.save_as(path)


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


def test_one_pixel(folder: Path) -> None:
    def change(header: Dataset) -> None:
        pixels = header.pixel_array.copy()
        pixels[2, 3] += 1
        header.PixelData = pixels.tobytes()

    edit(folder, change)
    found = verify_folder(folder)
    assert not found.ok
    assert [file.name for file in found.files if not file.ok] == ["IMG0003.dcm"]
    assert found.files[2].findings == (PIXELS, DIGEST)


CHANGED = {
    "PatientName": "Someone^Else",
    "PatientID": "4712",
    "PatientBirthDate": "19700102",
    "StudyDescription": "added",
    "SyntheticData": "NO",
    "ContentQualification": "PRODUCT",
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    "SeriesDescription": "CT of the head",
    "Manufacturer": "ACME",
    "WindowCenter": ["41", "500"],
    "RescaleIntercept": "-1023",
    "ImagePositionPatient": ["-20.0", "10.0", "11.001"],
    "ImageOrientationPatient": ["1", "0", "0", "0", "-1", "0"],
    "PixelSpacing": ["1.1", "1.1"],
    "InstanceNumber": "4",
    "SeriesInstanceUID": generate_uid(),
    "FrameOfReferenceUID": generate_uid(),
    "SOPInstanceUID": generate_uid(),
    "DerivationDescription": "SYNTHETIC something else",
    "ImageComments": "SYNTHETIC something else",
    "BitsStored": 12,
    "Rows": 7,
}


@pytest.mark.parametrize("keyword", CHANGED)
def test_one_tag_changed(keyword: str, folder: Path) -> None:
    edit(folder, lambda header: setattr(header, keyword, CHANGED[keyword]))
    found = verify_folder(folder)
    assert not found.ok
    assert DIGEST in found.files[2].findings
    assert all(file.ok for file in found.files if file.name != "IMG0003.dcm")


@pytest.mark.parametrize(
    "keyword",
    [
        *("PatientName", "SyntheticData", "WindowWidth", "SourceImageSequence", "KVP"),
        *("ContributingEquipmentSequence", "StudyID", "PixelData", "ImageComments"),
    ],
)
def test_one_tag_removed(keyword: str, folder: Path) -> None:
    edit(folder, lambda header: delattr(header, keyword))
    found = verify_folder(folder)
    assert not found.ok and not found.files[2].ok


def test_one_tag_deep_in_a_sequence(folder: Path) -> None:
    def change(header: Dataset) -> None:
        item = header.ContributingEquipmentSequence[0].PurposeOfReferenceCodeSequence[0]
        item.CodeMeaning = "Acquisition equipment"

    edit(folder, change)
    assert verify_folder(folder).files[2].findings == (DIGEST,)


def test_an_item_added_to_a_sequence(folder: Path) -> None:
    edit(folder, lambda h: h.SourceImageSequence.append(h.SourceImageSequence[0]))
    assert verify_folder(folder).files[2].findings == (DIGEST,)


def test_a_number_that_looks_like_padding(folder: Path) -> None:
    """0 and 32 differ by a byte that is a blank in a text."""
    edit(folder, lambda header: header.add_new(0x00280006, "US", 0))
    before = verify_folder(folder).files[2].findings
    edit(folder, lambda header: header.add_new(0x00280106, "US", 32))
    assert before == verify_folder(folder).files[2].findings == (DIGEST,)


def test_one_record_edited(folder: Path) -> None:
    def change(header: Dataset) -> None:
        block = header.private_block(0x0071, "SYNTHCORE")
        record = json.loads(block[0x01].value)
        record["options"]["seed"] = 8
        block[0x01].value = json.dumps(record, sort_keys=True, separators=(",", ":"))

    edit(folder, change)
    found = verify_folder(folder)
    assert DIGEST in found.files[2].findings
    assert "The files carry different records." in found.findings


def test_every_record_edited_alike(folder: Path) -> None:
    def change(header: Dataset) -> None:
        element = header.private_block(0x0071, "SYNTHCORE")[0x01]
        element.value = element.value.replace('"seed":7', '"seed":8')

    for number in range(1, 6):
        edit(folder, change, number)
    found = verify_folder(folder)
    assert all(file.findings == (DIGEST,) for file in found.files)


def test_the_record_removed(folder: Path) -> None:
    def change(header: Dataset) -> None:
        block = header.private_block(0x0071, "SYNTHCORE")
        del block[0x01]
        del block[0x02]

    edit(folder, change)
    text = " ".join(verify_folder(folder).files[2].findings)
    assert "no record" in text and "no digest" in text


def test_the_digest_edited(folder: Path) -> None:
    def change(header: Dataset) -> None:
        header.private_block(0x0071, "SYNTHCORE")[0x02].value = "0" * 64

    edit(folder, change)
    assert verify_folder(folder).files[2].findings == (DIGEST,)


def test_a_broken_record(folder: Path) -> None:
    def change(header: Dataset) -> None:
        header.private_block(0x0071, "SYNTHCORE")[0x01].value = "{"

    edit(folder, change)
    assert "The record cannot be read or lists no instances." in (
        verify_folder(folder).files[2].findings
    )


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
    assert "The files differ in StudyInstanceUID; they do not belong together." in found.findings
    assert "4 files are missing that the record lists." in found.findings


def test_a_file_of_a_second_export_of_the_same_exchanged(tmp_path: Path) -> None:
    result = result_of(from_headers(headers()))
    export_dicom(result, tmp_path / "one")
    export_dicom(result, tmp_path / "two")
    shutil.copy(tmp_path / "two" / "IMG0003.dcm", tmp_path / "one" / "IMG0003.dcm")
    found = verify_folder(tmp_path / "one")
    assert "The files differ in SeriesInstanceUID; they do not belong together." in found.findings
    assert "The files carry different records." in found.findings


def test_two_files_exchange_their_pixels(folder: Path) -> None:
    first, second = (read_all(folder)[n].PixelData for n in (0, 1))
    edit(folder, lambda header: setattr(header, "PixelData", second), 1)
    edit(folder, lambda header: setattr(header, "PixelData", first), 2)
    findings = verify_folder(folder).files
    assert PIXELS in findings[0].findings and PIXELS in findings[1].findings


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


@pytest.mark.parametrize("keep", [0, 100, 600, -2])
def test_a_damaged_file(keep: int, folder: Path) -> None:
    path = folder / "IMG0003.dcm"
    path.write_bytes(path.read_bytes()[:keep])
    found = verify_folder(folder)
    assert not found.ok and not found.files[2].ok


def test_any_bit_of_the_data_set(folder: Path) -> None:
    data = (folder / "IMG0003.dcm").read_bytes()
    whole = file_digest(data)
    start = data.index(b"\x08\x00\x05\x00CS")
    own = data.index(whole.encode())
    unseen = []
    for at in (*range(start, own), *range(own + len(whole), len(data))):
        try:
            changed = file_digest(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
        except ValueError:
            continue
        if changed == whole:
            unseen.append(data[at : at + 1])
    # padding has no meaning: one kind for another changes nothing
    assert set(unseen) <= {b" ", b"\0"} and len(unseen) < 20


def test_compressed_files_say_so(folder: Path) -> None:
    header = read_all(folder)[2]
    header.compress(RLELossless, generate_instance_uid=False)
    header.save_as(folder / "IMG0003.dcm")
    assert any("compressed" in text for text in verify_folder(folder).files[2].findings)


def test_other_files_are_not_looked_at(folder: Path) -> None:
    (folder / "report.html").write_text("<p>SYNTHETIC</p>")
    (folder / "record.json").write_text("{}")
    (folder / ".hidden").write_bytes(b"\0" * 128 + b"DICM")
    assert verify_folder(folder).ok


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


def test_no_name_in_a_finding(folder: Path) -> None:
    for keyword, value in CHANGED.items():
        edit(folder, lambda h, k=keyword, v=value: setattr(h, k, v), 2)  # type: ignore[misc]
    found = verify_folder(folder)
    text = " ".join(found.sentences())
    assert len(found.sentences()) > 10
    for secret in (*NAME.split("^"), "4711", "4712", "Someone", "Else", "19700102"):
        assert secret not in text


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
