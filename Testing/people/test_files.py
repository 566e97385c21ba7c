"""The files of a person: marked, one grid, valid, and verify finds one changed voxel."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
from PIL import Image as Pillow

from SynthCore.cli.main import main
from SynthCore.dicom.marks import missing_marks
from SynthCore.dicom.roles import suggest_role
from SynthCore.dicom.seg.read import read_seg
from SynthCore.files.read import read
from SynthCore.files.verify import verify_folder
from SynthCore.people.page import MOST, page_of
from SynthCore.people.person_file import read_person
from Testing.dicom.validators import entity_errors, object_errors, require_dicom3tools

ALL = ("T1", "T1c", "T2", "FLAIR", "PD", "DIR", "CT")


@pytest.fixture(scope="module")
def dicom(tmp_path_factory: pytest.TempPathFactory, label_map: Path) -> Path:
    out = tmp_path_factory.mktemp("people") / "dicom"
    wanted = ["generate", "--out", str(out), "--labels", str(label_map), "--spacing", "4",
              "--images", ",".join(ALL), "--lesion", "enhancing-tumor", "--seed", "2"]  # fmt: skip
    assert main(wanted) == 0
    return out


@pytest.fixture(scope="module")
def nifti(tmp_path_factory: pytest.TempPathFactory, label_map: Path) -> Path:
    out = tmp_path_factory.mktemp("people") / "nifti"
    wanted = ["generate", "--out", str(out), "--labels", str(label_map), "--spacing", "4",
              "--images", ",".join(ALL), "--lesion", "enhancing-tumor", "--seed", "2",
              "--format", "nifti", "--count", "2"]  # fmt: skip
    assert main(wanted) == 0
    return out


def files_of(study: Path, role: str) -> list[Path]:
    return sorted((study / "person-001" / role).glob("*.dcm"))


def test_every_object_says_that_nobody_is_in_it(dicom: Path) -> None:
    headers = [
        pydicom.dcmread(path, stop_before_pixels=True) for r in ALL for path in files_of(dicom, r)
    ]
    for header in headers:
        assert missing_marks(header) == ()
        assert str(header.PatientName).startswith("SYNTHETIC^")
        assert header.PatientID.startswith("SYNTHETIC-")
        assert header.StudyDescription.startswith("SYNTHETIC")
        assert header.SyntheticData == "YES"
    assert len({h.FrameOfReferenceUID for h in headers}) == 1
    assert len({h.StudyInstanceUID for h in headers}) == 1
    assert len({h.SeriesInstanceUID for h in headers}) == len(ALL)
    assert len({h.PatientID for h in headers}) == 1


@pytest.mark.parametrize("role", ALL)
def test_a_header_tells_the_role_and_its_times(dicom: Path, role: str) -> None:
    header = pydicom.dcmread(files_of(dicom, role)[0], stop_before_pixels=True)
    assert suggest_role(header).role == role
    if role == "CT":
        return
    draws = json.loads((dicom / "person-001" / "person.json").read_text())["draws"]
    sequence = next(s for s in draws["scans"] if s["role"] == role)["sequence"]
    assert float(header.RepetitionTime) == pytest.approx(sequence["tr"], abs=0.06)
    assert float(header.EchoTime) == pytest.approx(sequence["te"], abs=0.006)
    assert float(header.MagneticFieldStrength) == draws["person"]["field_t"]


def test_both_formats_hold_the_same_voxels_on_one_grid(dicom: Path, nifti: Path) -> None:
    tissues = read(nifti / "person-001" / "truth" / "tissues-label.nii.gz")
    for role in ALL:
        one = read(dicom / "person-001" / role, modality=role)
        other = read(nifti / "person-001" / f"{role}.nii.gz", modality=role)
        assert one.same_grid(other)
        assert one.same_grid(tissues)
        np.testing.assert_array_equal(one.voxels, other.voxels)
        assert one.synthetic == other.synthetic == "PHANTOM"


def test_the_segmentation_is_the_masks(dicom: Path) -> None:
    truth = dicom / "person-001" / "truth"
    found = read_seg(truth / "lesions-segmentation.dcm", like=read(dicom / "person-001" / "T1"))
    union = np.zeros(found.labels.shape, dtype=bool)
    for segment in found.segments:
        mask = read(truth / f"{segment.label.replace(' ', '-')}-label.nii.gz").voxels > 0
        np.testing.assert_array_equal(found.labels.voxels == segment.number, mask)
        union |= mask
    assert {one.label for one in found.segments} == {"enhancing tumor", "edema"}
    np.testing.assert_array_equal(read(truth / "lesion-label.nii.gz").voxels > 0, union)
    facts = json.loads((dicom / "person-001" / "person.json").read_text())["lesions"]
    assert sum(one["ml"] for one in facts) == pytest.approx(union.sum() * 0.064, rel=1e-3)


def test_independent_validators_find_no_error(dicom: Path, tmp_path: Path) -> None:
    require_dicom3tools()
    ends = [
        path for role in ALL for path in files_of(dicom, role)[:: len(files_of(dicom, role)) - 1]
    ]
    files = [*ends, dicom / "person-001" / "truth" / "lesions-segmentation.dcm"]
    assert object_errors(files, tmp_path) == []
    assert entity_errors(files) == []


def test_verify_finds_one_voxel_that_was_changed(
    dicom: Path, nifti: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify_folder(dicom).ok
    assert verify_folder(nifti).ok
    path = files_of(dicom, "T2")[8]
    whole = path.read_bytes()
    header = pydicom.dcmread(path)
    pixels = bytearray(header.PixelData)
    pixels[40] ^= 1
    header.PixelData = bytes(pixels)
    header.save_as(path)
    try:
        assert main(["verify", str(dicom)]) == 3
        assert "pixels were changed" in capsys.readouterr().out
    finally:
        path.write_bytes(whole)
    mask = nifti / "person-002" / "truth" / "edema-label.nii.gz"
    whole = mask.read_bytes()
    image = nib.load(mask)
    voxels = np.asarray(image.dataobj).copy()
    voxels[3, 3, 3] ^= 1
    nib.save(nib.Nifti1Image(voxels, image.affine, image.header), mask)
    try:
        assert main(["verify", str(nifti)]) == 3
        assert "Voxels or geometry were changed" in capsys.readouterr().out
    finally:
        mask.write_bytes(whole)


def test_the_table_says_what_the_files_say(nifti: Path) -> None:
    with (nifti / "people.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["id"] for line in lines] == ["person-001", "person-002"]
    for line in lines:
        facts = json.loads((nifti / line["id"] / "person.json").read_text())
        draws = facts["draws"]
        assert float(line["field_t"]) == draws["person"]["field_t"]
        assert line["synthetic"] == "SYNTHETIC"
        assert line["images"] == ";".join(ALL)
        assert line["lesion_kinds"] == ";".join(one["kind"] for one in facts["lesions"])
        flair = next(s for s in draws["scans"] if s["role"] == "FLAIR")["sequence"]
        assert float(line["FLAIR_ti_ms"]) == pytest.approx(flair["ti"], abs=0.06)
        assert line["CT_kernel"] == draws["ct"]["kernel"]
        assert len(line["DIR_ti_ms"].split(";")) == 2


def test_the_page_shows_everybody_and_needs_nothing_else(nifti: Path) -> None:
    text = (nifti / "people.html").read_text("utf-8")
    assert "Synthetic: none of these people exists." in text
    assert "Research software: not cleared for clinical use." in text
    assert not re.search(r"(src|href)=\"(?!data:|#)", text)
    assert "<script" not in text
    found = re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", text)
    assert len(found) == 2
    for one in found:
        picture = np.asarray(Pillow.open(io.BytesIO(base64.b64decode(one))).convert("RGB"))
        assert picture.shape[1] > 2 * picture.shape[0]  # seven panels, twice
        # the outline's blue, which nothing else has
        r, g, b = (picture[..., n].astype(int) for n in range(3))
        assert ((b > 180) & (g > 150) & (r < 90)).sum() > 20
    for words in ("TR", "TI", "enhancing tumor", "kernel", "person-002"):
        assert words in text


def test_a_page_of_very_many_names_who_is_in_the_table_alone(nifti: Path) -> None:
    one = read_person(nifti / "person-001" / "person.json")
    text = page_of([one] * (MOST + 3), nifti)
    assert text.count("data:image/jpeg") == MOST
    assert f"{MOST + 3} people (the last 3 in people.csv alone)" in text
