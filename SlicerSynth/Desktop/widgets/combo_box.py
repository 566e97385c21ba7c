"""ctkComboBox: a combo box that can show a text while nothing is chosen."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import Qt, pyqtProperty
from PyQt5.QtGui import QPaintEvent
from PyQt5.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter


class ctkComboBox(QComboBox):
    """A combo box with a default text and an item data read as text."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._default_text = ""
        self._force_default = False

    def _text(self) -> str:
        return self._default_text

    def _set_default_text(self, text: str) -> None:
        self._default_text = text
        self.update()

    def _forced(self) -> bool:
        return self._force_default

    def _set_force_default(self, force: bool) -> None:
        self._force_default = force
        self.update()

    def _data(self) -> str:
        found = self.currentData()
        return "" if found is None else str(found)

    def setCurrentUserDataAsString(self, data: str) -> None:
        self.setCurrentIndex(self.findData(data))

    defaultText = pyqtProperty(str, _text, _set_default_text)
    forceDefault = pyqtProperty(bool, _forced, _set_force_default)
    currentUserDataAsString = pyqtProperty(str, _data, setCurrentUserDataAsString)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        if self._force_default or self.currentIndex() < 0:
            option.currentText = self._default_text
        option.currentText = option.fontMetrics.elidedText(
            option.currentText, Qt.ElideRight, max(10, option.rect.width() - 30)
        )
        painter.drawComplexControl(QStyle.CC_ComboBox, option)
        painter.drawControl(QStyle.CE_ComboBoxLabel, option)
