"""The engine's command, as a person types it."""

from __future__ import annotations

import shlex
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from SlicerSynthLib.settings import (
    COMMAND_KEY,
    EngineSettings,
    default_command,
    environment_python,
    is_remote,
    parse_command,
)
from SynthCore.errors import InputError
from Testing.slicer.client_fixtures import is_one_sentence


@pytest.mark.parametrize(
    ("text", "windows", "command"),
    [
        ("ssh gpu-host synthcore worker", False, ["ssh", "gpu-host", "synthcore", "worker"]),
        ("  synthcore   worker ", False, ["synthcore", "worker"]),
        ("'/opt/my engine/synthcore' worker", False, ["/opt/my engine/synthcore", "worker"]),
        ("/opt/my\\ engine/synthcore worker", False, ["/opt/my engine/synthcore", "worker"]),
        ('ssh host "synthcore worker #1; $HOME | *"', False,
         ["ssh", "host", "synthcore worker #1; $HOME | *"]),
        ("C:\\envs\\synth\\Scripts\\python.exe -m x", True,
         ["C:\\envs\\synth\\Scripts\\python.exe", "-m", "x"]),
        ('"C:\\Program Files\\synth\\python.exe" -m x', True,
         ["C:\\Program Files\\synth\\python.exe", "-m", "x"]),
        ("\\\\server\\share\\synthcore.exe worker", True,
         ["\\\\server\\share\\synthcore.exe", "worker"]),
        ("wrap ''", False, ["wrap", ""]),
    ],
)  # fmt: skip
def test_a_command_line_is_taken_apart(text: str, windows: bool, command: list[str]) -> None:
    assert parse_command(text, windows) == command


@pytest.mark.parametrize("text", ["", "   ", "''", "ssh 'host", 'ssh "host', "ssh host\\"])
def test_what_is_no_command_line_is_refused(text: str) -> None:
    with pytest.raises(InputError) as error:
        parse_command(text, windows=False)
    assert is_one_sentence(str(error.value))
    assert "host" not in str(error.value)


WORDS = st.lists(st.text(string.printable, min_size=1), min_size=1)


@given(WORDS)
def test_writing_a_command_line_and_reading_it_gives_the_command(command: list[str]) -> None:
    assert parse_command(shlex.join(command), windows=False) == command


PATHS = st.text(string.printable, min_size=1).filter(lambda t: not ("'" in t and '"' in t))


@given(st.lists(PATHS, min_size=1))
def test_windows_paths_survive_the_same(command: list[str]) -> None:
    line = " ".join(f"'{word}'" if '"' in word else f'"{word}"' for word in command)
    assert parse_command(line, windows=True) == command


def test_a_setting_that_was_never_made_is_the_default() -> None:
    settings = EngineSettings({}, ["python", "worker"])
    assert settings.text == ""
    assert settings.command() == ["python", "worker"]
    assert settings.engine_key == "local"
    assert EngineSettings({}).command() == default_command()


def test_a_setting_is_kept_and_taken_back() -> None:
    store: dict[str, str] = {}
    settings = EngineSettings(store, ["python"])
    settings.text = " ssh gpu-host synthcore worker "
    again = EngineSettings(store, ["python"])
    assert again.command() == ["ssh", "gpu-host", "synthcore", "worker"]
    assert again.engine_key.startswith("remote-")
    assert "gpu-host" not in again.engine_key
    again.text = ""
    assert settings.command() == ["python"]


def test_a_wrong_command_is_not_kept() -> None:
    store = {COMMAND_KEY: "ssh host synthcore worker"}
    settings = EngineSettings(store)
    with pytest.raises(InputError):
        settings.text = "ssh 'host"
    assert settings.command()[1] == "host"


def test_a_stored_command_that_cannot_be_read_is_told_when_it_is_used() -> None:
    settings = EngineSettings({COMMAND_KEY: "ssh 'host"})
    assert settings.engine_key == "local"
    with pytest.raises(InputError):
        settings.command()


def test_two_remote_engines_are_not_the_same() -> None:
    keys = {EngineSettings({COMMAND_KEY: f"ssh {h} synthcore worker"}).engine_key for h in "ab"}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("program", "remote"),
    [
        ("ssh", True), ("/usr/bin/ssh", True), ("C:\\Windows\\System32\\OpenSSH\\ssh.exe", True),
        ("plink.exe", True), ("python", False), ("/home/ssh/python", False), ("sshd", False),
    ],
)  # fmt: skip
def test_a_remote_engine_is_known_by_its_program(program: str, remote: bool) -> None:
    assert is_remote([program, "host", "synthcore", "worker"]) is remote


def test_the_default_command_starts_nothing_from_the_folder_it_is_started_in(
    tmp_path: Path,
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    done = subprocess.run(
        default_command(sys.executable), cwd=tmp_path, input=b"", capture_output=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b""), done.stderr


def test_the_python_of_a_virtual_environment() -> None:
    folder = Path("env")
    assert environment_python(folder, windows=False) == folder / "bin" / "python"
    assert environment_python(folder, windows=True) == folder / "Scripts" / "python.exe"
