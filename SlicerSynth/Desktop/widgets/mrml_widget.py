"""Widgets that know a scene, and nothing more: qMRMLWidget and qSlicerWidget."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QWidget


class qMRMLWidget(QWidget):
    """A widget with a scene."""

    mrmlSceneChanged = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None, *_: Any) -> None:
        super().__init__(parent)
        self._scene: Any = None

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        if scene is not self._scene:
            self._scene = scene
            self.mrmlSceneChanged.emit(scene)


class qSlicerWidget(QWidget):
    """The outermost widget of a module's panel; its scene is handed on by signal."""

    mrmlSceneChanged = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None, *_: Any) -> None:
        super().__init__(parent)
        self._scene: Any = None

    def setMRMLScene(self, scene: Any) -> None:
        if scene is not self._scene:
            self._scene = scene
            self.mrmlSceneChanged.emit(scene)
