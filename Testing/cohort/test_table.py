"""Tables of cases: right ones are read, of wrong ones all faults are told before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from SynthCore.cohort.names import same_folder, unsafe
from SynthCore.cohort.table import MOST_TOLD, read_cases
from SynthCore.errors import InputError
from SynthCore.tasks import get_task
from Testing.cli.studies import hounsfield, limb, write_nifti, write_series
from Testing.cohort.tables import batch, three_legs, write_table

MR_TO_CT = get_task("mr-to-ct")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_paths_are_relative_to_the_table_or_absolute(tmp_path: Path, delimiter: str) -> None:
    rows = three_legs(tmp_path / "in")
    rows[0]["T1"] = str(tmp_path / "in" / rows[0]["T1"])
    table = write_table(tmp_path / "in" / "t.csv", rows, delimiter=delimiter)
    cases = read_cases(table, MR_TO_CT, None, tmp_path / "out")
    assert [case.id for case in cases] == ["a", "b b", "c"]
    assert [case.line for case in cases] == [2, 3, 4]
    assert all(case.target == "CT" and set(case.paths) == {"T1"} for case in cases)
    assert cases[0].paths["T1"] == str(tmp_path / "in" / "mueller_1_t1.nii.gz")
    assert cases[2].paths["T1"] == str(tmp_path / "in" / "leg c#1")
    assert cases[1].reference == tmp_path / "in" / "mueller_2_ct.nii.gz"
    assert cases[2].reference is None


def test_an_empty_cell_is_a_role_that_the_case_lacks(tmp_path: Path) -> None:
    write_nifti(tmp_path / "x.nii.gz", limb())
    table = write_table(
        tmp_path / "t.csv",
        [{"id": "a", "T1": "x.nii.gz", "T2": ""}, {"id": "b", "T1": "", "T2": "x.nii.gz"}],
    )
    cases = read_cases(table, MR_TO_CT, None, tmp_path / "out")
    assert [tuple(case.paths) for case in cases] == [("T1",), ("T2",)]


def test_all_faults_are_told_at_once_and_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_nifti(tmp_path / "x.nii.gz", limb())
    table = write_table(
        tmp_path / "t.csv",
        [
            {"id": "good", "T1": "x.nii.gz", "age": "40"},
            {"id": "../up", "T1": "x.nii.gz"},
            {"id": "CON", "T1": "x.nii.gz"},
            {"id": "twice", "T1": "x.nii.gz"},
            {"id": "Twice", "T1": "x.nii.gz"},
            {"id": "gone", "T1": "hans_mueller.nii.gz"},
            {"id": "none"},
            {"id": "mask", "T1": "x.nii.gz", "mask": "x.nii.gz"},
            {"id": "series", "T1": "x.nii.gz#2"},
        ],
    )
    out = tmp_path / "out"
    assert batch(table, out) == 2
    told = capsys.readouterr().err
    assert not out.exists()
    assert "hans_mueller" not in told
    for fault in (
        "8 things", "a column 'age'", "Line 3: the id cannot", "Line 4: the id cannot",
        "Line 6: the id is on some systems the same folder as that of line 5", "Line 7: T1 is not",
        "Line 8: there is no image", "Line 9: mr-to-ct takes no mask",
        "Line 10: T1 names a series of a file",
    ):  # fmt: skip
        assert fault in told


def test_faults_that_depend_on_the_task(tmp_path: Path) -> None:
    write_nifti(tmp_path / "x.nii.gz", limb())
    folder = write_series(tmp_path / "study", hounsfield(), "CT", description="abdomen")
    table = write_table(tmp_path / "t.csv", [{"id": "a", "T1": "x.nii.gz", "T2": "x.nii.gz"}])
    with pytest.raises(InputError, match="there is no mask, and inpaint fills one"):
        read_cases(table, get_task("inpaint"), "T1", tmp_path / "out")
    with pytest.raises(InputError, match="Name the image to make with --target"):
        read_cases(table, get_task("mr-sequence"), None, tmp_path / "out")
    with pytest.raises(InputError, match="T2 is among the inputs already"):
        read_cases(table, get_task("mr-sequence"), "T2", tmp_path / "out")
    inside = write_table(tmp_path / "u.csv", [{"id": "a", "CT": "study"}])
    with pytest.raises(InputError, match="lies in the folder of CT"):
        read_cases(inside, get_task("ct-denoise"), None, folder / "out")
    row = {"id": "a", "T1": "x.nii.gz", "reference": "study"}
    scored = write_table(tmp_path / "v.csv", [row])
    with pytest.raises(InputError, match="lies in the folder of reference"):
        read_cases(scored, MR_TO_CT, None, folder / "out")


def test_a_table_without_the_column_id_says_so(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", [{"name": "a", "T1": "x"}])
    with pytest.raises(InputError, match=r"(?s)column 'name'.*needs the column id"):
        read_cases(table, MR_TO_CT, None, tmp_path / "out")


def test_hundreds_of_faults_are_counted(tmp_path: Path) -> None:
    rows = [{"id": f"c{n}", "T1": "gone.nii"} for n in range(MOST_TOLD + 5)]
    with pytest.raises(InputError, match="And 5 more") as caught:
        read_cases(write_table(tmp_path / "t.csv", rows), MR_TO_CT, None, tmp_path / "out")
    assert str(caught.value).count("T1 is not a file") == MOST_TOLD


@pytest.mark.parametrize(
    "name",
    ["", "../x", "a/b", "a\\b", ".", "..", ".batch", "-rf", "CON", "con.nii", "lpt1", "COM¹", "a.",
     "a ", "a:b", "a*", "x" * 65, "batch.csv", "Batch", "commission.csv", "a\nb", "=1+1", "_x",
     "\U00020000" * 64],
)  # fmt: skip
def test_names_that_are_no_folder_on_some_system(name: str) -> None:
    assert unsafe(name)


@pytest.mark.parametrize(
    "name", ["\U00020000" * 50, "a", "STS_002", "Fall 12", "p-3.b", "Ärztin", "患者1", "console"]
)
def test_names_that_are(name: str) -> None:
    assert not unsafe(name)


def test_names_that_share_a_folder_on_some_system() -> None:
    assert same_folder("Straße") == same_folder("STRASSE")
    assert same_folder("\u00e4") == same_folder("A\u0308")
    assert same_folder("a b") != same_folder("ab")
