"""A DICOM teaching file of synthetic images verifies as a whole, and not without a part of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pydicom
import pytest

from SynthCore.dicom.write import export_dicom
from SynthCore.files.verify import verify_folder
from SynthCore.files.write import write_nifti
from SynthCore.image import Image
from SynthCore.teaching.case_file import read_case
from SynthCore.teaching.dicom_file import write_teaching_file
from SynthCore.teaching.study import read_study
from Testing.dicom.deidentify.studies import base_study
from Testing.dicom.results import result_of
from Testing.teaching.a_head import LESION, head, lesion

CASE = f"""
title = "A man with headache"
author = "Ada Teacher"
question = "What is it?"
answer = "Glioma"

[[series]]
role = "T1c"
path = "T1c"

[[key]]
series = "T1c"
arrows = [{{ point = {list(LESION)}, label = "Ring" }}]

[truth]
path = "lesion.nii.gz"
name = "Tumor"
"""
OBJECTS = ("information.dcm", "key-image-1.dcm", "segmentation.dcm", "selection.dcm")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    image = head(with_lesion=True)
    series = Image(image.voxels.astype(np.float32), image.affine, "T1c", "1")
    export_dicom(result_of(series, task="lesion"), folder / "T1c")
    write_nifti(
        Image(lesion().astype(np.uint8), image.affine), folder / "lesion.nii.gz", record_json=None
    )
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    study = read_study(read_case(folder / "case.toml"))
    return write_teaching_file(folder / "file", study, pseudonym="CASE01").folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(made, tmp_path / "file"))


def test_it_verifies_and_says_that_it_was_deidentified(made: Path) -> None:
    found = verify_folder(made)
    assert found.sentences() == () and len(found.files) == 24
    assert found.notes[0].startswith("24 of 24 DICOM files say that they were de-identified")
    assert found.notes[1].endswith("which left the pixels as they were made.")


@pytest.mark.parametrize("name", OBJECTS)
def test_one_object_removed(name: str, folder: Path) -> None:
    (folder / name).unlink()
    (finding,) = verify_folder(folder).findings
    if name == "selection.dcm":
        assert finding == "The selection that lists the files of the teaching file is missing."
    else:
        assert finding == "1 file is missing that the selection of the teaching file lists."


@pytest.mark.parametrize("name", OBJECTS)
def test_one_object_changed(name: str, folder: Path) -> None:
    header = pydicom.dcmread(folder / name)
    header.InstanceNumber = 7
    header.save_as(folder / name)
    found = verify_folder(folder)
    assert [file.name for file in found.files if not file.ok] == [name]


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("keyword", ["SyntheticData", "SeriesDescription"])
def test_one_mark_removed(name: str, keyword: str, folder: Path) -> None:
    header = pydicom.dcmread(folder / name)
    delattr(header, keyword)
    header.save_as(folder / name)
    (found,) = (file for file in verify_folder(folder).files if not file.ok)
    assert len(found.findings) == 2 and keyword in found.findings[0]


def test_one_image_removed(folder: Path) -> None:
    next((folder / "images").rglob("*.dcm")).unlink()
    assert set(verify_folder(folder).findings) >= {
        "1 file is missing that the record lists.",
        "1 file is missing that the selection of the teaching file lists.",
    }


def test_all_images_removed(folder: Path) -> None:
    shutil.rmtree(folder / "images")
    (finding,) = verify_folder(folder).findings
    assert finding == "20 files are missing that the selection of the teaching file lists."


@pytest.mark.parametrize("kind", ["PR", "KO", "SR"])
def test_the_same_kinds_of_another_maker_stay_wanting(kind: str, tmp_path: Path) -> None:
    (header,) = (one for one in base_study(tmp_path) if one.Modality == kind)
    (tmp_path / "other").mkdir()
    pydicom.dcmwrite(tmp_path / "other" / "object.dcm", header, enforce_file_format=True)
    (file,) = verify_folder(tmp_path / "other").files
    assert "SyntheticData (0008,001C) is not YES." in file.findings
    assert any("no digest" in finding for finding in file.findings)
