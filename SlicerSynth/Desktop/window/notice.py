"""One sentence across the window, with its details one click away: no window to close."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

_ICONS = {
    "info": QStyle.SP_MessageBoxInformation,
    "warning": QStyle.SP_MessageBoxWarning,
    "error": QStyle.SP_MessageBoxCritical,
}


class Notice(QFrame):
    """Hidden until something is to be said."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.StyledPanel)
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Preferred)
        self._more = QToolButton(self)
        self._more.setText("Details")
        self._more.setCheckable(True)
        self._close = QToolButton(self)
        self._close.setIcon(self.style().standardIcon(QStyle.SP_TitleBarCloseButton))
        self._close.setToolTip("Close")
        self._close.setAutoRaise(True)
        self._details = QPlainTextEdit(self)
        self._details.setReadOnly(True)
        self._details.setMaximumHeight(140)
        row = QHBoxLayout()
        for widget in (self._icon, self._text, self._more, self._close):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.addLayout(row)
        column.addWidget(self._details)
        self._more.toggled.connect(self._details.setVisible)
        self._close.clicked.connect(self.hide)
        self.hide()

    def text(self) -> str:
        return self._text.text()

    def say(self, level: str, text: str, details: str = "") -> None:
        """Show one sentence; `level` is info, warning or error."""
        self._icon.setPixmap(self.style().standardIcon(_ICONS[level]).pixmap(18, 18))
        self._text.setText(text)
        self._details.setPlainText(details)
        self._more.setChecked(False)
        self._more.setVisible(bool(details))
        self._details.hide()
        self.show()
