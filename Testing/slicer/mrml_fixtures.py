"""Slicer's own MRML scene and logics, without its windows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from SynthCore.image import Affine, make_affine

__all__ = ["a_scene", "a_slicer_app", "reopened", "the_window"]


@pytest.fixture
def a_slicer_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Scene and logics; `slicer.mrmlScene` is the scene, as in Slicer."""
    slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
    core = pytest.importorskip("trame_slicer.core", reason="trame-slicer is missing")
    app = core.SlicerApp()
    monkeypatch.setattr(slicer, "mrmlScene", app.scene, raising=False)
    monkeypatch.setattr(slicer, "dicomDatabase", None, raising=False)
    yield app
    app.scene.Clear(1)


@pytest.fixture
def a_scene(a_slicer_app: Any) -> Any:
    """An empty scene."""
    return a_slicer_app.scene


@pytest.fixture
def reopened(tmp_path: Path) -> Callable[[Any, str], Any]:
    """Save a scene as MRML or MRB (by suffix) and open it in a new application."""
    from trame_slicer.core import SlicerApp

    def save_and_open(app: Any, suffix: str) -> Any:
        path = tmp_path / f"a scene{suffix}"
        for node in volumes(app.scene):
            save_voxels(app.scene, node, tmp_path)
        assert app.io_manager.save_scene(path)
        other = SlicerApp()
        assert other.io_manager.load_scene(path)
        return other

    return save_and_open


def save_voxels(scene: Any, node: Any, folder: Path) -> None:
    """Write a volume's file beside the scene, as Slicer does before it saves a scene."""
    node.AddDefaultStorageNode()
    storage = node.GetStorageNode()
    storage.SetFileName(str(folder / f"{node.GetID()}.nrrd"))
    assert storage.WriteData(node)


def volumes(scene: Any) -> list[Any]:
    """All volume nodes of a scene."""
    return [
        scene.GetNthNodeByClass(index, "vtkMRMLVolumeNode")
        for index in range(scene.GetNumberOfNodesByClass("vtkMRMLVolumeNode"))
    ]


def node_ids(scene: Any) -> list[str]:
    """Every node there is, to see that none was added or lost."""
    return [scene.GetNthNode(index).GetID() for index in range(scene.GetNumberOfNodes())]


def oblique(degrees: float = 20.0, flip: bool = False) -> Affine:
    """A direction matrix turned about all axes; left-handed if `flip`."""
    a = np.radians(degrees)
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    turned: Affine = about_z @ about_x @ np.diag((1.0, -1.0 if flip else 1.0, 1.0))
    return turned


def an_affine(degrees: float = 20.0, flip: bool = False) -> Affine:
    """An oblique, anisotropic place."""
    return make_affine((0.7, 1.3, 3.1), (-31.0, 44.5, 102.25), oblique(degrees, flip))


class Files:
    """The part of Slicer's DICOM database that tells where a file is, over a plain folder."""

    def __init__(self, folder: Path) -> None:
        from SynthCore.dicom.scan import scan

        found = scan(folder).instances
        self.paths = {one.uid: one.path for one in found}
        self.series = {one.uid: one.series_uid for one in found}

    def fileForInstance(self, uid: str) -> str:  # noqa: N802 (Slicer's name)
        return str(self.paths.get(uid, ""))

    def instancesForSeries(self, uid: str) -> tuple[str, ...]:  # noqa: N802 (Slicer's name)
        return tuple(one for one, series in self.series.items() if series == uid)


def load_series(app: Any, folder: Path) -> Any:
    """The volume that Slicer's reader makes of a folder, with the UIDs as Slicer notes them."""
    files = Files(folder)
    names = sorted(str(path) for path in files.paths.values())
    node = app.io_manager.load_volumes(names)[0]
    uid_of = {str(path): uid for uid, path in files.paths.items()}
    node.SetAttribute("DICOM.instanceUIDs", " ".join(uid_of[name] for name in names))
    return node


@pytest.fixture
def the_window(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """`slicer.app` with a layout manager and real views, drawn out of sight; an empty scene."""
    pytest.importorskip("PyQt5", reason="PyQt5 is missing")
    if not os.environ.get("DISPLAY"):
        monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    from Desktop import stand_in

    app = stand_in.install()
    import slicer

    scene = slicer.mrmlScene
    scene.Clear(0)
    manager = app.layoutManager()
    manager.viewport().resize(900, 600)
    manager.viewport().show()
    app.processEvents()
    yield app
    scene.Clear(0)
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    app.processEvents()


def pixels(window: Any, scale: int = 1) -> np.ndarray:
    """A screenshot of a render window, shape (rows, columns, 3), the upper row first."""
    import vtk
    from vtk.util.numpy_support import vtk_to_numpy

    shot = vtk.vtkWindowToImageFilter()
    shot.SetInput(window)
    shot.SetScale(scale)
    shot.ReadFrontBufferOff()
    shot.Update()
    width, height, _ = shot.GetOutput().GetDimensions()
    values = vtk_to_numpy(shot.GetOutput().GetPointData().GetScalars())
    picture: np.ndarray = values.reshape(height, width, -1)[::-1, :, :3].copy()
    return picture


def yellow(picture: np.ndarray) -> np.ndarray:
    """Where the pixels of a screenshot are of the mark's color."""
    found: np.ndarray = (picture[..., :2] > 200).all(axis=-1) & (picture[..., 2] < 80)
    return found
