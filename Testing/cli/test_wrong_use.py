"""Wrong use of the commands beside `run`: exit code 2 and one sentence, whatever was typed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from SynthCore.cli.main import main
from Testing.cli.studies import hounsfield, limb, write_nifti, write_series

LONG = "n" * 5000
DEEP = "/".join(["folder"] * 2000)


def test_a_name_that_the_terminal_cannot_show_is_no_failure(tmp_path: Path) -> None:
    """On Windows a pipe takes no letters but the system's own."""
    done = subprocess.run(
        [sys.executable, "-m", "SynthCore.cli.main", "teach", "--new", "\u65e5\u672c.toml"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert b"\\u65e5" in done.stdout
    assert [path.suffix for path in tmp_path.iterdir()] == [".toml"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "mr-to-ct", "--input", "T1=IN", "--out", LONG], "cannot be written"),
        (["run", "mr-to-ct", "--input", "T1=IN", "--out", DEEP], "cannot be written"),
        (["run", "mr-to-ct", "--input", "T1=IN", "--out", "OUT", "--model", LONG], "no model"),
        (["run", "mr-to-ct", "--input", "T1=IN", "--out", "OUT", "--model", ""], "no model ''"),
        (["run", "mr-to-ct", "--input", f"T1={LONG}", "--out", "OUT"], ""),
        (["run", "mr-to-ct", "--input", f"T1={LONG}#1", "--out", "OUT"], ""),
        (["verify", LONG], "cannot be read"),
        (["verify", "OUT"], "no folder"),
        (["models", "show", LONG], "no model"),
        (["models", "show", ""], "no model ''"),
        (["models", "verify", LONG], "no model"),
        (["models", "list", "--task", "nope"], "there are mr-to-ct"),
        (["demo", "--out", "OUT", "--seed", "-1"], "seed"),
        (["demo", "--out", LONG], "cannot be written"),
        (["demo", "--out", "IN"], "not empty"),
        (["train", "mr-to-ct-extremity", "--data", "OUT", "--out", "IN"], "is a file"),
        (
            ["train", "mr-to-ct-extremity", "--data", "OUT", "--out", "IN/below"],
            "cannot be written",
        ),
        (["train", "mr-to-ct-extremity", "--data", "OUT", "--out", LONG], "cannot be written"),
        (["train", "mr-to-ct-extremity", "--data", "OUT", "--out", "RUN"], "no folder o;"),
        (["train", "[/b]", "--data", "OUT", "--out", "OUT"], "no recipe"),
        (
            ["train", "mr-to-ct-extremity", "--data", "OUT", "--out", "OUT", "--minutes", "0"],
            "minutes",
        ),
        (["train", "mr-to-ct-extremity", "--data", "OUT", "--out", "OUT", "--seed", "-1"], "seed"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_wrong_use_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_nifti(tmp_path / "t1.nii.gz", limb())
    names = {"IN": "t1.nii.gz", "T1=IN": "T1=t1.nii.gz", "IN/below": "t1.nii.gz/below", "OUT": "o"}
    assert main([names.get(word, word) for word in arguments]) == 2
    stdout, stderr = capsys.readouterr()
    errors = [line for line in stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1, stderr
    assert says in errors[0]
    assert "Traceback" not in stdout + stderr
    assert [path.name for path in tmp_path.iterdir()] == ["t1.nii.gz"]


def test_a_task_lists_its_models_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--task", "inpaint"]) == 0
    shown = capsys.readouterr().out
    assert "inpaint-biharmonic" in shown and "ct-denoise-nlm" not in shown


def test_a_folder_of_models_with_a_name_too_long_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SYNTHCORE_MODELS", LONG)
    assert main(["models", "list"]) == 0
    assert "mr-to-ct-bulk-density" in capsys.readouterr().out


@pytest.mark.parametrize("command", [[], ["readers"], ["models"]])
def test_a_command_without_its_words_shows_the_help(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    told = capsys.readouterr().err
    assert told.lstrip().startswith("Usage: ") and "Error" not in told


@pytest.mark.skipif(sys.platform == "win32", reason="a signal to a process is POSIX")
def test_an_interrupt_while_it_loads_is_no_traceback() -> None:
    # the handler is set before anything is loaded, and the signal sent within the first import
    code = (
        "import signal, sys, os; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Now:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'SynthCore.cli.main': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Now())\n"
        "from SynthCore.cli.start import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "tasks"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 130 and done.stderr == "Error: Cancelled; nothing was done.\n"


def test_results_do_not_go_into_the_folder_of_an_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    series = write_series(tmp_path / "study" / "t1", limb())
    before = sorted(tmp_path.rglob("*"))
    for out in (series, series / "results"):
        assert main(["run", "mr-to-ct", "--input", f"T1={series}", "--out", str(out)]) == 2
        assert "lies in the folder of T1" in capsys.readouterr().err
    ct = write_series(tmp_path / "study" / "ct", hounsfield(), "CT")
    asked = ["run", "mr-to-ct", "--input", f"T1={series}", "--reference", str(ct)]
    assert main([*asked, "--out", str(ct / "results")]) == 2
    assert "lies in the folder of the reference" in capsys.readouterr().err
    shutil.rmtree(ct)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_loop_of_links_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    image = write_nifti(tmp_path / "t1.nii.gz", limb())
    out = str(tmp_path / "loop" / "x")
    assert main(["run", "mr-to-ct", "--input", f"T1={image}", "--out", out]) == 2
    assert "cannot be" in capsys.readouterr().err
