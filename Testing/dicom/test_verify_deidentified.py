"""A de-identified synthetic series verifies, says so, and is found out where it was changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from typer.testing import CliRunner

from SynthCore.cli.main import app
from SynthCore.dicom.deidentified import METHODS
from SynthCore.dicom.deidentify import Deidentified, DeidentifyOptions, deidentify
from SynthCore.dicom.digest import file_digest
from SynthCore.dicom.phantom import PhantomStudy, mr_header, write_series
from SynthCore.dicom.read import read_dicom
from SynthCore.dicom.record_tags import read_record, read_record_json, write_digest
from SynthCore.dicom.seg.build import Segment, build_seg, write_object
from SynthCore.dicom.verification import Verification
from SynthCore.dicom.write import export_dicom
from SynthCore.files.verify import verify_folder
from SynthCore.image import Image
from SynthCore.tasks import LESION_TASK, TASKS
from Testing.dicom.deidentify.test_pictures import body, with_text
from Testing.dicom.results import NAME, an_image, from_headers, headers, result_of
from Testing.dicom.verified import DIGEST, PIXELS

AS_MADE = (
    "The record of the series was written anew by the de-identification, which left the pixels as "
    "they were made."
)


@pytest.fixture
def original(tmp_path: Path) -> Path:
    export_dicom(result_of(from_headers(headers())), tmp_path / "original" / "CT")
    return tmp_path / "original"


def clean(source: Path, name: str = "clean", **options: object) -> Deidentified:
    return deidentify(
        [source],
        source.parent / name,
        pseudonym="AGAIN" if name == "again" else "CASE01",
        options=DeidentifyOptions(**options),  # type: ignore[arg-type]
    )


@pytest.fixture
def folder(original: Path) -> Path:
    return clean(original).folder


def files_of(folder: Path) -> list[Path]:
    """The images in the order of their numbers."""
    paths = folder.rglob("*.dcm")
    return sorted(paths, key=lambda path: int(pydicom.dcmread(path).get("InstanceNumber", 0)))


def edit(path: Path, change: Callable[[Dataset], object]) -> None:
    header = pydicom.dcmread(path)
    change(header)
    header.save_as(path)


def one_pixel(header: Dataset) -> None:
    pixels = header.pixel_array.copy()
    pixels[2, 3] += 1
    header.PixelData = pixels.tobytes()


def found_in(folder: Path, path: Path) -> tuple[str, ...]:
    """What is found in one file, nothing being found in the others."""
    found = verify_folder(folder)
    name = path.relative_to(folder).as_posix()
    assert [file.name for file in found.files if not file.ok] == [name]
    return next(file.findings for file in found.files if file.name == name)


def test_it_verifies_and_says_that_it_was_deidentified(folder: Path) -> None:
    found = verify_folder(folder)
    assert found.sentences() == () and found.ok and len(found.files) == 5
    said, record = found.notes
    assert said.startswith("5 of 5 DICOM files say that they were de-identified (PatientIdentity")
    assert "Basic Application Confidentiality Profile, Clean Graphics Option" in said
    assert record == AS_MADE
    assert json.loads(json.dumps(found.to_dict()))["notes"] == [said, record]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"dates": "shift", "shift_days": -40}, "113107"),
        ({"dates": "keep"}, "113106"),
        ({"keep_words": True, "keep_characteristics": True}, "113108"),
    ],
)
def test_whatever_the_options(options: dict[str, Any], said: str, original: Path) -> None:
    found = verify_folder(clean(original, **options).folder)
    assert found.ok and METHODS[said] in found.notes[0]


def test_the_original_still_verifies_without_a_word_of_it(original: Path, folder: Path) -> None:
    found = verify_folder(original)
    assert found.ok and found.notes == ()


def test_several_series_and_a_name_like_a_code(tmp_path: Path) -> None:
    """The phantom is called Phantom, as the code is of how its images were derived."""
    study = PhantomStudy(1, generate_uid(), generate_uid(), datetime(2024, 5, 6, 7, 8, 9))
    (tmp_path / "original").mkdir()
    for number, role in enumerate(("T1", "T2"), start=1):
        image = an_image(np.full((4, 8, 8), 7, np.int16), role=role)
        write_series(tmp_path / "original" / role, image, mr_header(role), study, number)
    done = clean(tmp_path / "original")
    found = verify_folder(done.folder)
    assert found.sentences() == ()
    assert found.notes[1].startswith("The records of 2 series were written anew")
    (code,) = pydicom.dcmread(done.files[0]).DerivationCodeSequence
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("PHANTOM", "99SYNTHCORE")


def test_the_command_tells_it(folder: Path) -> None:
    done = CliRunner().invoke(app, ["verify", str(folder)])
    assert done.exit_code == 0
    assert "5 files are marked, belong together and match their record." in done.stdout
    assert "de-identified (PatientIdentityRemoved YES)" in " ".join(done.stdout.split())
    edit(files_of(folder)[1], one_pixel)
    done = CliRunner().invoke(app, ["verify", str(folder)])
    assert done.exit_code == 3 and "2 findings in 5 files." in done.stdout


def test_one_pixel(folder: Path) -> None:
    path = files_of(folder)[2]
    edit(path, one_pixel)
    assert found_in(folder, path) == (PIXELS, DIGEST)


def test_one_pixel_with_a_digest_made_to_fit(folder: Path) -> None:
    path = files_of(folder)[2]
    edit(path, one_pixel)
    digest = file_digest(path.read_bytes())
    edit(path, lambda header: write_digest(header, digest))
    assert found_in(folder, path) == (PIXELS,)


@pytest.mark.parametrize(
    "keyword",
    [
        *("SyntheticData", "ContentQualification", "SeriesDescription", "ImageComments"),
        *("DerivationDescription", "DerivationCodeSequence", "Manufacturer", "ImageType"),
        *("ContributingEquipmentSequence", "PatientIdentityRemoved"),
        *("DeidentificationMethodCodeSequence", "PatientName"),
    ],
)
def test_one_mark_removed(keyword: str, folder: Path) -> None:
    path = files_of(folder)[2]
    edit(path, lambda header: delattr(header, keyword))
    assert DIGEST in found_in(folder, path)


def test_one_mark_changed(folder: Path) -> None:
    path = files_of(folder)[0]
    edit(path, lambda header: setattr(header, "SyntheticData", "NO"))
    assert found_in(folder, path) == ("SyntheticData (0008,001C) is not YES.", DIGEST)


def test_one_file_that_does_not_say_that_it_was_deidentified(folder: Path) -> None:
    path = files_of(folder)[2]
    edit(path, lambda header: setattr(header, "PatientIdentityRemoved", "NO"))
    together = verify_folder(folder).findings
    assert together == ("The files differ in PatientIdentityRemoved; they do not belong together.",)


@pytest.mark.parametrize("number", [0, 2, 4])
def test_one_file_removed(number: int, folder: Path) -> None:
    files_of(folder)[number].unlink()
    assert "1 file is missing that the record lists." in verify_folder(folder).findings


def test_a_file_that_was_missing_before(original: Path) -> None:
    (original / "CT" / "IMG0005.dcm").unlink()
    found = verify_folder(clean(original).folder)
    assert found.findings == ("1 file is missing that the record lists.",)


def test_a_file_of_another_copy_exchanged(original: Path, folder: Path) -> None:
    other = files_of(clean(original, "again").folder)[2]
    shutil.copy(other, files_of(folder)[2])
    assert "not belong to the series of the others" in verify_folder(folder).findings[0]


@pytest.mark.parametrize("change", [one_pixel, lambda header: delattr(header, "KVP")])
def test_what_was_changed_before_does_not_come_out_whole(
    change: Callable[[Dataset], object], original: Path
) -> None:
    edit(original / "CT" / "IMG0003.dcm", change)
    done = clean(original)
    (finding,) = (finding for finding in done.findings if finding.kind == "record")
    assert finding.message.startswith("1 synthetic object does not match")
    (path,) = (path for path in done.files if path.stem == finding.files[0])
    text = " ".join(found_in(done.folder, path))
    assert "no record" in text and "no digest" in text


def test_pixels_that_the_deidentification_changed_are_told(tmp_path: Path) -> None:
    drawn, _ = with_text(body(6), 14, (4, 4))
    image = Image(drawn.astype(np.float32), np.diag((1.0, 1.0, 3.0, 1.0)), "T1", "1")
    export_dicom(result_of(image, task="mr-sequence"), tmp_path / "original" / "T1")
    found = verify_folder(clean(tmp_path / "original", blank_text=True).folder)
    assert found.ok
    assert found.notes[1].endswith("which changed the pixels of 6 of the 6 images.")
    again = verify_folder(clean(tmp_path / "clean", "again").folder)
    assert again.ok and again.notes == found.notes


def test_nothing_of_the_patient_is_in_the_record(original: Path, folder: Path) -> None:
    before = pydicom.dcmread(original / "CT" / "IMG0001.dcm")
    old = [str(header.SOPInstanceUID) for header in headers()]
    old += list(read_record(before).output["instances"])
    old += [str(before.SeriesInstanceUID), str(before.StudyInstanceUID)]
    text = read_record_json(pydicom.dcmread(files_of(folder)[0]))
    for secret in (*NAME.split("^"), *old, "PID4711", "2025-01-01", "a-model", "A warning", "T1"):
        assert secret not in text
    record = read_record(pydicom.dcmread(files_of(folder)[0]))
    assert (record.task, record.target, record.weights_sha256) == ("mr-to-ct", "CT", "ab" * 32)
    assert set(record.output) == {"instances", "deidentified"}


def test_a_record_with_a_name_in_it_is_not_carried_over(tmp_path: Path) -> None:
    result = result_of(from_headers(headers()))
    keys = ("model", "model_version", "weights_sha256", "device", "backend", "created")
    named: dict[str, Any] = dict.fromkeys(keys, "of Muster")
    record = replace(
        result.record, software={"SynthCore": "of Muster"}, options={"Muster": "Muster"},
        **named,
    )  # fmt: skip
    export_dicom(replace(result, record=record), tmp_path / "original" / "CT")
    done = clean(tmp_path / "original")
    assert verify_folder(done.folder).ok
    assert not any(b"Muster" in path.read_bytes() for path in done.files)


def test_what_stands_beside_the_series(original: Path) -> None:
    series = read_dicom(original / "CT")
    mask = series.with_voxels((series.voxels > -800).astype(np.uint8), modality="", unit="1")
    (original / "objects").mkdir()
    made = build_seg(mask, [Segment(1, "Lesion")], series, description="Lesion")
    write_object(original / "objects" / "mask.dcm", made)
    done = clean(original)
    found = verify_folder(done.folder)
    assert found.sentences() == () and found.notes[0].startswith("6 of 6 DICOM files")
    (mask_path,) = (p for p in done.files if pydicom.dcmread(p).Modality == "SEG")
    edit(mask_path, lambda header: setattr(header, "SyntheticData", "NO"))
    assert DIGEST in found_in(done.folder, mask_path)


@pytest.mark.parametrize("task", [*TASKS, LESION_TASK])
def test_every_task(task: str, tmp_path: Path) -> None:
    role = "CT" if "CT" in (TASKS[task].outputs if task in TASKS else ("CT",)) else "T2"
    export_dicom(result_of(an_image(role=role), task=task), tmp_path / "original" / role)
    done = clean(tmp_path / "original")
    assert verify_folder(done.folder).ok
    assert read_record(pydicom.dcmread(done.files[0])).task == task


def without_record(folder: Path) -> Verification:
    """The files as another tool leaves them: the private block is gone."""
    for path in files_of(folder):
        edit(path, lambda header: header.remove_private_tags())
    return verify_folder(folder)


def test_what_another_tool_deidentified_is_not_taken_for_checked(folder: Path) -> None:
    found = without_record(folder)
    assert not found.ok and all(len(file.findings) == 2 for file in found.files)
    assert found.notes[1].startswith("5 of these hold no digest")


def test_the_words_of_a_method_are_not_repeated(folder: Path) -> None:
    def change(header: Dataset) -> None:
        item = header.DeidentificationMethodCodeSequence[0]
        item.CodeValue, item.CodeMeaning = "999", "by Muster"

    edit(files_of(folder)[0], change)
    found = verify_folder(folder)
    assert not found.ok and not any("Muster" in note for note in found.notes)


def test_the_private_block_is_said_to_be_safe_and_stays_alone(folder: Path) -> None:
    header = pydicom.dcmread(files_of(folder)[0])
    (item,) = header.PrivateDataElementCharacteristicsSequence
    assert item.PrivateGroupReference == 0x0071 and item.PrivateCreatorReference == "SYNTHCORE"
    assert item.BlockIdentifyingInformationStatus == "SAFE"
    assert {element.tag.group for element in header.iterall() if element.tag.is_private} == {0x71}


def test_an_acquired_series_stays_found_wanting(tmp_path: Path) -> None:
    acquired = headers()
    (tmp_path / "original").mkdir()
    for number, header in enumerate(acquired):
        header.PixelData = np.full(42, number, "<u2").tobytes()
        header.BitsAllocated = header.BitsStored = 16
        header.HighBit, header.PixelRepresentation, header.SamplesPerPixel = 15, 0, 1
        header.PhotometricInterpretation = "MONOCHROME2"
        header.file_meta = pydicom.dataset.FileMetaDataset()
        header.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        pydicom.dcmwrite(tmp_path / "original" / f"{generate_uid()}.dcm", header,
                         enforce_file_format=True)  # fmt: skip
    done = clean(tmp_path / "original")
    found = verify_folder(done.folder)
    assert not found.ok
    assert all("SyntheticData (0008,001C) is not YES." in file.findings for file in found.files)
    assert not any(b"SYNTHCORE\0" in path.read_bytes() for path in done.files)
