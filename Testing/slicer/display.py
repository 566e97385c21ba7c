"""A screen of its own for a test that shows a window: Xvfb, on a display number that is free."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

__all__ = ["a_display"]

ROOT = Path(__file__).resolve().parents[2]
SCREEN = "1600x1000x24"


@contextmanager
def a_screen(size: str = SCREEN) -> Iterator[str]:
    """Start Xvfb; gives its DISPLAY, and ends it afterwards."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start.")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def a_display() -> Iterator[str]:
    """DISPLAY of a screen that only these tests use."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is missing: install the package xvfb")
    with a_screen() as display:
        yield display


def on_screen(
    display: str, script: str, *arguments: str, more: Mapping[str, str] | None = None
) -> Any:
    """Run Python code in a process of its own on a screen; gives what it last printed as JSON.

    The code runs as if it stood in the repository's root, with the module's folder on its path;
    a crash of Qt or VTK ends that process alone, and fails the test with what it wrote.
    """
    environment = {
        **os.environ,
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "SlicerSynth")]),
        "PYTHONFAULTHANDLER": "1",
        **(more or {}),
    }
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stderr[-4000:]}"
    return json.loads(done.stdout.splitlines()[-1])
