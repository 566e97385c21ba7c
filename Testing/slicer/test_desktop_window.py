"""The window opens what a person gives it, and says in one sentence what it cannot open."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("PyQt5", reason="PyQt5 is missing")
pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")

import slicer
from PyQt5.QtCore import QMimeData, QPoint, Qt, QUrl
from PyQt5.QtGui import QDragEnterEvent, QDropEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAction, QApplication, QListWidget, QMessageBox, QPushButton

from Testing.dicom.odd_series import series
from Testing.slicer.window_fixtures import *  # noqa: F403 (fixtures are found by their names)
from Testing.slicer.window_fixtures import settle, wait_for

STUDY = "dicom/STS_010_CT_MR_PET_RTSTRUCT.zip"


@pytest.fixture(scope="session")
def a_study(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real thigh: CT, PET, MR and their contours."""
    folder = tmp_path_factory.mktemp("study")
    with zipfile.ZipFile(real_data / STUDY) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def a_series(tmp_path: Path) -> Path:
    """A small made-up CT."""
    folder = tmp_path / "a series"
    series(folder)
    return folder


def opened(window: Any, path: Path) -> list[Any]:
    """Open a path and wait; the volumes that came of it."""
    nodes: list[Any] = []
    window.opener.opened.connect(nodes.append)
    window.open(path)
    assert wait_for(lambda: not window.opener.busy)
    settle()
    window.opener.opened.disconnect(nodes.append)
    return nodes


def ancestors(node: Any) -> list[tuple[str, str, str]]:
    """Name, level and DICOM UID of the node's item in the hierarchy and of those above."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item, found = hierarchy.GetItemByDataNode(node), []
    while item and item != hierarchy.GetSceneItemID():
        found.append(
            (
                hierarchy.GetItemName(item),
                hierarchy.GetItemLevel(item),
                hierarchy.GetItemUID(item, "DICOM"),
            )
        )
        item = hierarchy.GetItemParent(item)
    return found


def test_a_real_study_is_listed_and_loaded(a_main_window: Any, a_study: Path) -> None:
    window = a_main_window
    assert opened(window, a_study) == []
    rows = window.series.findChild(QListWidget)
    assert [rows.item(row).text().partition(":")[0] for row in range(rows.count())] == [
        "CT",
        "PET",
        "T1?",
    ]
    assert window.series.isVisible()
    nodes: list[Any] = []
    window.opener.opened.connect(nodes.append)
    button = window.series.findChild(QPushButton, "loadSeriesButton")
    QTest.mouseClick(button, Qt.LeftButton)
    assert wait_for(lambda: len(nodes) == 3)
    settle()
    assert not window.series.isVisible()
    studies = {ancestors(node)[1][2] for node in nodes}
    patients = {ancestors(node)[2] for node in nodes}
    assert len(studies) == 1
    assert patients == {("STS_010", "Patient", "STS_010")}
    for node in nodes:
        uids = node.GetAttribute("DICOM.instanceUIDs").split()
        assert len(uids) == node.GetImageData().GetDimensions()[2]
        assert Path(slicer.dicomDatabase.fileForInstance(uids[0])).is_file()
    red = slicer.app.layoutManager().sliceWidget("Red")
    assert red.mrmlSliceCompositeNode().GetBackgroundVolumeID() == nodes[-1].GetID()


def test_voxels_and_place_are_those_of_the_files(a_main_window: Any, a_study: Path) -> None:
    from SlicerSynthLib.nodes import image_from_node
    from SynthCore import read

    nodes = opened(a_main_window, a_study / "STS_010" / "MR_T1" / "image")
    there = read(a_study / "STS_010" / "MR_T1" / "image", modality="T1")
    here = image_from_node(nodes[0], "T1")
    np.testing.assert_array_equal(here.voxels, there.voxels)
    np.testing.assert_allclose(here.affine, there.affine, atol=1e-9)


def test_a_folder_with_one_series_is_loaded_at_once(a_main_window: Any, a_series: Path) -> None:
    nodes = opened(a_main_window, a_series)
    assert len(nodes) == 1
    assert not a_main_window.series.isVisible()
    file = next(path for path in a_series.rglob("*") if path.is_file())
    plain = file.rename(file.with_name("IM.0001"))
    slicer.mrmlScene.Clear(0)
    assert len(opened(a_main_window, plain)) == 1  # one of its files stands for the series


def test_a_synthetic_series_is_known_as_one(a_main_window: Any, a_series: Path) -> None:
    import pydicom

    from SlicerSynthLib.attributes import is_synthetic

    for path in a_series.rglob("*.dcm"):
        header = pydicom.dcmread(path)
        header.add_new((0x0008, 0x001C), "CS", "YES")
        header.save_as(path)
    nodes = opened(a_main_window, a_series)
    assert is_synthetic(nodes[0])


@pytest.mark.parametrize("name", ["a volume.nii.gz", "a volume.nii", "a volume.nrrd"])
def test_volumes_open_with_their_place(a_main_window: Any, tmp_path: Path, name: str) -> None:
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(np.arange(60, dtype=np.int16).reshape(3, 4, 5))
    image.SetSpacing((0.5, 0.7, 3.0))
    image.SetOrigin((10.0, -20.0, 30.0))
    sitk.WriteImage(image, str(tmp_path / name))
    node = opened(a_main_window, tmp_path / name)[0]
    assert node.GetName() == "a volume"
    assert node.GetSpacing() == pytest.approx((0.5, 0.7, 3.0))
    assert node.GetOrigin() == pytest.approx((-10.0, 20.0, 30.0))
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(node), np.arange(60).reshape(3, 4, 5))


def test_a_mask_opens_as_one_and_leaves_the_rest_to_be_seen(
    a_main_window: Any, tmp_path: Path
) -> None:
    import SimpleITK as sitk

    labels = np.zeros((3, 4, 5), np.uint8)
    labels[1, 2, 2] = 1
    sitk.WriteImage(sitk.GetImageFromArray(labels), str(tmp_path / "tumor-label.nii.gz"))
    node = opened(a_main_window, tmp_path / "tumor-label.nii.gz")[0]
    assert node.IsA("vtkMRMLLabelMapVolumeNode")
    table = node.GetDisplayNode().GetColorNode().GetLookupTable()
    assert table.GetTableValue(0)[3] == 0 and table.GetTableValue(1)[3] == 1
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    assert composite.GetLabelVolumeID() == node.GetID()
    assert 0 < composite.GetLabelOpacity() < 1


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


def test_dropped_files_and_folders_are_opened(a_main_window: Any, a_series: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(a_series))])
    window = a_main_window
    place = QPoint(window.width() // 2, window.height() // 2)
    nodes: list[Any] = []
    window.opener.opened.connect(nodes.append)
    for kind in (QDragEnterEvent, QDropEvent):
        event = kind(place, Qt.CopyAction, data, Qt.LeftButton, Qt.NoModifier)
        QApplication.sendEvent(window, event)
        assert event.isAccepted()
    assert wait_for(lambda: len(nodes) == 1)


def test_what_cannot_be_opened_is_said_in_one_sentence(
    a_main_window: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.pdf").write_bytes(b"no image")
    (tmp_path / "broken.nii.gz").write_bytes(b"no image")
    (tmp_path / "broken.mrb").write_bytes(b"no scene")
    for name, said in {
        "empty": "no DICOM series",
        "missing.nii": "was not found",
        "notes.pdf": "of no kind that is read here",
        "broken.nii.gz": "cannot be read",
        "broken.mrb": "cannot be read",
    }.items():
        assert opened(a_main_window, tmp_path / name) == []
        assert said in a_main_window.notice.text(), name
        assert a_main_window.notice.isVisible()
        assert a_main_window.cursor().shape() == Qt.ArrowCursor, name
    assert slicer.util.getNodesByClass("vtkMRMLVolumeNode") == []
    assert str(tmp_path) not in capfd.readouterr().err


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
def test_the_mouse_does_the_same_after_a_scene_was_closed(a_main_window: Any, on: bool) -> None:
    brightness = {one.text(): one for one in a_main_window.findChildren(QAction)}["Brightness"]
    brightness.setChecked(on)
    slicer.mrmlScene.Clear(0)
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
