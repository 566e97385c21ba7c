"""The command line as a user or a program calls it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from pydicom import dcmread

from SynthCore.cli.main import main
from SynthCore.files.read import read
from SynthCore.request import SynthesisRecord
from SynthCore.tasks import TASKS
from Testing.cli.studies import hounsfield, limb, write_nifti, write_series

BULK = ["--model", "mr-to-ct-bulk-density"]


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Run a command with --json; stdout must be one object and nothing else."""
    capsys.readouterr()
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1, err
    data: dict[str, Any] = json.loads(out)
    return data


@pytest.fixture
def a_nifti_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    path = write_nifti(tmp_path / "t1.nii.gz", limb())
    return run_json(
        capsys, "run", "mr-to-ct", "--input", f"T1={path}", "--out", str(tmp_path / "out"),
        "--format", "nifti", *BULK,
    )  # fmt: skip


def test_run_prints_one_object_with_the_documented_keys(a_nifti_result: dict[str, Any]) -> None:
    assert set(a_nifti_result) == {
        "task", "model", "image", "record", "report", "checks", "warnings", "seconds", "device",
        "uncertainty",
    }  # fmt: skip
    for key in ("image", "record", "report"):
        assert Path(a_nifti_result[key]).is_file()
    assert a_nifti_result["device"] == "cpu"
    assert {c["outcome"] for c in a_nifti_result["checks"]} == {"pass"}
    image = read(a_nifti_result["image"])
    assert image.modality == "CT"
    assert image.unit == "HU"
    html = Path(a_nifti_result["report"]).read_text(encoding="utf-8")
    assert "SYNTHETIC" in html
    assert "not cleared for clinical use" in html
    assert "http://" not in html.replace("http://www.w3.org", "")


def test_a_dicom_folder_gives_a_marked_series_on_its_grid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = write_series(tmp_path / "mr", limb())
    made = run_json(
        capsys, "run", "mr-to-ct", "--input", f"T1={study}", "--out", str(tmp_path / "o"), *BULK
    )
    before, after = read(study), read(made["image"])
    assert after.same_grid(before)
    files = sorted(Path(made["image"]).iterdir())
    assert len(files) == before.shape[0]
    source = dcmread(next(iter(study.iterdir())))
    for path in files:
        item = dcmread(path)
        assert item["SyntheticData"].value == "YES"
        assert item.FrameOfReferenceUID == source.FrameOfReferenceUID
        assert item.SeriesDescription.startswith("SYNTHETIC")
    record = SynthesisRecord.from_json(Path(made["record"]).read_text())
    assert len(record.output["instances"]) == len(files)


def test_what_is_lost_of_the_source_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = write_series(tmp_path / "mr", limb())
    for path in study.iterdir():
        item = dcmread(path)
        item.add_new("AccessionNumber", "SH", "20240131-CT-000123")
        item.save_as(path)
    told = "AccessionNumber of the source is not legal and was left out; the series has lost its"
    command = ["run", "mr-to-ct", "--input", f"T1={study}", *BULK, "--out"]
    made = run_json(capsys, *command, str(tmp_path / "o"))
    assert [one for one in made["warnings"] if one.startswith(told)]
    assert told in Path(made["report"]).read_text(encoding="utf-8")
    assert main([*command, str(tmp_path / "again")]) == 0
    assert f"Warning: {told}" in capsys.readouterr().err


def test_verify_passes_and_finds_one_changed_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = write_series(tmp_path / "mr", limb())
    out = tmp_path / "o"
    made = run_json(capsys, "run", "mr-to-ct", "--input", f"T1={study}", "--out", str(out), *BULK)
    assert run_json(capsys, "verify", str(out))["ok"] is True
    path = sorted(Path(made["image"]).iterdir())[2]
    item = dcmread(path)
    item.WindowCenter = 41
    item.save_as(path)
    assert main(["verify", str(out)]) == 3
    assert path.name in capsys.readouterr().out


def test_evaluate_prints_one_object_with_the_documented_keys(
    a_nifti_result: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = write_nifti(tmp_path / "ct.nii.gz", hounsfield())
    mask = np.zeros((8, 40, 48), np.uint8)
    mask[2:6, 10:30, 12:36] = 1
    region = write_nifti(tmp_path / "mask.nii.gz", mask)
    found = run_json(
        capsys, "evaluate", a_nifti_result["image"], str(reference), "--mask", str(region)
    )
    assert set(found) >= {"preset", "metrics", "mask", "clip", "data_range", "voxels", "window"}
    assert found["preset"] == "synthrad2023"
    assert found["voxels"] == int(mask.sum())
    assert found["clip"] == [-1024, 3000]
    assert found["data_range"] == 4024
    made = read(a_nifti_result["image"]).voxels[mask > 0].astype(float)
    error = made - hounsfield()[mask > 0]
    assert found["metrics"]["mae_hu"] == pytest.approx(np.abs(error).mean(), rel=1e-6)
    assert found["metrics"]["me_hu"] == pytest.approx(error.mean(), rel=1e-6)
    assert {"psnr_db", "ssim"} <= set(found["metrics"])


def test_evaluate_holds_no_ct_against_another_by_a_preset_for_mr(
    a_nifti_result: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    path = a_nifti_result["image"]
    assert main(["evaluate", path, path, "--preset", "brasyn"]) == 2
    assert "looks like CT numbers, and the preset brasyn is for MR" in capsys.readouterr().err


def test_what_is_wrong_without_an_image_is_told_before_one_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = ["--input", f"T1={tmp_path / 'missing.nii.gz'}", "--out", str(tmp_path / "out")]
    for wrong, told in (
        (["run", "mr-to-ct", "--model", "ct-denoise-nlm"], "is for ct-denoise"),
        (["run", "mr-to-ct", "--device", "cuda:²"], "no device"),
        (["remove", "--mask", str(tmp_path / "m.nii.gz"), "--margin", "99"], "margin is 99"),
    ):
        assert main([*wrong, *missing]) == 2
        assert told in capsys.readouterr().err


def test_a_reference_that_cannot_be_scored_loses_no_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, real = write_nifti(tmp_path / "ct.nii.gz", hounsfield()), tmp_path / "turned.nii.gz"
    turned = nib.load(write_nifti(real, hounsfield()))
    angle = np.pi / 5
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    nib.save(nib.Nifti1Image(np.asarray(turned.dataobj), turn @ turned.affine), real)
    found = run_json(
        capsys, "run", "ct-denoise", "--input", f"CT={path}", "--reference", str(real),
        "--model", "ct-denoise-nlm", "--format", "nifti", "--out", str(tmp_path / "out"),
    )  # fmt: skip
    assert any("was not compared with the reference: " in one for one in found["warnings"])
    assert Path(found["image"]).exists() and "was not compared" in Path(found["report"]).read_text()


def test_evaluate_scores_in_the_tissue_of_mr_and_ct(
    a_nifti_result: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = write_nifti(tmp_path / "ct.nii.gz", hounsfield())
    found = run_json(
        capsys, "evaluate", a_nifti_result["image"], str(reference),
        "--tissue-of-mr", str(tmp_path / "t1.nii.gz"),
    )  # fmt: skip
    assert 0 < found["voxels"] < hounsfield().size / 2
    assert "6% of its 99th percentile" in found["mask"] and "eroded by two" in found["mask"]


def test_the_tissue_of_a_ct_is_not_taken_for_that_of_an_mr(
    a_nifti_result: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ct = str(write_nifti(tmp_path / "ct.nii.gz", hounsfield()))
    assert main(["evaluate", a_nifti_result["image"], ct, "--tissue-of-mr", ct]) == 3
    told = capsys.readouterr().err
    assert "look like CT numbers, not MR. Give the MR as --tissue-of-mr." in told


def test_evaluate_tells_what_was_found_in_its_files(
    a_nifti_result: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = write_nifti(tmp_path / "ct.nii.gz", hounsfield())
    labels = np.zeros((8, 40, 48), np.uint8)
    labels[2:6, 10:30, 12:24], labels[2:6, 10:30, 24:36] = 1, 2
    region = write_nifti(tmp_path / "labels.nii.gz", labels)
    found = run_json(
        capsys, "evaluate", a_nifti_result["image"], str(reference), "--mask", str(region)
    )
    assert any("2 labels of the mask were taken together" in note for note in found["notes"])


def test_what_are_no_ct_numbers_is_no_reference(
    a_nifti_result: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mr = str(tmp_path / "t1.nii.gz")
    assert main(["evaluate", a_nifti_result["image"], mr]) == 2
    told = capsys.readouterr().err
    assert "The reference runs from" in told and "these are not CT numbers in HU" in told
    reference = write_nifti(tmp_path / "ct.nii.gz", hounsfield())
    found = run_json(capsys, "evaluate", mr, str(reference))
    assert any("these are not CT numbers in HU" in note for note in found["notes"])


def test_another_grid_is_resampled_only_when_asked(
    a_nifti_result: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = write_nifti(tmp_path / "ct.nii.gz", hounsfield((16, 40, 48)), (1, 1, 1.5))
    assert main(["evaluate", a_nifti_result["image"], str(reference)]) == 2
    assert "grid" in capsys.readouterr().err
    found = run_json(capsys, "evaluate", a_nifti_result["image"], str(reference), "--resample")
    assert found["metrics"]["mae_hu"] > 0


def test_a_reference_puts_metrics_into_the_report(tmp_path: Path) -> None:
    t1 = write_nifti(tmp_path / "t1.nii.gz", limb())
    ct = write_nifti(tmp_path / "ct.nii.gz", hounsfield())
    arguments = ["run", "mr-to-ct", "--input", f"T1={t1}", "--out", str(tmp_path / "o"), *BULK]
    assert main([*arguments, "--reference", str(ct)]) == 0
    html = (tmp_path / "o" / "synthetic-CT.html").read_text(encoding="utf-8")
    assert "synthrad2023" in html


def test_tasks_lists_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert {t["name"] for t in run_json(capsys, "tasks")["tasks"]} == set(TASKS)
    assert main(["tasks"]) == 0
    assert "ct-denoise" in capsys.readouterr().out


def test_models_are_listed_shown_and_verified(capsys: pytest.CaptureFixture[str]) -> None:
    listed = run_json(capsys, "models", "list")
    assert listed["problems"] == []
    names = {m["id"] for m in listed["models"]}
    assert {"mr-to-ct-extremity", "ct-denoise-body", "mr-to-ct-bulk-density"} <= names
    assert {m["id"] for m in run_json(capsys, "models", "verify")["verified"]} == names
    for name in names:
        assert main(["models", "show", name]) == 0
        assert "not cleared for clinical use" in capsys.readouterr().out


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("synthcore ")
    assert main(["run", "--help"]) == 0
    assert "--input" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="a signal to a process is POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_cancels_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    number = getattr(signal, name)
    path = write_nifti(tmp_path / "ct.nii.gz", hounsfield((40, 256, 256)))
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "SynthCore.cli.main", "run", "ct-denoise", "--input", f"CT={path}",
        "--out", str(out), "--model", "ct-denoise-nlm", "--json",
    ]  # fmt: skip
    # progress is drawn while it happens on a terminal only, so the child gets one as its stderr
    terminal, its_end = os.openpty()
    surroundings = os.environ | {"TERM": "xterm", "COLUMNS": "200"}
    # a test run in the background may ignore SIGINT, and a child inherits that, but no handler
    before = signal.signal(number, signal.default_int_handler)
    try:
        started = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=its_end, text=True, env=surroundings
        )
    finally:
        signal.signal(number, before)
    os.close(its_end)
    try:
        stderr = read_terminal(terminal, until="non-local means")
        assert "non-local means" in stderr, stderr
        started.send_signal(number)
        stderr += read_terminal(terminal)
        stdout, _ = started.communicate(timeout=120)
    finally:
        started.kill()
        started.wait()
        os.close(terminal)
    assert started.returncode == 130, stderr
    assert json.loads(stdout)["exit_code"] == 130
    assert "Traceback" not in stderr
    assert not out.exists()


def read_terminal(terminal: int, until: str | None = None) -> str:
    """What a child writes on a terminal, until it wrote a text or ended; two minutes at most."""
    found, deadline = "", time.monotonic() + 120
    while time.monotonic() < deadline and (until is None or until not in found):
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            data = os.read(terminal, 4096)
        except OSError:  # Linux says so where others give nothing: the child ended
            break
        if not data:
            break
        found += data.decode(errors="replace")
    return found
