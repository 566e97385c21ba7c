"""A table suggested for a folder of studies: nothing is guessed in silence."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid

from SynthCore.cli.main import main
from SynthCore.cohort.suggest_names import role_of
from SynthCore.cohort.table import read_cases
from SynthCore.files.read import read
from SynthCore.tasks import get_task
from Testing.cli.studies import hounsfield, limb, write_nifti, write_series


def suggest(folder: Path, table: Path, *more: str, task: str = "mr-to-ct") -> list[dict[str, str]]:
    assert main(["batch", task, str(table), "--table-of", str(folder), *more]) == 0
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_folder_of_dicom_studies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    studies = tmp_path / "studies"
    frame = generate_uid()
    first = studies / "Mueller_Hans_1956"
    write_series(first / "mr", limb(), description="t1 tse tra", patient="P1", frame=frame)
    write_series(first / "ct", hounsfield(), "CT", patient="P1", frame=frame)
    second = studies / "Schmidt"
    write_series(second / "mr", limb(), description="t1 tse tra", patient="P2")
    write_series(second / "ct", hounsfield(), "CT", patient="P2")  # another frame of reference
    third = studies / "Weber"
    for number in (1, 2):
        write_series(third / str(number), limb(seed=number), description="t1 tse", patient="P3")
    write_series(studies / "Wolf", limb(), description="axial", patient="P4")  # no words
    table = tmp_path / "t.csv"
    found = suggest(studies, table)
    told = capsys.readouterr().err
    assert [case["id"] for case in found] == [f"case-00{n}" for n in (1, 2, 3, 4)]
    assert [bool(case["T1"]) for case in found] == [True, True, False, False]
    assert [bool(case["reference"]) for case in found] == [True, False, False, False]
    assert "case-002, folder 2: reference is left empty" in told
    assert "another frame of reference" in told
    assert "case-003, folder 3: T1 is left empty: #1, #2 suggest T1" in told
    assert "if it is, write FOLDER#1\n" in told.partition("case-004, folder 4: T1 is left")[2]
    assert "Mueller" not in told
    place, _, number = found[0]["T1"].rpartition("#")
    chosen = dcmread(sorted((tmp_path / place / "mr").iterdir())[0]).SeriesInstanceUID
    assert read(f"{tmp_path / place}#{number}", modality="T1").source.series_uid == chosen


def test_what_is_suggested_can_be_run(tmp_path: Path) -> None:
    frame = generate_uid()
    for name in ("x", "y"):
        write_series(tmp_path / "s" / name / "mr", limb(), description="t1 tse tra", frame=frame)
    table = tmp_path / "t.csv"
    suggest(tmp_path / "s", table)
    cases = read_cases(table, get_task("mr-to-ct"), None, tmp_path / "out")
    assert [tuple(case.paths) for case in cases] == [("T1",), ("T1",)]


def test_folders_and_files_of_nifti(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for patient in ("sub-01", "sub-02"):
        folder = tmp_path / "s" / patient / "anat"
        folder.mkdir(parents=True)
        for name in ("T1w", "FLAIR", "T1w_mask"):
            write_nifti(folder / f"{patient}_{name}.nii.gz", limb())
    found = suggest(tmp_path / "s", tmp_path / "t.csv", "--target", "FLAIR", task="mr-sequence")
    assert [case["T1"].endswith("_T1w.nii.gz") for case in found] == [True, True]
    assert [case["reference"].endswith("_FLAIR.nii.gz") for case in found] == [True, True]
    assert "by file names alone" in capsys.readouterr().err
    flat = tmp_path / "flat"
    flat.mkdir()
    for patient in ("p1", "p2"):
        for name in ("T1", "CT"):
            write_nifti(flat / f"{patient}_{name}.nii.gz", limb())
    found = suggest(flat, tmp_path / "u.csv")
    assert [(case["T1"], case["reference"]) for case in found] == [
        ("flat/p1_T1.nii.gz", "flat/p1_CT.nii.gz"), ("flat/p2_T1.nii.gz", "flat/p2_CT.nii.gz")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("sub-1_T1w.nii.gz", "T1"), ("sub-1_ce-gad_T1w.nii.gz", "T1c"), ("x_t1ce.nii", "T1c"),
        ("T2_FLAIR.mha", "FLAIR"), ("a_CT_image.nrrd", "CT"), ("a_CT_mask.nrrd", None),
        ("t1_t2.nii", None), ("image.nii", None), ("T1.txt", None), ("T1contrast.nii", None),
    ],
)  # fmt: skip
def test_roles_by_name(name: str, role: str | None) -> None:
    assert role_of(Path(name)) == role


def test_no_table_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_nifti(tmp_path / "p1_T1.nii.gz", limb())
    table = tmp_path / "t.csv"
    table.write_text("mine", encoding="utf-8")
    assert main(["batch", "mr-to-ct", str(table), "--table-of", str(tmp_path)]) == 2
    assert "nothing is written over" in capsys.readouterr().err
    assert table.read_text(encoding="utf-8") == "mine"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["batch", "mr-to-ct", str(tmp_path / "u.csv"), "--table-of", str(empty)]) == 2
    assert "holds no DICOM series" in capsys.readouterr().err
    assert not (tmp_path / "u.csv").exists()
