"""A batch as a person starts it, leaves it alone, and starts it again."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from SynthCore.cli.main import main
from SynthCore.cohort.folder import opened
from SynthCore.cohort.kept import kept_of
from SynthCore.files.read import read
from SynthCore.files.record import read_record
from SynthCore.planning.cohort_table import read_cohort
from SynthCore.quality.evaluate import evaluate
from Testing.cli.studies import hounsfield, limb, write_nifti
from Testing.cohort.tables import (
    BULK,
    NIFTI,
    batch,
    batch_json,
    outcomes,
    sheet,
    temporary,
    three_legs,
    write_table,
)


@pytest.fixture(scope="module")
def a_batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished batch of three legs, a CT given as T1 and a file that was cut off."""
    folder = tmp_path_factory.mktemp("batch")
    rows = three_legs(folder / "in")
    write_nifti(folder / "in" / "is_a_ct.nii.gz", hounsfield())
    whole = (folder / "in" / "mueller_1_t1.nii.gz").read_bytes()
    (folder / "in" / "mueller_9_cut.nii.gz").write_bytes(whole[: len(whole) // 2])
    rows.insert(1, {"id": "wrong", "T1": "is_a_ct.nii.gz"})
    rows.insert(2, {"id": "cut", "T1": "mueller_9_cut.nii.gz"})
    table = write_table(folder / "in" / "t.csv", rows)
    assert batch(table, folder / "out", *BULK, *NIFTI) == 4
    return folder


@pytest.fixture
def another(a_batch: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return Path(shutil.copytree(a_batch, tmp_path / "copy"))


def again(
    folder: Path, capsys: pytest.CaptureFixture[str], *more: str, code: int = 4
) -> dict[str, dict[str, Any]]:
    data = batch_json(
        capsys, folder / "in" / "t.csv", folder / "out", *BULK, *NIFTI, *more, code=code
    )
    assert data["exit_code"] == code
    return {case["id"]: case for case in data["cases"]}


def test_what_is_refused_or_fails_does_not_stop_the_others(a_batch: Path) -> None:
    out = a_batch / "out"
    assert outcomes(out) == {
        "a": "done", "wrong": "refused", "cut": "failed", "b b": "done", "c": "done"
    }  # fmt: skip
    rows = sheet(out)
    assert {name: row["exit_code"] for name, row in rows.items()} == {
        "a": "0", "wrong": "3", "cut": "2", "b b": "0", "c": "0"
    }  # fmt: skip
    assert "CT" in rows["wrong"]["sentence"]
    assert rows["cut"]["sentence"].startswith("[T1] ")
    assert float(rows["a"]["seconds"]) > 0
    assert sorted(p.name for p in out.iterdir()) == [
        ".batch", "a", "b b", "batch.csv", "batch.html", "c", "commission.csv"
    ]  # fmt: skip
    assert not temporary(out)


def test_a_folder_is_what_run_writes(a_batch: Path, tmp_path: Path) -> None:
    source = a_batch / "in" / "mueller_1_t1.nii.gz"
    real = a_batch / "in" / "mueller_1_ct.nii.gz"
    arguments = ["run", "mr-to-ct", "--input", f"T1={source}", "--reference", str(real)]
    assert main([*arguments, "--out", str(tmp_path / "run"), *BULK, *NIFTI]) == 0
    ours, theirs = a_batch / "out" / "a", tmp_path / "run"
    assert sorted(p.name for p in ours.iterdir()) == sorted(p.name for p in theirs.iterdir())
    texts = [read_record(place / "synthetic-CT.nii.gz") for place in (ours, theirs)]
    records = [json.loads(text) for text in texts if text]
    for record in records:
        record.pop("created")
    assert records[0] == records[1]
    voxels = [
        np.asanyarray(nib.load(place / "synthetic-CT.nii.gz").dataobj) for place in (ours, theirs)
    ]
    assert np.array_equal(*voxels)
    assert main(["verify", str(ours)]) == 0


def test_a_figure_says_its_preset_mask_and_clip(a_batch: Path, tmp_path: Path) -> None:
    row = sheet(a_batch / "out")["b b"]
    assert row["preset"] == "synthrad2023"
    assert row["mask"].startswith("the body in the reference")
    assert row["clip"] == "[-1024, 3000]"
    made = nib.load(a_batch / "out" / "b b" / "synthetic-CT.nii.gz")
    real = a_batch / "in" / "mueller_2_ct.nii.gz"
    found = evaluate(
        read(made.get_filename(), modality="CT"), read(real, modality="CT"), preset="synthrad2023"
    )
    assert float(row["mae_hu"]) == pytest.approx(found.metrics["mae_hu"], rel=1e-4)


def test_the_page_shows_every_case_and_nothing_of_elsewhere(a_batch: Path) -> None:
    page = (a_batch / "out" / "batch.html").read_text(encoding="utf-8")
    assert "Research software: not cleared for clinical use." in page
    assert "3 of 5 done, 1 failed, 1 refused." in page
    shown = re.findall(r'<th scope="row">(.*?)</th>', page)
    assert shown[:2] == ["cut", "wrong"]
    figures = {name: float(row["mae_hu"] or 0) for name, row in sheet(a_batch / "out").items()}
    assert shown[2:] == sorted(("a", "b b", "c"), key=lambda name: -figures[name])
    assert page.count('src="data:image/png;base64,') == 3
    links = re.findall(r'(?:href|src)="(?!data:)([^"]*)"', page)
    assert not [link for link in links if "//" in link or link.startswith("/")]
    reports = [link for link in links if link.endswith(".html")]
    assert "b%20b/synthetic-CT.html" in reports
    assert all((a_batch / "out" / link.replace("%20", " ")).is_file() for link in reports)
    assert "mask: the body in the reference" in page
    assert "mueller" not in page  # names of files may be names of patients
    assert str(a_batch) not in page
    assert "mueller" not in (a_batch / "out" / "batch.csv").read_text(encoding="utf-8")


def test_the_table_for_a_commissioning_is_one(a_batch: Path) -> None:
    patients = read_cohort(a_batch / "out" / "commission.csv")
    assert [patient.label for patient in patients] == ["a", "b b"]
    for patient in patients:
        assert patient.paths.synthetic.is_file()
        assert patient.paths.reference is not None
        assert patient.paths.reference.is_file()


def test_a_second_call_goes_on(another: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = another / "out"
    write_nifti(another / "in" / "is_a_ct.nii.gz", limb(seed=7))
    shutil.copyfile(another / "in" / "mueller_1_t1.nii.gz", another / "in" / "mueller_9_cut.nii.gz")
    times = {path: path.stat().st_mtime_ns for path in out.glob("*/*") if path.is_file()}
    cases = again(another, capsys, code=0)
    assert {name: case["outcome"] for name, case in cases.items()} == {
        "a": "skipped", "wrong": "done", "cut": "done", "b b": "skipped", "c": "skipped"
    }  # fmt: skip
    kept = [path for path in times if path.parent.name in ("a", "b b", "c")]
    assert len(kept) == 9
    assert all(path.stat().st_mtime_ns == times[path] for path in kept)
    # a case that was skipped keeps its figures and its picture
    assert float(sheet(out)["a"]["mae_hu"]) == pytest.approx(
        cases["a"]["evaluation"]["metrics"]["mae_hu"], rel=1e-4
    )
    page = (out / "batch.html").read_text(encoding="utf-8")
    assert page.count('src="data:image/png;base64,') == 5


def test_a_changed_input_is_refused_by_name(
    another: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (another / "out" / "a" / "synthetic-CT.nii.gz").read_bytes()
    write_nifti(another / "in" / "mueller_1_t1.nii.gz", limb(seed=99))
    sources = sorted((another / "in" / "leg c").iterdir())
    sources[-1].unlink()  # a slice less
    os.utime(another / "in" / "mueller_2_t1.nii.gz", (1, 1))  # touched alone
    cases = again(another, capsys)
    assert cases["a"]["outcome"] == "refused"
    assert cases["a"]["exit_code"] == 3
    assert "T1" in cases["a"]["told"]
    assert "folder a" in cases["a"]["told"]
    assert cases["c"]["outcome"] == "refused"
    assert cases["b b"]["outcome"] == "skipped"
    assert (another / "out" / "a" / "synthetic-CT.nii.gz").read_bytes() == before
    # what was refused is still known when its input is back, and made anew when its folder is gone
    shutil.rmtree(another / "out" / "a")
    assert again(another, capsys)["a"]["outcome"] == "done"
    assert (another / "out" / "a" / "synthetic-CT.nii.gz").read_bytes() != before


def test_a_result_that_was_changed_or_is_not_ours_is_left_alone(
    another: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = another / "out"
    record = out / "a" / "synthetic-CT.json"
    record.write_text(record.read_text(encoding="utf-8").replace("CT", "MR"), encoding="utf-8")
    (out / "cut").mkdir()
    (out / "cut" / "notes.txt").write_text("mine", encoding="utf-8")
    (out / ".batch" / "c.json").write_text("{}", encoding="utf-8")
    cases = again(another, capsys, code=3)
    assert "was changed since it was made" in cases["a"]["told"]
    for name in ("cut", "c"):
        assert cases[name]["outcome"] == "refused"
        assert "is no result of this batch" in cases[name]["told"]
    assert [path.name for path in (out / "cut").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("more", [["--seed", "3"], ["--format", "dicom"]])
def test_one_batch_is_made_in_one_way(
    another: Path, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    before = sorted(another.rglob("*"))
    assert batch(another / "in" / "t.csv", another / "out", *BULK, *NIFTI, *more) == 2
    told = capsys.readouterr().err
    assert "made otherwise" in told
    assert "a, b b, c" in told
    assert sorted(another.rglob("*")) == before


def test_another_table_does_not_bring_another_way(
    another: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = another / "out"
    before = (out / "batch.csv").read_bytes()
    rows = [{"id": "z", "CT": "in/mueller_1_ct.nii.gz"}]
    table = write_table(another / "u.csv", rows)
    assert batch(table, out, "--model", "ct-denoise-nlm", *NIFTI, task="ct-denoise") == 2
    told = capsys.readouterr().err
    assert "made otherwise (task was mr-to-ct and is ct-denoise now: a, b b, c)" in told
    assert (out / "batch.csv").read_bytes() == before
    assert not (out / "z").exists()


def test_a_case_that_left_the_table_is_told(
    another: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row for row in three_legs(another / "other") if row["id"] == "c"]
    for row in rows:
        row["T1"] = str(another / "in" / "leg c") + "#1"
    table = write_table(another / "short.csv", rows)
    assert batch(table, another / "out", *BULK, *NIFTI) == 0
    told = capsys.readouterr().err
    assert "results that the table does not name: a, b b." in told


def test_files_of_that_name_and_of_no_batch_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = write_table(tmp_path / "in.csv", [{"id": "a", "T1": "x.nii.gz"}])
    write_nifti(tmp_path / "x.nii.gz", limb())
    out = tmp_path / "out"
    out.mkdir()
    (out / "batch.csv").write_text("mine", encoding="utf-8")
    assert batch(table, out, *BULK) == 2
    assert "already holds batch.csv" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["batch.csv"]


def test_two_calls_do_not_share_a_folder(another: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(another / "out"):
        assert batch(another / "in" / "t.csv", another / "out", *BULK, *NIFTI) == 2
    assert "Another batch is at work in out" in capsys.readouterr().err
    # a call that was ended by force leaves its lock file and half a case: neither is in the way
    assert (another / "out" / ".batch" / "lock").is_file()
    shutil.copytree(another / "out" / "a", another / "out" / ".partial-1234")
    assert again(another, capsys)["a"]["outcome"] == "skipped"
    assert not temporary(another / "out")


def test_a_case_during_which_a_call_was_ended_comes_last(
    another: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = another / "out"
    for name in ("a", "c"):
        shutil.rmtree(out / name)
    path = out / ".batch" / "a.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["outcome"]["became"] = "waiting"
    path.write_text(json.dumps(data), encoding="utf-8")
    again(another, capsys)
    made = {name: (out / name / "synthetic-CT.json").stat().st_mtime_ns for name in ("a", "c")}
    assert made["c"] < made["a"]
    kept = kept_of(out, "a")
    assert kept is not None
    assert kept.outcome.became == "done"


def test_a_wrong_device_or_model_is_told_before_anything_is_read(
    another: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = another / "in" / "t.csv", another / "new"
    assert batch(table, out, "--device", "tpu") == 2
    assert batch(table, out, "--model", "ct-denoise-nlm") == 2
    assert batch(table, out, "--workers", "2", "--scheduler", "tcp://127.0.0.1:1") == 2
    assert main(["batch", "mr-to-ct", str(table)]) == 2
    told = capsys.readouterr().err
    for sentence in ("no device 'tpu'", "is for ct-denoise", "exclude each other", "with --out"):
        assert sentence in told
    assert not out.exists()
