"""The window opens what a person gives it, and says in one sentence what it cannot open."""

from __future__ import annotations

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
from PyQt5.QtWidgets import QApplication, QListWidget, QPushButton

from Testing.slicer.window_fixtures import *  # noqa: F403 (fixtures are found by their names)
from Testing.slicer.window_fixtures import opened, settle, wait_for

STUDY = "dicom/STS_010_CT_MR_PET_RTSTRUCT.zip"


@pytest.fixture(scope="session")
def a_study(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real thigh: CT, PET, MR and their contours."""
    folder = tmp_path_factory.mktemp("study")
    with zipfile.ZipFile(real_data / STUDY) as archive:
        archive.extractall(folder)
    return folder


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


@pytest.mark.parametrize("how", ["opened", "closed"])
def test_what_is_still_being_read_goes_with_its_scene(
    a_main_window: Any, a_series: Path, tmp_path: Path, how: str
) -> None:
    """One patient's series does not come into another's scene."""
    from SynthCore.dicom.series import list_series

    scene = tmp_path / "other.mrb"
    slicer.util.addVolumeFromArray(np.ones((3, 4, 5), np.int16), name="other patient")
    assert slicer.util.saveScene(str(scene))
    slicer.mrmlScene.Clear(0)
    a_main_window.opener.load(list_series(a_series) * 2)
    assert a_main_window.opener.busy
    if how == "opened":
        a_main_window.open(scene)
    else:
        slicer.mrmlScene.Clear(0)
    assert not a_main_window.opener.busy
    assert "was dropped" in a_main_window.notice.text()
    assert a_main_window.cursor().shape() == Qt.ArrowCursor
    settle(1.0)
    names = [node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode")]
    assert names == (["other patient"] if how == "opened" else [])
    slicer.mrmlScene.Clear(0)
    assert len(opened(a_main_window, a_series)) == 1, "and the next one is read"
