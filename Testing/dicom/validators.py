"""Independent judges of DICOM files: dciodvfy and dcentvfy of Debian's dicom3tools."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import pydicom
import pytest


def require_dicom3tools() -> None:
    """Skip the test where the tools are not installed."""
    for tool in ("dciodvfy", "dcentvfy"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed: apt-get install dicom3tools")


def object_errors(files: Iterable[Path], scratch: Path) -> list[str]:
    """What dciodvfy calls an error, in any of the files.

    It predates SyntheticData (2024b) and objects to it, so it is shown a copy without; its exit
    code says nothing.
    """
    errors = []
    for file in files:
        header = pydicom.dcmread(file)
        assert header.SyntheticData == "YES"
        del header.SyntheticData
        copy = scratch / "without-synthetic-data.dcm"
        pydicom.dcmwrite(copy, header, enforce_file_format=True)
        errors += [f"{file.name}: {line}" for line in _errors(("dciodvfy", "-new", str(copy)))]
        copy.unlink()
    return errors


def acquired_errors(files: Iterable[Path]) -> list[str]:
    """The same of files that are not marked as synthetic."""
    return [
        f"{file.name}: {line}"
        for file in files
        for line in _errors(("dciodvfy", "-new", str(file)))
    ]


def entity_errors(files: Sequence[Path]) -> list[str]:
    """What dcentvfy calls an error when it compares patient, study and series of the files."""
    return _errors(("dcentvfy", *map(str, files)))


def entity_findings(files: Sequence[Path]) -> list[str]:
    """The same with its warnings."""
    return _lines(("dcentvfy", *map(str, files)))


def _errors(command: tuple[str, ...]) -> list[str]:
    return [line for line in _lines(command) if line.startswith("Error")]


def _lines(command: tuple[str, ...]) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return (done.stdout + done.stderr).splitlines()
