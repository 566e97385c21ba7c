"""`slicer.app`: the application object, with the names of qSlicerApplication that are needed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
from PyQt5.QtCore import QEventLoop, QProcessEnvironment, QSettings
from PyQt5.QtWidgets import QApplication, QWidget

from .module_manager import ModuleManager

NAME = "SlicerSynth"


class Application:
    """Properties are attributes, everything else is a method: as under PythonQt."""

    def __init__(self, qt_application: QApplication, core: Any, io_manager: Any) -> None:
        self._qt = qt_application
        self._core = core
        self._io = io_manager
        self._modules = ModuleManager()
        self._layouts: Any = None
        self._at_start: list[Callable[[], Any]] = []
        self._settings = QSettings()
        self.aboutToQuit = qt_application.aboutToQuit

    applicationName = NAME
    majorVersion, minorVersion = 5, 12
    slicerHome = str(Path(__file__).resolve().parents[2])

    @property
    def temporaryPath(self) -> str:
        return tempfile.gettempdir()

    def mrmlScene(self) -> Any:
        return slicer.mrmlScene

    def applicationLogic(self) -> Any:
        return self._core.app_logic

    def layoutManager(self) -> Any:
        return self._layouts

    def setLayoutManager(self, manager: Any) -> None:
        self._layouts = manager

    def moduleManager(self) -> ModuleManager:
        return self._modules

    def coreIOManager(self) -> Any:
        return self._io

    def ioManager(self) -> Any:
        return self._io

    def userSettings(self) -> QSettings:
        return self._settings

    def settings(self) -> QSettings:
        return self._settings

    def dicomDatabase(self) -> Any:
        return slicer.dicomDatabase

    def startupEnvironment(self) -> QProcessEnvironment:
        return QProcessEnvironment.systemEnvironment()

    def connect(self, signal: str, slot: Callable[[], Any]) -> bool:
        if signal == "startupCompleted()":
            self._at_start.append(slot)
        return signal == "startupCompleted()"

    def _started(self) -> None:
        """Tell that everything is there, once."""
        while self._at_start:
            self._at_start.pop(0)()

    def testingEnabled(self) -> bool:
        return False

    def processEvents(self, flags: Any = QEventLoop.AllEvents) -> None:
        QApplication.processEvents(flags)

    def topLevelWidgets(self) -> list[QWidget]:
        return list(QApplication.topLevelWidgets())

    def setOverrideCursor(self, cursor: Any) -> None:
        QApplication.setOverrideCursor(cursor)

    def restoreOverrideCursor(self) -> None:
        QApplication.restoreOverrideCursor()

    def clipboard(self) -> Any:
        return QApplication.clipboard()

    def pauseRender(self) -> None:
        if self._layouts is not None:
            self._layouts.pauseRender()

    def resumeRender(self) -> None:
        if self._layouts is not None:
            self._layouts.resumeRender()

    def exit(self, status: int = 0) -> None:
        self._quit()
        QApplication.exit(status)

    def _quit(self) -> None:
        """Let every module's panel go, once."""
        self._modules._unload()
