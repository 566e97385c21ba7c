"""`slicer.app.coreIOManager()`: read and write files through Slicer's own storage nodes."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import slicer
import vtk

from .quiet import quiet

_VOLUMES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd")
_SCENES = (".mrb", ".mrml")
_BY_END = {
    **dict.fromkeys((".seg.nrrd", ".seg.nhdr"), "SegmentationFile"),
    **dict.fromkeys(_VOLUMES, "VolumeFile"),
    **dict.fromkeys(_SCENES, "SceneFile"),
    **dict.fromkeys((".tfm", ".h5", ".txt"), "TransformFile"),
}

_LABEL_COLORS = "vtkMRMLColorTableNodeLabels"
"""Slicer's own table for labels comes in a file of its application; this one has 0 clear, too."""


class IOManager:
    """The file types that the window opens: volumes, segmentations, transforms, scenes."""

    def __init__(self, core: Any) -> None:
        self._core = core

    def fileType(self, fileName: str) -> str:
        lower = str(fileName).lower()
        return next((kind for end, kind in _BY_END.items() if lower.endswith(end)), "NoFile")

    def fileWriterFileType(self, obj: Any) -> str:
        return "NodeFile"

    def loadNodes(
        self, fileType: str, properties: dict[str, Any], loaded: Any = None, messages: Any = None
    ) -> bool:
        path = Path(properties["fileName"])
        with quiet():  # what cannot be read is told by the answer
            return self._load(fileType, path, properties, loaded)

    def _load(
        self, fileType: str, path: Path, properties: dict[str, Any], loaded: Any = None
    ) -> bool:
        if fileType == "SceneFile":
            return self._load_scene(path, bool(properties.get("clear", True)))
        readers = {
            "VolumeFile": self._volume,
            "SegmentationFile": self._segmentation,
            "TransformFile": self._transform,
        }
        node = (
            readers[fileType](path, properties) if path.is_file() and fileType in readers else None
        )
        if node is None:
            return False
        if loaded is not None:
            loaded.AddItem(node)
        return True

    def saveNodes(self, fileType: str, properties: dict[str, Any], messages: Any = None) -> bool:
        path = str(properties["fileName"])
        if fileType == "SceneFile":
            with quiet():
                return bool(self._core.io_manager.write_scene(path))
        node = slicer.mrmlScene.GetNodeByID(properties["nodeID"])
        storage = node.GetStorageNode() or node.CreateDefaultStorageNode()
        refused = why_not(storage, path)
        if refused:
            if messages is not None:
                messages.AddMessage(vtk.vtkCommand.ErrorEvent, refused)
            return False
        if storage.GetScene() is None:
            slicer.mrmlScene.AddNode(storage)
            node.SetAndObserveStorageNodeID(storage.GetID())
        storage.SetFileName(path)
        return bool(storage.WriteData(node))

    def _load_scene(self, path: Path, clear: bool) -> bool:
        if not holds_scene(path):  # before the open one is closed
            return False
        scene = slicer.mrmlScene
        if clear:
            scene.Clear(False)
        return bool(self._core.io_manager.load_scene(path))

    def _volume(self, path: Path, properties: dict[str, Any]) -> Any:
        logic = self._core.volumes_logic
        options = logic.LabelMap if properties.get("labelmap") else 0
        options |= logic.SingleFile if properties.get("singleFile", True) else 0
        name = properties.get("name") or stem(path)
        node = logic.AddArchetypeVolume(str(path), name, options)
        if node is not None and node.IsA("vtkMRMLLabelMapVolumeNode"):
            node.GetDisplayNode().SetAndObserveColorNodeID(_LABEL_COLORS)
        if node is not None and properties.get("show", True):
            self._show(node)
        return node

    def _show(self, node: Any) -> None:
        selection = self._core.app_logic.GetSelectionNode()
        if node.IsA("vtkMRMLLabelMapVolumeNode"):
            selection.SetActiveLabelVolumeID(node.GetID())
        else:
            selection.SetActiveVolumeID(node.GetID())
        self._core.app_logic.PropagateVolumeSelection(1)

    def _segmentation(self, path: Path, properties: dict[str, Any]) -> Any:
        logic = self._core.segmentations_logic
        return logic.LoadSegmentationFromFile(str(path), True, properties.get("name") or stem(path))

    def _transform(self, path: Path, properties: dict[str, Any]) -> Any:
        storage = slicer.vtkMRMLTransformStorageNode()
        storage.SetFileName(str(path))
        node = slicer.vtkMRMLTransformNode()
        if not storage.ReadData(node):
            return None
        node.SetName(properties.get("name") or stem(path))
        return slicer.mrmlScene.AddNode(node)


def why_not(storage: Any, path: str) -> str:
    """Why a storage node would not write what a file's name promises; empty where it would.

    One that names no types of its own leaves it to the writer.
    """
    types = storage.GetSupportedWriteFileTypes()
    named = [types.GetValue(number) for number in range(types.GetNumberOfValues())]
    if not named or storage.GetSupportedFileExtension(path, False, True):
        return ""
    end_of = slicer.vtkDataFileFormatHelper.GetFileExtensionFromFormatString
    ends = " or ".join(dict.fromkeys(end_of(one) for one in named))
    return (
        f"It cannot be saved under the name {Path(path).name}; choose one that ends with {ends}. "
        "Other formats are written by an export."
    )


def holds_scene(path: Path) -> bool:
    """Whether a file is an archive with a scene in it, or a scene's own file."""
    try:
        if path.suffix.lower() == ".mrml":
            return b"<MRML" in path.read_bytes()[:4096]
        with zipfile.ZipFile(path) as archive:
            return any(name.lower().endswith(".mrml") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def stem(path: Path) -> str:
    """A file's name without its endings: a node's name."""
    lower = path.name.lower()
    ends = [end for end in _BY_END if lower.endswith(end)]
    return path.name[: -len(max(ends, key=len))] if ends else path.stem
