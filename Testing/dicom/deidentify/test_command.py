"""``synthcore deidentify``."""

from __future__ import annotations

import json
from pathlib import Path

import pydicom
import pytest

from SynthCore.cli.main import main
from Testing.dicom import odd_series


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "Doe_Jane", tmp_path / "out"
    odd_series.series(source, StudyDate="20200101")
    (source / "letter.txt").write_text("Dear Dr Doe")
    command = ["deidentify", str(source), "--out", str(out), "--as", "CASE07"]
    assert main([*command, "--shift-dates", "31", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == 5 and told["pseudonym"] == "CASE07"
    assert told["counts"]["dates shifted"] == 5
    assert [finding["kind"] for finding in told["findings"]] == ["left-out", "illegal"][::-1]
    assert not any(word in json.dumps(told) for word in ("Doe", "Jane", "PID4711", "20200101"))
    files = sorted(out.rglob("*.dcm"))
    assert len(files) == 5 and all(pydicom.dcmread(f).StudyDate == "20200201" for f in files)
    assert main(command) == 2
    assert "not empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--keep-dates", "--shift-dates", "3"],
        ["--shift-dates", "0"],
        ["--faces", "paint"],
        ["--as", "Jane Doe"],
    ],
)
def test_wrong_use_is_two(tmp_path: Path, wrong: list[str]) -> None:
    odd_series.series(tmp_path / "source")
    command = ["deidentify", str(tmp_path / "source"), "--out", str(tmp_path / "out")]
    assert main([*command, *wrong]) == 2
    assert not (tmp_path / "out").exists()
