"""A program that the application waits for without freezing."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")

LONG = "import time; time.sleep(60)"


def wait_for(code: str, *arguments: str) -> str:
    from SlicerSynthLib.install import Step
    from SlicerSynthLib.waiting import run_and_wait

    step = Step("Making a thing", (sys.executable, "-c", code, *arguments))
    return run_and_wait(step, dict(os.environ), 30.0)


def beats_during(action: Any) -> int:
    """How often a timer went off while something was done."""
    import qt

    beats = []
    timer = qt.QTimer()
    timer.setInterval(20)
    timer.timeout.connect(lambda: beats.append(1))
    timer.start()
    action()
    timer.stop()
    return len(beats)


def test_the_interface_lives_meanwhile(the_window: Any, tmp_path: Path) -> None:
    made = tmp_path / "made"
    code = "import pathlib, sys, time; time.sleep(1); pathlib.Path(sys.argv[1]).touch()"
    said = []
    assert beats_during(lambda: said.append(wait_for(code, str(made)))) > 5
    assert said == [""] and made.exists()


def test_a_failure_is_told(the_window: Any) -> None:
    assert "failed" in wait_for("raise SystemExit(3)")


def test_cancel_ends_the_program(the_window: Any) -> None:
    import qt
    from PyQt5.QtWidgets import QApplication, QProgressDialog

    from SynthCore.errors import ComputationError

    def cancel() -> None:
        for one in QApplication.topLevelWidgets():
            if isinstance(one, QProgressDialog):
                one.cancel()

    qt.QTimer.singleShot(500, cancel)
    start = time.monotonic()
    with pytest.raises(ComputationError, match="cancelled"):
        wait_for(LONG)
    assert time.monotonic() - start < 20
