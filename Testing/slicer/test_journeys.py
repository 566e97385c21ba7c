"""A person's ways through the real window, each in a process of its own on a screen of its own.

To watch one: `pytest Testing/slicer/journeys/journey_thigh.py` on a machine with a screen.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from Testing.slicer.display import a_display

__all__ = ["a_display"]
pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
JOURNEYS = sorted(path.stem for path in (HERE / "journeys").glob("journey_*.py"))
ON_REAL_DATA = {"journey_thigh", "journey_tasks"}
LIMIT = 600


@pytest.mark.parametrize("name", JOURNEYS)
def test_journey(a_display: str, request: pytest.FixtureRequest, tmp_path: Path, name: str) -> None:
    if name in ON_REAL_DATA:
        request.getfixturevalue("real_data")
    path = HERE / "journeys" / f"{name}.py"
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", f"--basetemp={tmp_path}/b"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", "pytest", *options, str(path)],
        cwd=ROOT,
        env={**environment, "DISPLAY": a_display, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert re.search(r"\d+ passed", done.stdout) and "skipped" not in done.stdout, done.stdout
