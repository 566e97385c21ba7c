"""The window on a screen, in a process of its own: as a person starts it, and as they leave it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("PyQt5", reason="PyQt5 is missing")
pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")

from Testing.dicom.odd_series import series
from Testing.slicer.display import *  # noqa: F403 (fixtures are found by their names)
from Testing.slicer.display import ROOT, on_screen

DESKTOP = ROOT / "SlicerSynth" / "Desktop"

SHOW = """
import json, sys, time
from pathlib import Path
from Desktop.start import make_window
from PyQt5.QtWidgets import QApplication

def stray(window):
    picture = QApplication.primaryScreen().grabWindow(0).toImage()
    here = window.frameGeometry() if window is not None and window.isVisible() else None
    return sum(
        picture.pixelColor(x, y).lightness() > 8
        for x in range(0, picture.width(), 5)
        for y in range(0, picture.height(), 5)
        if here is None or not here.contains(x, y)
    )

def settle(seconds, window=None):
    end, worst = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        QApplication.processEvents()
        worst = max(worst, stray(window))
        time.sleep(0.02)
    return worst

window = make_window()
import slicer
panel = slicer.modules.slicersynth.widgetRepresentation()
worst = settle(0.3)
window.move(320, 320)
window.resize(1240, 640)
window.show()
worst = max(worst, settle(0.5, window))
window.open(Path(sys.argv[1]))
while window.opener.busy:
    worst = max(worst, settle(0.05, window))
worst = max(worst, settle(1.0, window))
window.screenshot(Path(sys.argv[2]))
red = slicer.app.layoutManager().sliceWidget("Red").sliceView()
picture = red.grab().toImage()
lit = sum(picture.pixelColor(x, y).lightness() > 40
          for x in range(0, picture.width(), 4) for y in range(0, picture.height(), 4))
answer = {
    "stray": worst,
    "platform": QApplication.platformName(),
    "title": window.windowTitle(),
    "panel": panel.isVisible() and panel.width() > 300,
    "notice": window.notice.text(),
    "lit": lit,
    "torch": "torch" in sys.modules,
}
window.close()
settle(0.1)
print(json.dumps(answer))
"""

LEAVE = """
import json, sys, time
from Desktop.stand_in import install
from Desktop.start import main
from PyQt5.QtCore import QTimer
install()
import psutil, slicer
QTimer.singleShot(4000, lambda: slicer.util.mainWindow().close())
code = main([sys.argv[1]])
end = time.monotonic() + 10
while psutil.Process().children(recursive=True) and time.monotonic() < end:
    time.sleep(0.05)
left = [one.name() for one in psutil.Process().children(recursive=True)]
print(json.dumps({"code": code, "left": left}))
"""


ASK = """
import json, time
from Desktop.start import make_window
window = make_window()
import slicer
from PyQt5.QtWidgets import QApplication, QMessageBox
from Testing.slicer.logic_fixtures import a_t1
window.show()
a_t1(slicer.mrmlScene).SetSaveWithScene(False)
panel = slicer.modules.SlicerSynthWidget.panel
end = time.monotonic() + 30
while not panel.run.order.inputs and time.monotonic() < end:
    QApplication.processEvents()
panel.run.synthesize()
asked = []
QMessageBox.exec_ = lambda box: asked.append(box.text()) or QMessageBox.Cancel
answer = {"jobs": len(panel.logic.jobs), "closed": window.close(), "asked": asked}
slicer.mrmlScene.Clear(0)
answer["closed without a run"] = window.close()
print(json.dumps(answer))
"""


@pytest.fixture(scope="module")
def a_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small made-up CT."""
    folder = tmp_path_factory.mktemp("study")
    series(folder)
    return folder


def test_the_window_shows_a_study_and_nothing_beside_itself(
    a_display: str, a_study: Path, tmp_path: Path
) -> None:
    answer = on_screen(a_display, SHOW, str(a_study), str(tmp_path / "window.png"))
    assert answer["platform"] == "xcb"
    assert answer["stray"] == 0  # no window of a view's own, not even for a moment
    assert "not cleared for clinical use" in answer["title"]
    assert answer["panel"]
    assert answer["notice"] == ""
    assert answer["lit"] > 100
    assert not answer["torch"]
    assert (tmp_path / "window.png").stat().st_size > 10_000


def test_closing_the_window_leaves_no_process(a_display: str, a_study: Path) -> None:
    assert on_screen(a_display, LEAVE, str(a_study)) == {"code": 0, "left": []}


def test_closing_the_window_asks_while_the_panel_waits(a_display: str) -> None:
    answer = on_screen(a_display, ASK)
    assert answer["jobs"] == 1 and not answer["closed"]
    assert answer["asked"] == ["A run has not ended. Close the window without its result?"]
    assert answer["closed without a run"]


def test_a_missing_study_is_an_answer_not_a_window() -> None:
    command = [sys.executable, str(DESKTOP), str(ROOT / "no such study")]
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert "was not found" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_machine_without_a_display_gets_a_sentence() -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    command = [sys.executable, str(DESKTOP)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("Error: there is no display")
