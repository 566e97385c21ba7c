"""The window: the module's panel at the left, the views at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import slicer
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QIcon
from PyQt5.QtWidgets import (
    QFileDialog,
    QLabel,
    QMainWindow,
    QWidget,
)

from SynthCore.dicom.series import SeriesInfo

from .contents import contents
from .notice import Notice
from .opener import FILTERS, Opener
from .probe import Probe
from .series_list import SeriesList
from .show import is_empty, show_volume
from .tools import Tools
from .unsaved import lost_by_closing

NOTE = "Research software, not cleared for clinical use"
TITLE = f"SlicerSynth - {NOTE.lower()}"
_READING = "Reading"


class MainWindow(QMainWindow):
    """One window for one scene; `slicer.util.mainWindow()` finds it by its name.

    `works` tells whether the panel still waits for a result.
    """

    def __init__(
        self, panel: QWidget | None = None, icon: Path | None = None, *,
        works: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        super().__init__()
        self._works = works
        self.setObjectName("qSlicerMainWindow")
        self.setWindowTitle(TITLE)
        if icon is not None and icon.is_file():
            self.setWindowIcon(QIcon(str(icon)))
        self.setAcceptDrops(True)
        self._notice = Notice(self)
        self._opener = Opener(self)
        self._series = SeriesList(self._opener.load, self)
        self._tools = Tools(
            {
                "Open folder": self._ask_folder,
                "Open file": self._ask_file,
                "Save scene": self._ask_scene,
                "Screenshot": self._ask_screenshot,
            },
            self,
        )
        self.addToolBar(self._tools)
        self.setCentralWidget(contents(self._series, self._notice, panel, self))
        self._probe = Probe(self)
        self.statusBar().addPermanentWidget(self._probe)
        self.statusBar().addPermanentWidget(QLabel(NOTE))
        self.statusBar().showMessage("Open a DICOM folder, or drop a folder or a file here.")
        self._opener.found.connect(self._found)
        self._opener.opened.connect(self._opened)
        self._opener.failed.connect(self._failed)
        self._opener.idle.connect(self._idle)
        self.resize(1440, 900)

    @property
    def opener(self) -> Opener:
        return self._opener

    @property
    def series(self) -> SeriesList:
        return self._series

    @property
    def notice(self) -> Notice:
        return self._notice

    def say(self, level: str, text: str, details: str = "") -> None:
        """One sentence across the window; `level` is info, warning or error."""
        self._notice.say(level, text, details)

    def open(self, path: Path) -> None:
        """Open a study, a volume or a scene."""
        if path.suffix.lower() in (".mrb", ".mrml") and not is_empty():
            question = "Opening a scene closes the one that is open. Close it?"
            if not slicer.util.confirmOkCancelDisplay(question, "SlicerSynth"):
                return
        self._notice.hide()
        self.setCursor(Qt.BusyCursor)
        self.statusBar().showMessage(f"{_READING} {path.name} ...")
        self._opener.open(path)

    def screenshot(self, path: Path) -> bool:
        """Save a picture of the whole window; never over another file."""
        return not path.exists() and self.grab().save(str(path))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.open(Path(url.toLocalFile()))

    def closeEvent(self, event: QCloseEvent) -> None:
        question = lost_by_closing(self._works())
        if question and not slicer.util.confirmOkCancelDisplay(question, "SlicerSynth"):
            event.ignore()
            return
        self._opener.close()
        self._probe.stop()
        self._tools.stop()
        slicer.app._quit()
        event.accept()

    def _found(self, series: Sequence[SeriesInfo]) -> None:
        self._series.show_series(series)
        if len(series) > 1:
            self.statusBar().showMessage("Choose the series to load from the list at the left.")

    def _failed(self, text: str) -> None:
        self.say("error", text)
        self.statusBar().clearMessage()
        if not self._opener.busy:
            self.unsetCursor()

    def _opened(self, node: Any) -> None:
        show_volume(node)
        self.statusBar().showMessage(f"{node.GetName()} was read.", 8000)

    def _idle(self) -> None:
        self.unsetCursor()
        if self.statusBar().currentMessage().startswith(_READING):
            self.statusBar().clearMessage()

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Open a DICOM folder", self._last())
        self._chosen(folder)

    def _ask_file(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, "Open a file", self._last(), FILTERS)
        self._chosen(file)

    def _ask_scene(self) -> None:
        file, _ = QFileDialog.getSaveFileName(self, "Save the scene", self._last(), "Scene (*.mrb)")
        if file:
            target = file if file.lower().endswith(".mrb") else f"{file}.mrb"
            name, taken = Path(target).name, target != file and Path(target).exists()
            if not taken and slicer.util.saveScene(target):  # the dialog asked about `file` alone
                self.say("info", f"The scene was saved as {name}.")
            else:
                self.say("error", f"{name} was not written; choose another name or place.")

    def _ask_screenshot(self) -> None:
        picture = self.grab()  # before the dialog lies over it
        named = Path(self._last()) / f"SlicerSynth {datetime.now():%Y-%m-%d %H-%M-%S}.png"
        file, _ = QFileDialog.getSaveFileName(self, "Save a picture", str(named), "PNG (*.png)")
        if file and not picture.save(file, "PNG"):
            self.say("error", f"{Path(file).name} could not be written; choose another place.")

    def _last(self) -> str:
        return str(slicer.app.userSettings().value("Window/LastFolder", ""))

    def _chosen(self, path: str) -> None:
        if path:
            chosen = Path(path)
            folder = chosen if chosen.is_dir() else chosen.parent
            slicer.app.userSettings().setValue("Window/LastFolder", str(folder))
            self.open(chosen)
