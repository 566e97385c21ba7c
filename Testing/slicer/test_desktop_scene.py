"""The window opens and saves scenes, and loses none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("PyQt5", reason="PyQt5 is missing")
pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")

import slicer
from PyQt5.QtWidgets import QMessageBox

from Testing.slicer.window_fixtures import *  # noqa: F403 (fixtures are found by their names)
from Testing.slicer.window_fixtures import opened


def test_a_saved_scene_tells_the_terminal_nothing(
    tmp_path: Path, the_window: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    slicer.util.addVolumeFromArray(np.ones((3, 4, 5), np.int16), name="NAME OF A PERSON")
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    said = capfd.readouterr()
    assert "NAME" not in said.out + said.err


def test_a_scene_is_not_saved_over_one_that_was_not_named(
    a_main_window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dialog asks about `plan`, and `plan.mrb` is there."""
    from PyQt5.QtWidgets import QFileDialog

    scene = tmp_path / "plan.mrb"
    scene.write_bytes(b"another's")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "plan"), ""))
    a_main_window._ask_scene()
    assert scene.read_bytes() == b"another's"
    assert "was not written" in a_main_window.notice.text()


def test_a_scene_opens_and_asks_before_it_replaces_another(
    a_main_window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slicer.util.addVolumeFromArray(np.ones((3, 4, 5), np.int16), name="kept")
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    answers = [QMessageBox.Cancel, QMessageBox.Ok]
    monkeypatch.setattr(QMessageBox, "exec_", lambda _: answers.pop(0))
    slicer.mrmlScene.Clear(0)
    other = slicer.util.addVolumeFromArray(np.ones((3, 4, 5), np.int16), name="other")
    opened(a_main_window, tmp_path / "scene.mrb")
    assert other.GetScene() is slicer.mrmlScene
    opened(a_main_window, tmp_path / "scene.mrb")
    names = [node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode")]
    assert names == ["kept"]
    assert a_main_window.statusBar().currentMessage() == ""
    slicer.mrmlScene.Clear(0)
    opened(a_main_window, tmp_path / "scene.mrb")  # nothing to lose: nothing is asked
    assert answers == []


def test_a_broken_scene_leaves_the_open_one_alone(
    a_main_window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMessageBox, "exec_", lambda _: QMessageBox.Ok)
    node = slicer.util.addVolumeFromArray(np.ones((3, 4, 5), np.int16), name="kept")
    for name, content in (("broken.mrb", b"no scene"), ("broken.mrml", b"<html>")):
        (tmp_path / name).write_bytes(content)
        opened(a_main_window, tmp_path / name)
        assert "cannot be read" in a_main_window.notice.text()
        assert node.GetScene() is slicer.mrmlScene


def test_a_result_is_saved_as_what_its_name_says(
    the_window: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """NRRD keeps the mark; another ending would be a lie, and no reader could open it."""
    from SlicerSynthLib.attributes import mark

    node = slicer.util.addVolumeFromArray(np.ones((3, 4, 5), np.int16), name="made")
    acquired = slicer.util.addVolumeFromArray(np.ones((3, 4, 5), np.int16), name="acquired")
    mark(node, record='{"task": "mr-to-ct", "target": "CT"}')
    for name in ("r.nii.gz", "r.mha", "r"):
        assert not slicer.util.saveNode(node, str(tmp_path / name))
        assert f"the name {name}; choose one that ends with .nrrd or .nhdr" in caplog.text
        assert "written by an export" in caplog.text
    assert list(tmp_path.iterdir()) == [] and not node.GetStorageNode().GetFileName()
    assert slicer.util.saveNode(node, str(tmp_path / "r.nrrd"))
    assert (tmp_path / "r.nrrd").read_bytes().startswith(b"NRRD")
    assert slicer.util.saveNode(acquired, str(tmp_path / "a.nii.gz"))
    assert (tmp_path / "a.nii.gz").read_bytes().startswith(b"\x1f\x8b")
