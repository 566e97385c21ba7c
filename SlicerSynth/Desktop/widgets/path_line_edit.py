"""ctkPathLineEdit: a path that can be typed or chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PyQt5.QtCore import QSettings, pyqtProperty, pyqtSignal
from PyQt5.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QToolButton, QWidget

_REMEMBERED = 10


class ctkPathLineEdit(QWidget):
    """An editable path with a history and a button that opens a file dialog."""

    currentPathChanged = pyqtSignal(str)
    validInputChanged = pyqtSignal(bool)

    Dirs, Files, Drives, NoSymLinks, AllEntries = 0x001, 0x002, 0x004, 0x008, 0x007
    Readable, Writable, Executable, Hidden = 0x010, 0x020, 0x040, 0x100

    def __init__(self, parent: QWidget | None = None, *_: Any) -> None:
        super().__init__(parent)
        self._filters = self.AllEntries
        self._name_filters: list[str] = []
        self._setting_key = ""
        self._label = ""
        self._combo = QComboBox(self)
        self._combo.setEditable(True)
        self._combo.setMinimumContentsLength(12)
        self._combo.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self._button = QToolButton(self)
        self._button.setText("...")
        self._button.clicked.connect(self.browse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._combo, 1)
        layout.addWidget(self._button)
        self._combo.editTextChanged.connect(self._changed)
        self.setFocusProxy(self._combo)

    def comboBox(self) -> QComboBox:
        return self._combo

    def _path(self) -> str:
        return self._combo.currentText()

    def setCurrentPath(self, path: str) -> None:
        self._combo.setEditText(str(path))

    def _filter_bits(self) -> int:
        return self._filters

    def _set_filters(self, filters: int) -> None:
        self._filters = int(filters)

    def _names(self) -> list[str]:
        return self._name_filters

    def _set_name_filters(self, names: list[str]) -> None:
        self._name_filters = list(names)

    def _key(self) -> str:
        return self._setting_key

    def _set_setting_key(self, key: str) -> None:
        self._setting_key = key
        self.retrieveHistory()

    def _text(self) -> str:
        return self._label

    def _set_label(self, label: str) -> None:
        self._label = label

    currentPath = pyqtProperty(str, _path, setCurrentPath)
    filters = pyqtProperty(int, _filter_bits, _set_filters)
    nameFilters = pyqtProperty("QStringList", _names, _set_name_filters)
    settingKey = pyqtProperty(str, _key, _set_setting_key)
    label = pyqtProperty(str, _text, _set_label)

    def browse(self, *_: Any) -> None:
        """Ask for a file or a folder."""
        title = self._label or self.toolTip()
        if not self._filters & self.Files:
            path = QFileDialog.getExistingDirectory(self, title, self._path())
        elif self._filters & self.Writable:
            path, _ = QFileDialog.getSaveFileName(
                self, title, self._path(), ";;".join(self._name_filters)
            )
        else:
            path, _ = QFileDialog.getOpenFileName(
                self, title, self._path(), ";;".join(self._name_filters)
            )
        if path:
            self.setCurrentPath(path)

    def addCurrentPathToHistory(self) -> None:
        path = self._path()
        if not path or not self._setting_key:
            return
        past = [entry for entry in self._history() if entry != path]
        QSettings().setValue(self._setting_key, [path, *past][:_REMEMBERED])
        self.retrieveHistory()

    def retrieveHistory(self) -> None:
        path = self._path()
        was = self._combo.blockSignals(True)
        self._combo.clear()
        self._combo.addItems(self._history())
        self._combo.setEditText(path)
        self._combo.blockSignals(was)

    def _history(self) -> list[str]:
        found = QSettings().value(self._setting_key) if self._setting_key else None
        return [found] if isinstance(found, str) else list(found or [])

    def _changed(self, path: str) -> None:
        self.currentPathChanged.emit(path)
        self.validInputChanged.emit(bool(path) and Path(path).exists())
