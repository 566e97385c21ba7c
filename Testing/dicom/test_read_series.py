"""Folders of mixed content: the right series, or a list of them; never a silent guess."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pydicom
import pytest

from SynthCore.dicom.series import list_series
from SynthCore.errors import InputError
from SynthCore.files.read import read, split_series
from Testing.dicom.odd_series import NAME, NUMBER, alter, base, series, voxels

T1 = {"SeriesDescription": "AX T1 SE", "RepetitionTime": 550, "EchoTime": 12}
T2 = {"SeriesDescription": "AX T2 TSE", "RepetitionTime": 4500, "EchoTime": 98}
SE = {"ScanningSequence": "SE", "SequenceVariant": "SK"}


def study(folder: Path) -> Path:
    """CT, two MR, PET, a localizer, a structure set, a DICOMDIR and files that are not DICOM."""
    series(folder / "ct", modality="CT", SeriesInstanceUID="1.1", SeriesNumber=2)
    t1, t2 = {**T1, **SE}, {**T2, **SE}
    series(
        folder / "a", voxels(seed=1), modality="MR", SeriesInstanceUID="1.2", SeriesNumber=3, **t1
    )
    series(
        folder / "b", voxels(seed=2), modality="MR", SeriesInstanceUID="1.3", SeriesNumber=4, **t2
    )
    series(folder / "pt", modality="PT", SeriesInstanceUID="1.4", SeriesNumber=5)
    scout = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    series(folder / "loc", modality="CT", ImageType=scout, SeriesInstanceUID="1.5", SeriesNumber=1)
    structures = base("CT", SeriesInstanceUID="1.6", SeriesNumber=9)
    structures.SOPClassUID = structures.file_meta.MediaStorageSOPClassUID = (
        "1.2.840.10008.5.1.4.1.1.481.3"
    )
    structures.Modality = "RTSTRUCT"
    structures.save_as(folder / "RS.dcm", enforce_file_format=True)
    (folder / "notes.txt").write_text("nothing")
    (folder / "._0001.dcm").write_bytes(b"\0\5\x16\7 left by macOS")
    return folder


def test_every_series_is_listed_with_its_role(tmp_path: Path):
    found = list_series(study(tmp_path / "study"))
    assert [(s.number, s.uid, s.modality, s.images, s.role) for s in found] == [
        (1, "1.5", "CT", 5, None),
        (2, "1.1", "CT", 5, "CT"),
        (3, "1.2", "MR", 5, "T1"),
        (4, "1.3", "MR", 5, "T2"),
        (5, "1.4", "PT", 5, "PET"),
        (6, "1.6", "RTSTRUCT", 0, None),
    ]
    assert found[1].shape == (5, 6, 7)
    assert found[1].spacing == pytest.approx((0.8, 0.9, 2.5))
    assert found[5].shape is None


@pytest.mark.parametrize(
    ("role", "uid"), [("CT", "1.1"), ("PET", "1.4"), ("T1", "1.2"), ("T2", "1.3")]
)
def test_the_role_asked_for_finds_its_series(tmp_path: Path, role: str, uid: str):
    image = read(study(tmp_path / "study"), modality=role)
    assert (image.source.series_uid, image.modality) == (uid, role)
    # the choice between two MR series is told, that of the only CT is none
    assert any("Chosen among 2" in note for note in image.notes) == (role in ("T1", "T2"))


@pytest.mark.parametrize("role", [None, "FLAIR", "XR"])
def test_what_is_not_clear_is_refused_with_the_list(tmp_path: Path, role: str | None):
    with pytest.raises(InputError) as refused:
        read(study(tmp_path / "study"), modality=role)
    message = str(refused.value)
    assert "#3 'AX T1 SE' (MR, 5 images, T1)" in message
    assert "study#NUMBER" in message
    assert "RTSTRUCT" not in message


@pytest.mark.parametrize("how", ["number", "uid", "argument"])
def test_a_series_can_be_chosen(tmp_path: Path, how: str):
    folder = study(tmp_path / "study")
    chosen = {"number": f"{folder}#4", "uid": f"{folder}#1.3", "argument": folder}[how]
    image = read(chosen, series="4" if how == "argument" else None)
    assert image.source.series_uid == "1.3"
    assert image.modality == "T2"
    np.testing.assert_array_equal(image.voxels, voxels(seed=2))


def test_a_chosen_series_is_read_as_asked_and_the_contradiction_noted(tmp_path: Path):
    folder = study(tmp_path / "study")
    image = read(f"{folder}#1.3", modality="T1")
    assert image.modality == "T1"
    assert any("suggest T2" in note for note in image.notes)
    image = read(f"{folder}#1.1", modality="T1")
    assert any("headers say CT" in note for note in image.notes)


def test_a_series_that_is_not_there(tmp_path: Path):
    with pytest.raises(InputError, match=r"no series 9\.9"):
        read(study(tmp_path / "study"), series="9.9")


def test_a_structure_set_is_no_image(tmp_path: Path):
    folder = study(tmp_path / "study")
    with pytest.raises(InputError, match=r"no image \(modality RTSTRUCT"):
        read(f"{folder}#6")
    with pytest.raises(InputError, match=r"no image \(modality RTSTRUCT"):
        read(folder / "RS.dcm")


def test_a_hash_in_a_real_name_is_a_name(tmp_path: Path):
    series(tmp_path / "scan#2")
    assert split_series(tmp_path / "scan#2") == (tmp_path / "scan#2", None)
    assert read(tmp_path / "scan#2").shape == (5, 6, 7)
    assert split_series(f"{tmp_path / 'scan#2'}#1") == (tmp_path / "scan#2", "1")
    with pytest.raises(InputError, match="Two series"):
        split_series(f"{tmp_path}#1", "2")


def test_two_patients_in_one_folder(tmp_path: Path):
    series(tmp_path / "s" / "a", SeriesInstanceUID="1.1")
    series(tmp_path / "s" / "b", modality="MR", PatientID="OTHER99", SeriesInstanceUID="1.2", **T1)
    # even where the role would be clear: whose image it is, is not
    with pytest.raises(InputError, match="more than one patient") as refused:
        read(tmp_path / "s", modality="T1")
    assert "OTHER99" not in str(refused.value)
    assert read(f"{tmp_path / 's'}#1.2").source.series_uid == "1.2"


def test_two_patients_in_one_series(tmp_path: Path):
    paths = series(tmp_path / "s")
    alter(paths[2], PatientID="OTHER99")
    with pytest.raises(InputError, match="more than one patient") as refused:
        read(tmp_path / "s#1")
    assert not {NUMBER, NAME, "OTHER99"} & set(str(refused.value).split())


def test_patients_without_id_are_told_apart_by_name(tmp_path: Path):
    paths = series(tmp_path / "s", PatientID="")
    alter(paths[0], PatientName="Roe^Richard")
    with pytest.raises(InputError, match="more than one patient") as refused:
        read(tmp_path / "s")
    assert "Roe" not in str(refused.value)


def test_an_acquired_series_comes_before_its_synthetic_one(tmp_path: Path):
    def mark(_, ds):
        ds.add_new(0x0008001C, "CS", "YES")

    series(tmp_path / "s" / "a", SeriesInstanceUID="1.1")
    series(tmp_path / "s" / "b", SeriesInstanceUID="1.2", change=mark)
    assert read(tmp_path / "s", modality="CT").source.series_uid == "1.1"
    shutil.rmtree(tmp_path / "s" / "a")
    image = read(tmp_path / "s", modality="CT")
    assert image.source.series_uid == "1.2"
    assert any("synthetic" in note for note in image.notes)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda f: None, "empty"),
        (lambda f: (f / "a.dcm").write_text("not an image"), "a.dcm is none"),
        (lambda f: (f / "a.nii.gz").write_bytes(b"x" * 500), "give the file itself"),
        (lambda f: (f / "a.zip").write_bytes(b"PK"), "unpack a.zip"),
        (lambda f: (f / "a.dcm").write_bytes(b""), "a.dcm in f is a damaged"),
        (lambda f: (f / "a.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\1" * 40), "damaged"),
    ],
)
def test_folders_without_a_series(tmp_path: Path, make, words: str):
    folder = tmp_path / "f"
    folder.mkdir()
    make(folder)
    with pytest.raises(InputError, match=words):
        read(folder)


def test_a_folder_of_structure_sets_only(tmp_path: Path):
    folder = study(tmp_path / "study")
    for name in ("ct", "a", "b", "pt", "loc"):
        shutil.rmtree(folder / name)
    with pytest.raises(InputError, match="only RTSTRUCT"):
        read(folder)


def test_a_damaged_file_is_not_left_out_in_silence(tmp_path: Path):
    paths = series(tmp_path / "s")
    paths[-1].write_bytes(b"")  # the last slice: no gap would show
    with pytest.raises(InputError, match=f"{paths[-1].name}.*damaged"):
        read(tmp_path / "s")


def test_copies_of_a_file_are_left_out_with_a_note(tmp_path: Path):
    paths = series(tmp_path / "s")
    shutil.copy(paths[1], tmp_path / "s" / "copy.dcm")
    image = read(tmp_path / "s")
    assert image.shape == (5, 6, 7)
    assert any("copies" in note for note in image.notes)
    alter(tmp_path / "s" / "copy.dcm", SliceThickness=3)
    with pytest.raises(InputError, match="same SOPInstanceUID"):
        read(tmp_path / "s")


def test_a_dicomdir_is_ignored_in_a_folder_and_refused_alone(tmp_path: Path):
    paths = series(tmp_path / "s")
    directory = base("CT")
    directory.SOPClassUID = "1.2.840.10008.1.3.10"
    directory.save_as(tmp_path / "s" / "DICOMDIR", enforce_file_format=True)
    assert read(tmp_path / "s").shape[0] == len(paths)
    with pytest.raises(InputError, match="directory file"):
        read(tmp_path / "s" / "DICOMDIR")


def test_one_file_is_one_slice(tmp_path: Path):
    paths = series(tmp_path / "s")
    image = read(paths[3])
    assert image.shape == (1, 6, 7)
    np.testing.assert_array_equal(image.voxels[0], voxels()[3] - 1024)
    assert image.spacing[2] == 2.5
    assert read(f"{paths[3]}#1").shape == (1, 6, 7)
    with pytest.raises(InputError, match="not of the series"):
        read(f"{paths[3]}#9.9")


def test_files_without_preamble(tmp_path: Path):
    paths = series(tmp_path / "s")
    for path in paths:
        raw = path.read_bytes()
        path.with_suffix("").write_bytes(raw[132:])  # group 2 first
        path.unlink()
    assert read(tmp_path / "s").shape == (5, 6, 7)


def test_no_name_and_no_number_in_any_message(tmp_path: Path):
    folder = study(tmp_path / "study")
    alter(folder / "ct" / "0003.dcm", ImagePositionPatient=None)
    for bad in (f"{folder}#2", f"{folder}#6", f"{folder}#99", str(folder)):
        with pytest.raises(InputError) as refused:
            read(bad)
        assert NAME not in str(refused.value)
        assert "Doe" not in str(refused.value)
        assert NUMBER not in str(refused.value)


@pytest.mark.data
def test_the_real_mixed_study(real_study: Path):
    found = list_series(real_study)
    assert sorted(s.modality for s in found) == ["CT", "MR", "PT", *["RTSTRUCT"] * 3]
    with pytest.raises(InputError, match="holds 3 image series"):
        read(real_study)
    assert read(real_study, modality="T1").shape == (59, 136, 137)
    assert read(real_study, modality="CT").unit == "HU"
    assert read(real_study, modality="PET").voxels.dtype == np.float32


@pytest.mark.parametrize(
    ("keyword", "values", "words"),
    [
        ("EchoTime", (10, 90), "differ in EchoTime (10 and 90)"),
        ("EchoNumbers", (1, 2), "differ in EchoNumbers"),
        ("DiffusionBValue", (0.0, 1000.0), "differ in DiffusionBValue"),
        ("ImageType", (["ORIGINAL", "PRIMARY", "M"], ["ORIGINAL", "PRIMARY", "P"]), "M and P"),
    ],
)
@pytest.mark.parametrize("alternating", [True, False])
def test_two_contrasts_are_not_one_volume(
    tmp_path: Path, keyword: str, values: tuple, words: str, alternating: bool
):
    paths = series(tmp_path / "s", modality="MR", **T1)
    for n, path in enumerate(paths):
        ds = pydicom.dcmread(path)
        second = n % 2 if alternating else 2 * n >= len(paths)
        setattr(ds, keyword, values[int(second)])
        ds.save_as(path)
    with pytest.raises(InputError, match=re.escape(words)):
        read(tmp_path / "s")


def test_a_contrast_that_varies_a_little_is_one(tmp_path: Path):
    paths = series(tmp_path / "s", modality="MR", **T1)
    for n, path in enumerate(paths):
        ds = pydicom.dcmread(path)
        ds.EchoTime = 10 + 0.1 * n
        ds.save_as(path)
    assert read(tmp_path / "s").shape[0] == len(paths)
