"""Open what a person gives: a DICOM folder, a volume, a segmentation, a scene."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import slicer
import vtk
from PyQt5.QtCore import QObject, pyqtSignal

from SynthCore.dicom.series import SeriesInfo, list_series
from SynthCore.errors import SynthCoreError
from SynthCore.image import Image

from .background import Background
from .dicom import add_series, read_series

FILTERS = (
    "Volumes, segmentations and scenes (*.nii *.nii.gz *.nrrd *.nhdr *.mha *.mhd *.mrb *.mrml);;"
    "All files (*)"
)
_LABELS = re.compile(r"(?:\b|_)(?:labels?|labelmap|seg|mask)(?:\b|_)", re.IGNORECASE)
"""Words in the name of a volume file of labels, as Slicer takes them."""
DROPPED = "The scene was closed; what was still being read was dropped."


def is_dicom(path: Path) -> bool:
    """Whether a file says of itself, by its preamble or its name, that it is DICOM."""
    if path.suffix.lower() in (".dcm", ".ima"):
        return True
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False


class Opener(QObject):
    """Reads away from the drawing thread, and puts what was read into the scene on it.

    What is read belongs to the scene it was asked for: it is dropped when that one closes.
    """

    found = pyqtSignal(object)
    """The series of a folder, to choose from."""
    opened = pyqtSignal(object)
    """A volume node that came into the scene."""
    failed = pyqtSignal(str)
    """One sentence."""
    idle = pyqtSignal()
    """Nothing more is being read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._observer = slicer.mrmlScene.AddObserver(
            slicer.vtkMRMLScene.StartCloseEvent, self._scene_closes
        )

    @property
    def busy(self) -> bool:
        return self._background.busy

    def close(self) -> None:
        slicer.mrmlScene.RemoveObserver(self._observer)
        self._background.close()

    def open(self, path: Path) -> None:
        """Open a folder or a file; what becomes of it is told by signals."""
        if path.is_dir():
            self._run(lambda: list_series(path), lambda series: self._listed(series, path.name))
        elif not path.exists():
            self.failed.emit(f"{path.name} was not found; choose a folder or a file.")
        elif slicer.app.coreIOManager().fileType(path.name) == "NoFile":
            self._open_unknown(path)
        else:
            self._open_file(path)

    def load(self, series: Sequence[SeriesInfo]) -> None:
        """Read these series, one after the other."""
        for one in series:
            self._run(lambda s=one: read_series(s), lambda image, s=one: self._add(s, image))

    def _add(self, series: SeriesInfo, image: Image) -> None:
        self.opened.emit(add_series(series, image))

    def _listed(self, series: tuple[SeriesInfo, ...], where: str) -> None:
        images = tuple(one for one in series if one.kind and one.images > 1)
        if not images:
            self.failed.emit(f"{where} holds no DICOM series that makes a volume.")
            return
        self.found.emit(images)
        if len(images) == 1:
            self.load(images)

    def _open_unknown(self, path: Path) -> None:
        def listed(series: tuple[SeriesInfo, ...]) -> None:
            self._listed(series, path.parent.name)

        if is_dicom(path):
            self._run(lambda: list_series(path.parent), listed)
        else:
            self.failed.emit(
                f"{path.name} is of no kind that is read here; give a DICOM folder, NIfTI, NRRD, "
                "MetaImage or an MRB scene."
            )

    def _open_file(self, path: Path) -> None:
        kind = slicer.app.coreIOManager().fileType(path.name)
        labels = bool(_LABELS.search(path.name))
        properties: dict[str, Any] = {"fileName": str(path), "show": False, "labelmap": labels}
        loaded = vtk.vtkCollection()
        if not slicer.app.coreIOManager().loadNodes(kind, properties, loaded):
            self.failed.emit(f"{path.name} cannot be read; check that the file is whole.")
        for index in range(loaded.GetNumberOfItems()):
            node = loaded.GetItemAsObject(index)
            if node.IsA("vtkMRMLVolumeNode"):
                self.opened.emit(node)
        self.idle.emit()

    def _scene_closes(self, *_: Any) -> None:
        if self.busy:
            self._background.drop()
            self.failed.emit(DROPPED)
            self.idle.emit()

    def _run(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        def finished(result: Any) -> None:
            done(result)
            self._maybe_idle()

        self._background.run(work, finished, self._error)

    def _error(self, error: Exception) -> None:
        known = isinstance(error, SynthCoreError)
        self.failed.emit(str(error) if known else f"It cannot be read ({type(error).__name__}).")
        self._maybe_idle()

    def _maybe_idle(self) -> None:
        if not self._background.busy:
            self.idle.emit()
