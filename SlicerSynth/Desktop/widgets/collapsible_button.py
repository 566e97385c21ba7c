"""ctkCollapsibleButton: a titled section that folds away."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QEvent, QSize, Qt, pyqtProperty, pyqtSignal
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import (
    QAbstractButton,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QWidget,
)

_MARGIN = 4
_ARROW = 10
_UNBOUNDED = 16777215  # QWIDGETSIZE_MAX


class ctkCollapsibleButton(QAbstractButton):
    """A header to click on, and below it what is laid out in the button itself.

    Folded, the button is no higher than its header: what lies below is cut off, and its own
    visibility stays as the module set it.
    """

    contentsCollapsed = pyqtSignal(bool)

    def __init__(self, *args: Any) -> None:
        super().__init__(args[-1] if args and isinstance(args[-1], QWidget) else None)
        self.setText(args[0] if args and isinstance(args[0], str) else "")
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.TabFocus)
        self.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Preferred)
        self.toggled.connect(self._fold)
        self._measure()

    def _is_collapsed(self) -> bool:
        return not self.isChecked()

    def _set_collapsed(self, collapsed: bool) -> None:
        self.setChecked(not collapsed)

    collapsed = pyqtProperty(bool, _is_collapsed, _set_collapsed)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        if layout is None or self._is_collapsed():
            return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 40, self._header())
        return layout.totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        if layout is None or self._is_collapsed():
            return QSize(0, self._header())
        return layout.totalMinimumSize()

    def hitButton(self, position: Any) -> bool:
        return bool(position.y() < self._header())

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.FontChange, QEvent.StyleChange):
            self._measure()
        return super().event(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        header = QStyleOptionButton()
        header.initFrom(self)
        header.rect.setHeight(self._header())
        header.state |= QStyle.State_Raised
        self.style().drawPrimitive(QStyle.PE_PanelButtonCommand, header, painter, self)
        arrow = QStyleOption()
        arrow.initFrom(self)
        arrow.rect.setRect(2 * _MARGIN, (self._header() - _ARROW) // 2, _ARROW, _ARROW)
        shape = (
            QStyle.PE_IndicatorArrowRight if self._is_collapsed() else QStyle.PE_IndicatorArrowDown
        )
        self.style().drawPrimitive(shape, arrow, painter, self)
        place = header.rect.adjusted(_ARROW + 4 * _MARGIN, 0, -_MARGIN, 0)
        painter.setPen(self.palette().buttonText().color())
        painter.drawText(place, int(Qt.AlignVCenter | Qt.AlignLeft), self.text())

    def _header(self) -> int:
        return self.fontMetrics().height() + 2 * _MARGIN + 2

    def _measure(self) -> None:
        self.setContentsMargins(0, self._header(), 0, 0)
        self.setMaximumHeight(self._header() if self._is_collapsed() else _UNBOUNDED)
        self.updateGeometry()

    def _fold(self, expanded: bool) -> None:
        self._measure()
        self.contentsCollapsed.emit(not expanded)
