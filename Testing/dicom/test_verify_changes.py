"""Verification finds one pixel, tag or bit of a file that was changed, and the record edited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless, generate_uid

from SynthCore.dicom.digest import file_digest
from SynthCore.dicom.write import export_dicom
from SynthCore.files.verify import verify_folder
from Testing.dicom.results import NAME, from_headers, headers, read_all, result_of
from Testing.dicom.verified import DIGEST, PIXELS, edit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    export_dicom(result_of(from_headers(headers())), tmp_path / "out")
    return tmp_path / "out"


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
    "PatientID": "PID4712",
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


def test_two_files_exchange_their_pixels(folder: Path) -> None:
    first, second = (read_all(folder)[n].PixelData for n in (0, 1))
    edit(folder, lambda header: setattr(header, "PixelData", second), 1)
    edit(folder, lambda header: setattr(header, "PixelData", first), 2)
    findings = verify_folder(folder).files
    assert PIXELS in findings[0].findings and PIXELS in findings[1].findings


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


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (lambda h: setattr(h, "preamble", b"Doe, Jane".ljust(128, b"\0")), "preamble"),
        (lambda h: h.add_new(0xFFFCFFFC, "OB", b"Doe, Jane\0"), "padding"),
        (lambda h: h.file_meta.add_new(0x00020102, "OB", b"Doe, Jane\0"), "meta information"),
        (lambda h: h.file_meta.add_new(0x00020020, "LO", "Doe, Jane"), "meta information"),
    ],
)
def test_text_beside_the_data_set(place: Any, said: str, folder: Path) -> None:
    edit(folder, place, 3)
    (found,) = (file for file in verify_folder(folder).files if not file.ok)
    assert found.findings == (f"Something was written into the file's {said}, where nothing was.",)


def test_empty_padding_says_nothing(folder: Path) -> None:
    edit(folder, lambda h: h.add_new(0xFFFCFFFC, "OB", bytes(64)), 3)
    assert verify_folder(folder).ok


def test_no_name_in_a_finding(folder: Path) -> None:
    for keyword, value in CHANGED.items():
        edit(folder, lambda h, k=keyword, v=value: setattr(h, k, v), 2)  # type: ignore[misc]
    found = verify_folder(folder)
    text = " ".join(found.sentences())
    assert len(found.sentences()) > 10
    for secret in (*NAME.split("^"), "PID4711", "PID4712", "Someone", "Else", "19700102"):
        assert secret not in text


def test_compressed_files_say_so(folder: Path) -> None:
    header = read_all(folder)[2]
    header.compress(RLELossless, generate_instance_uid=False)
    header.save_as(folder / "IMG0003.dcm")
    assert any("compressed" in text for text in verify_folder(folder).files[2].findings)
