"""Bad input: the documented exit code, one sentence, no traceback, nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from SynthCore.cli.main import main
from Testing.cli.bad_images import BAD_IMAGES
from Testing.cli.bad_inputs import t1
from Testing.cli.bad_requests import BAD_REQUESTS
from Testing.cli.studies import limb, write_nifti

CASES = {**BAD_IMAGES, **BAD_REQUESTS}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_one_sentence_and_leaves_nothing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, says, make = CASES[name]
    arguments = make(tmp_path)
    out = tmp_path / "out"
    found = main(["run", *arguments, "--out", str(out)])
    stdout, stderr = capsys.readouterr()
    assert found == code, stderr
    errors = [line for line in stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1, stderr
    assert errors[0].endswith((".", "?"))
    assert says in errors[0]
    assert "Traceback" not in stdout + stderr
    assert "Test^" not in stderr, "a patient's name"
    assert not out.exists() or not any(out.iterdir())
    assert not (tmp_path / "owned").exists()
    assert not list(tmp_path.glob("**/.partial-*"))


def test_there_are_at_least_thirty_cases() -> None:
    assert len(CASES) == len(BAD_IMAGES) + len(BAD_REQUESTS) >= 30


def test_an_output_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", limb())
    taken = tmp_path / "taken"
    taken.write_text("mine")
    assert main(["run", *t1(path), "--out", str(taken)]) == 2
    assert taken.read_text() == "mine"
    assert "is a file" in capsys.readouterr().err


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", limb())
    arguments = ["run", *t1(path, "--model", "mr-to-ct-bulk-density"), "--out", str(tmp_path / "o")]
    assert main(arguments) == 0
    before = {p.name: p.read_bytes() for p in (tmp_path / "o").iterdir()}
    capsys.readouterr()
    assert main(arguments) == 2
    assert "nothing is written over" in capsys.readouterr().err
    assert {p.name: p.read_bytes() for p in (tmp_path / "o").iterdir()} == before


def test_an_output_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", limb())
    (tmp_path / "file").write_text("")
    arguments = t1(path, "--model", "mr-to-ct-bulk-density")
    assert main(["run", *arguments, "--out", str(tmp_path / "file" / "below")]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="limits on file size are POSIX")
@pytest.mark.parametrize("form", ["nifti", "dicom"])
def test_a_full_disk_leaves_nothing(tmp_path: Path, form: str) -> None:
    """A limit on file size stands for the full disk: writing fails in the middle of a file."""
    path = write_nifti(tmp_path / "a.nii.gz", limb())
    out = tmp_path / "out"
    arguments = ["run", *t1(path, "--model", "mr-to-ct-bulk-density"), "--out", str(out)]
    arguments[arguments.index("nifti")] = form
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)); "
        "from SynthCore.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 4, done.stderr
    assert "full" in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_json_tells_an_error_as_one_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *t1(tmp_path / "no.nii"), "--out", str(tmp_path / "o"), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == 2
    assert told["error"].endswith(".")
