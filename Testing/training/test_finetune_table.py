"""Tables of pairs that are wrong, each with one sentence that names the row."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SynthCore.cli.main import main
from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.training.finetune.accept import parse_accepted
from SynthCore.training.finetune.bids import find_pairs
from SynthCore.training.finetune.checked import SitePair, require_one_name_each
from SynthCore.training.finetune.split import FEWEST, number_patients, split_patients
from SynthCore.training.finetune.table import read_pairs
from SynthCore.training.finetune.wanted import Wanted
from Testing.training.site_pairs import a_leg, a_parent, a_table, write

CT = Wanted(("T1",), every=True, one=False, target="CT")
MR = Wanted(("T1", "T2", "PD"), every=False, one=False, target="FLAIR")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    a_parent(folder / "parent")
    a_table(folder, 3)
    mr, ct = a_leg(9)
    write(ct.with_voxels(ct.voxels + 3000, modality="CT"), folder / "images" / "bright.nii.gz")
    far = a_leg(9, (400.0, 0.0, 0.0))[1]
    write(far, folder / "images" / "far.nii.gz")
    write(mr.with_voxels(np.zeros_like(mr.voxels)), folder / "images" / "empty.nii.gz")
    (folder / "images" / "text.nii.gz").write_text("no image")
    copy = read(folder / "images" / "ct0.nii.gz", modality="CT")
    moved = copy.affine.copy()
    moved[0, 3] += 1.0
    write(replace(copy, affine=moved), folder / "images" / "copy.nii.gz")
    return folder


ROWS = ["a,images/mr0.nii.gz,images/ct0.nii.gz", "b,images/mr1.nii.gz,images/ct1.nii.gz"]
HEAD = "patient,T1,target"
WRONG = {
    "no file at all": (None, "There is no"),
    "empty": ([], "is empty"),
    "names alone": ([HEAD], "no pair"),
    "no patient column": (["T1,target", "x,y"], "no column 'patient'"),
    "no target column": (["patient,T1", "x,y"], "no column 'target'"),
    "no input column": (["patient,target", "x,y"], "no column 'T1'"),
    "a column twice": (["patient,T1,T1,target", "a,b,c,d"], "twice"),
    "an unknown column": (["patient,T1,target,age", "a,b,c,d"], "'age'"),
    "a cell too few": ([HEAD, "a,images/mr0.nii.gz"], "row 2"),
    "no patient": ([HEAD, ",images/mr0.nii.gz,images/ct0.nii.gz"], "row 2"),
    "no path": ([HEAD, *ROWS, "c,,images/ct2.nii.gz"], "row 4"),
    "no target": ([HEAD, *ROWS, "c,images/mr2.nii.gz,"], "row 4"),
    "a missing file": ([HEAD, *ROWS, "c,images/mr7.nii.gz,images/ct2.nii.gz"], "row 4"),
    "a file of two patients": ([HEAD, *ROWS, "c,images/mr0.nii.gz,images/ct2.nii.gz"], "row 4"),
    "a copy under another name": (
        [HEAD, *ROWS, "c,images/mr2.nii.gz,images/copy.nii.gz"],
        "copy of one of row 2",
    ),
    "one patient in two spellings": (
        [HEAD, *ROWS, "B,images/mr2.nii.gz,images/ct2.nii.gz"],
        "differ in capitals or spaces",
    ),
    "a pair twice": ([HEAD, *ROWS, ROWS[0]], "Row 4"),
    "two patients": ([HEAD, *ROWS], "2 patients"),
    "no image": ([HEAD, *ROWS, "c,images/text.nii.gz,images/ct2.nii.gz"], "row 4"),
    "a CT as MR": ([HEAD, *ROWS, "c,images/far.nii.gz,images/ct2.nii.gz"], "row 4"),
    "an MR as CT": ([HEAD, *ROWS, "c,images/mr2.nii.gz,images/empty.nii.gz"], "row 4"),
    "CT not in HU": ([HEAD, *ROWS, "c,images/mr2.nii.gz,images/bright.nii.gz"], "row 4"),
    "far apart": ([HEAD, *ROWS, "c,images/mr2.nii.gz,images/far.nii.gz"], "row 4"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_table_is_told_in_one_sentence_and_nothing_is_made(
    name: str, site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, says = WRONG[name]
    table = site / f"{name.replace(' ', '-')}.csv"
    if lines is not None:
        table.write_text("\n".join(lines), encoding="utf-8")
    code = main(
        ["finetune", str(site / "parent"), "--pairs", str(table), "--out", str(tmp_path / "out"),
         "--site", "Site", "--licence", "internal", "--accept", "all", "--json"]
    )  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert code == 2 == told["exit_code"]
    assert says in told["error"]
    assert not (tmp_path / "out").exists()


def test_a_table_may_come_from_a_spreadsheet(site: Path) -> None:
    table = site / "semicolons.csv"
    lines = ["patient;T1;target", *(row.replace(",", ";") for row in ROWS), ";;"]
    table.write_text("\r\n".join(lines), encoding="utf-8-sig")
    found = read_pairs(table, CT).pairs
    assert [pair.patient for pair in found] == ["a", "b"]
    assert found[1].inputs["T1"] == site / "images" / "mr1.nii.gz"


def test_a_bids_folder_gives_a_pair_for_each_session(tmp_path: Path) -> None:
    for name in (
        "sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_FLAIR.nii.gz",
        "sub-02/ses-a/anat/sub-02_ses-a_T2w.nii", "sub-02/ses-a/anat/sub-02_ses-a_FLAIR.nii.gz",
        "sub-02/ses-b/anat/sub-02_ses-b_FLAIR.nii.gz", "sub-03/anat/sub-03_ce-gad_T1w.nii.gz",
        "sub-04/anat/sub-04_T1w.nii.gz", "sub-04/anat/sub-04_FLAIR.nii.gz",
        "sub-04/ses-9/anat/sub-04_ses-9_T1w.nii.gz", "sub-01/anat/._sub-01_T1w.nii.gz",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = find_pairs(tmp_path, MR)
    assert [(pair.where, sorted(pair.inputs)) for pair in found.pairs] == [
        ("subject 1", ["T1"]), ("subject 2, session 1", ["T2"]), ("subject 4", ["T1"]),
    ]  # fmt: skip
    assert found.pairs[0].target.name == "sub-01_FLAIR.nii.gz"
    assert found.left_out == ("subject 2, session 2", "subject 4, session 1")
    (tmp_path / "sub-01/anat/sub-01_run-2_T1w.nii.gz").touch()
    with pytest.raises(InputError, match="two files for T1"):
        find_pairs(tmp_path, MR)
    with pytest.raises(InputError, match="No session"):
        find_pairs(tmp_path, Wanted(("PD",), True, False, "T2"))


def test_two_names_for_one_patient_are_told_by_the_headers() -> None:
    mr, ct = a_leg(0)
    one, two, three = (
        SitePair(n, n, f"row {n + 1}", {"T1": mr}, ct, "", "", stated=stated)
        for n, stated in ((1, "7"), (2, ""), (3, "7"))
    )
    require_one_name_each([one, two, replace(three, patient=1)])
    with pytest.raises(InputError, match="row 4 and of row 2") as told:
        require_one_name_each([one, two, three])
    assert "7" not in str(told.value)


@pytest.mark.parametrize("count", range(FEWEST, 30, 4))
def test_a_split_keeps_some_and_mixes_nothing(count: int) -> None:
    patients = [n for n in range(1, count + 1) for _ in range(2)]
    split = split_patients(patients, seed=3)
    assert not set(split.trained) & set(split.kept)
    assert sorted((*split.trained, *split.kept)) == list(range(1, count + 1))
    assert 1 <= len(split.kept) <= count - 2
    assert split == split_patients(patients, seed=3)


def test_a_patient_the_model_knows_is_never_kept() -> None:
    for seed in range(20):
        assert split_patients([1, 2, 3, 4], seed, frozenset({1, 2, 4})).kept == (3,)
    with pytest.raises(InputError, match="every one"):
        split_patients([1, 2, 3], 0, frozenset({1, 2, 3}))


def test_patients_are_numbered_as_they_come() -> None:
    assert number_patients(["z", "a", "z", "m"]) == [1, 2, 1, 3]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("all", (1, 2, 3, 4, 5)),
        ("none", ()),
        ("2", (2,)),
        ("1, 3-5", (1, 3, 4, 5)),
        ("5 1", (1, 5)),
    ],
)
def test_accepted_pairs_are_listed(text: str, found: tuple[int, ...]) -> None:
    assert parse_accepted(text, 5) == found


@pytest.mark.parametrize("text", ["", ",", "6", "0", "3-2", "-2", "1-", "yes", "1.5", "9" * 30])
def test_what_is_no_list_of_pairs_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--accept"):
        parse_accepted(text, 5)
