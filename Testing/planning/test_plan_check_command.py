"""`synthcore plan-check` as it is typed, on files, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from SynthCore.cli.main import main
from Testing.planning.test_checks import leg, shifted


def write(path: Path, voxels: np.ndarray) -> Path:
    lps = leg().affine
    ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ lps
    nib.Nifti1Image(voxels.transpose(2, 1, 0), ras).to_filename(path)
    return path


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    real = leg()
    target = np.zeros(real.shape, dtype=np.uint8)
    target[4:8, 26:34, 34:42] = 1
    return {
        "real": str(write(tmp_path / "real.nii.gz", real.voxels)),
        "made": str(write(tmp_path / "made.nii.gz", shifted(real, 1).voxels)),
        "trap": str(write(tmp_path / "trap.nii.gz", shifted(real, 20).voxels)),
        "target": str(write(tmp_path / "target.nii.gz", target)),
        "mr": str(write(tmp_path / "mr.nii.gz", np.maximum(real.voxels + 1000, 0))),
    }


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code = main(["plan-check", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_trap_ends_with_3_and_a_report(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "check.html"
    code, told = run(
        capsys, files["trap"], "--reference", files["real"], "--structure",
        f"PTV={files['target']}", "--beam", "0", "--beam", "90/10", "--out", str(out),
    )  # fmt: skip
    assert code == 3 and told["light"] == "fail" and "Path length to PTV" in str(told["verdict"])
    assert "couch 10" in out.read_text("utf-8")
    assert not list(tmp_path.glob("*.part"))


def test_a_ct_nearly_alike_passes_by_a_signed_file(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, curve = tmp_path / "site.toml", tmp_path / "curve.csv"
    assert main(["plan-check", "--write-thresholds", str(site)]) == 0
    capsys.readouterr()
    text = site.read_text("utf-8").replace('signed_by = ""', 'signed_by = "P"')
    site.write_text(text.replace('signed_on = ""', 'signed_on = "2026-01-02"'), "utf-8")
    curve.write_text("HU,RED\n-1000,0\n0,1\n1000,1.5\n", "utf-8")
    code, told = run(
        capsys, files["made"], "--reference", files["real"], "--structure",
        f"PTV={files['target']}", "--beam", "0", "--thresholds", str(site), "--curve", str(curve),
        "--curve-kind", "red",
    )  # fmt: skip
    assert code == 0
    assert str(told["verdict"]).startswith("Accepted by the site's thresholds of 2026-01-02")
    assert told["curve"]["name"] == "curve.csv" and not told["curve"]["generic"]  # type: ignore[index]


def test_thresholds_are_not_written_over_nor_nowhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.toml"
    assert run(capsys, "--write-thresholds", str(site)) == (0, {"thresholds": str(site)})
    code, told = run(capsys, "--write-thresholds", str(site))
    assert code == 2 and "nothing is written over" in str(told["error"])
    code, told = run(capsys, "--write-thresholds", str(tmp_path / "nowhere" / "site.toml"))
    assert code == 2 and "cannot be written" in str(told["error"])


def test_alone_with_its_mr(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run(capsys, files["real"], "--mr", files["mr"])
    assert code == 0 and told["comparators"] == {}
    assert {f["group"] for f in told["findings"]} == {"plausibility"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--target", "heart"], "no structure 'heart'"),
        (["--beam", "north"], "not an angle"),
        (["--beam", "0/0/0"], "not an angle"),
        (["--structure", "PTV"], "NAME=PATH"),
        (["--structure", "PTV=a.nii", "--structure", "PTV =b.nii"], "PTV is given twice"),
        (["--curve", "nowhere.csv"], "nowhere.csv"),
        (["--curve-kind", "mass"], "red or spr"),
        (["--thresholds", "nowhere.toml"], "nowhere.toml"),
        (["--dose-reference", "a.dcm"], "Two doses"),
        (["--plan", "nowhere.dcm"], "nowhere.dcm"),
        (["--structures", "nowhere.dcm"], "nowhere.dcm"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], more: list[str], why: str
) -> None:
    code, told = run(capsys, files["made"], "--reference", files["real"], *more)
    assert code == 2 and why in str(told["error"])


def test_an_mr_is_no_synthetic_ct(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run(capsys, files["mr"])
    assert code == 2 and "not CT numbers" in str(told["error"])
    assert main(["plan-check", "--json"]) == 2


def test_an_unwritable_report_is_told_before_anything_is_computed(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run(capsys, files["made"], "--out", "/proc/check.html")
    assert code == 2 and "cannot be written" in str(told["error"])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--profile", "9000,0,0/9001,1,1"], "misses the image: give LPS mm, not RAS"),
        (["--out", "page.pdf"], "page.pdf none: give --pdf"),
    ],
)
def test_what_would_be_empty_or_another_format_is_refused(
    more: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "made.nii.gz", leg().voxels)
    assert main(["plan-check", "made.nii.gz", *more]) == 2
    assert why in " ".join(capsys.readouterr().err.split())
    assert [p.name for p in tmp_path.iterdir()] == ["made.nii.gz"]
