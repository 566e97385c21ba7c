"""What the window says, and the tools around its views."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("PyQt5", reason="PyQt5 is missing")
pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")

import slicer
from PyQt5.QtCore import QPoint
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAction

from Testing.slicer.window_fixtures import *  # noqa: F403 (fixtures are found by their names)
from Testing.slicer.window_fixtures import opened, settle, wait_for


def test_messages_need_no_click(a_main_window: Any) -> None:
    slicer.util.errorDisplay("It went wrong.", detailedText="line 1")
    assert a_main_window.notice.text() == "It went wrong."
    slicer.util.infoDisplay("It is done.")
    assert a_main_window.notice.text() == "It is done."
    with pytest.raises(ValueError, match="inside"), slicer.util.tryWithErrorDisplay("Outside."):
        raise ValueError("inside")
    assert a_main_window.notice.text().startswith("Outside.")


def test_an_error_that_nobody_caught_is_said_and_the_window_lives(
    a_main_window: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from PyQt5.QtCore import QTimer

    from Desktop.unexpected import catch_all

    # a command line run in this process before may have left its own hook
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    catch_all()

    def fail() -> None:
        raise RuntimeError("an unforeseen thing")

    QTimer.singleShot(0, fail)
    assert wait_for(a_main_window.notice.isVisible, 5)
    assert "unexpected" in a_main_window.notice.text()
    assert "an unforeseen thing" in capfd.readouterr().err


def test_the_title_says_what_it_is(a_main_window: Any) -> None:
    assert "research software, not cleared for clinical use" in a_main_window.windowTitle()
    assert slicer.util.mainWindow() is a_main_window


def test_a_screenshot_is_never_written_over_another(a_main_window: Any, tmp_path: Path) -> None:
    from PyQt5.QtGui import QImage

    path = tmp_path / "picture.png"
    assert a_main_window.screenshot(path)
    assert QImage(str(path)).size() == a_main_window.size()
    before = path.read_bytes()
    assert not a_main_window.screenshot(path)
    assert path.read_bytes() == before


def test_the_tools_follow_what_others_switch(a_main_window: Any) -> None:
    actions = {one.text(): one for one in a_main_window.findChildren(QAction)}
    crosshair = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
    assert not actions["Crosshair"].isChecked()
    crosshair.SetCrosshairMode(crosshair.ShowBasic)
    assert actions["Crosshair"].isChecked()
    actions["Crosshair"].trigger()
    assert crosshair.GetCrosshairMode() == crosshair.NoCrosshair
    actions["One view"].trigger()
    layouts = slicer.vtkMRMLLayoutNode
    assert slicer.app.layoutManager().layout == layouts.SlicerLayoutOneUpRedSliceView
    slicer.app.layoutManager().setLayout(layouts.SlicerLayoutFourUpView)
    assert actions["Four views"].isChecked()


def test_the_tools_show_that_views_are_linked(a_main_window: Any) -> None:
    """Side by side links its two views; the third one is not in the layout."""
    link = {one.text(): one for one in a_main_window.findChildren(QAction)}["Link views"]
    manager = slicer.app.layoutManager()
    link.setChecked(False)
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutSideBySideView)
    for name in ("Red", "Yellow"):
        assert not link.isChecked()
        manager.sliceWidget(name).mrmlSliceCompositeNode().SetLinkedControl(True)
    assert link.isChecked()
    link.trigger()
    assert not manager.sliceWidget("Red").mrmlSliceCompositeNode().GetLinkedControl()
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("opened_again", [False, True])
def test_the_mouse_does_the_same_after_a_scene_was_closed(
    a_main_window: Any, tmp_path: Path, opened_again: bool, on: bool
) -> None:
    brightness = {one.text(): one for one in a_main_window.findChildren(QAction)}["Brightness"]
    brightness.setChecked(not on)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    brightness.setChecked(on)
    slicer.mrmlScene.Clear(0)
    if opened_again:
        slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    node = slicer.app.applicationLogic().GetInteractionNode()
    assert (node.GetCurrentInteractionMode() == node.AdjustWindowLevel) is on
    assert brightness.isChecked() is on


def test_the_probe_says_what_is_under_the_mouse(a_main_window: Any, a_series: Path) -> None:
    node = opened(a_main_window, a_series)[0]
    settle(0.3)
    view = slicer.app.layoutManager().sliceWidget("Red").sliceView()
    QTest.mouseMove(view, QPoint(view.width() // 2 - 1, view.height() // 2))
    QTest.mouseMove(view, QPoint(view.width() // 2, view.height() // 2))
    assert wait_for(lambda: f"{node.GetName()}: " in a_main_window._probe.text(), 5)
    value = float(a_main_window._probe.text().rpartition(": ")[2])
    assert value in slicer.util.arrayFromVolume(node).round(3)


def test_closing_asks_about_what_would_be_lost(
    a_main_window: Any, a_series: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PyQt5.QtWidgets import QMessageBox

    asked: list[str] = []
    answers = [QMessageBox.Cancel, QMessageBox.Cancel, QMessageBox.Ok]

    def answer(box: QMessageBox) -> int:
        asked.append(box.text())
        return answers.pop(0)

    monkeypatch.setattr(QMessageBox, "exec_", answer)
    opened(a_main_window, a_series)
    assert a_main_window.close() and asked == [], "a series that was opened is in its files"
    a_main_window.show()
    node = slicer.util.addVolumeFromArray(np.ones((3, 4, 5), np.int16), name="made")
    assert not a_main_window.close() and a_main_window.isVisible()
    assert len(asked) == 1 and "not saved" in asked[0]
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    assert a_main_window.close() and len(asked) == 1, "what was saved is not lost"
    a_main_window.show()
    slicer.util.arrayFromVolume(node)[:] = 2
    slicer.util.arrayFromVolumeModified(node)
    assert not a_main_window.close() and len(asked) == 2, "it was changed since"
    assert a_main_window.close() and len(asked) == 3
