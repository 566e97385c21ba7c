"""The series of a DICOM folder, to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from SynthCore.dicom.series import SeriesInfo

_ROWS_SHOWN = 8


class SeriesList(QWidget):
    """One line a series; load the ones chosen, or one by a double click."""

    def __init__(
        self, load: Callable[[Sequence[SeriesInfo]], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("seriesList")
        self._load = load
        self._list = QListWidget(self)
        self._list.setObjectName("seriesListView")
        self._list.setSelectionMode(QListWidget.ExtendedSelection)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self._list.setTextElideMode(Qt.ElideRight)
        self._button = QPushButton("Load chosen series", self)
        self._button.setObjectName("loadSeriesButton")
        close = QPushButton("Close list", self)
        row = QHBoxLayout()
        row.addWidget(self._button, 1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 0)
        column.addWidget(self._list)
        column.addLayout(row)
        self._button.clicked.connect(self._load_chosen)
        self._list.itemDoubleClicked.connect(lambda item: self._load([item.data(Qt.UserRole)]))
        self._list.itemSelectionChanged.connect(self._update)
        close.clicked.connect(self.hide)
        self.hide()

    def show_series(self, series: Sequence[SeriesInfo]) -> None:
        """List these series, the ones with a certain role chosen beforehand."""
        self._list.clear()
        for one in series:
            item = QListWidgetItem(describe(one))
            item.setToolTip(f"{describe(one)}\n{one.suggestion.reason}")
            item.setData(Qt.UserRole, one)
            self._list.addItem(item)
            item.setSelected(one.role is not None and not one.localizer)
        height = self._list.sizeHintForRow(0) * min(len(series), _ROWS_SHOWN) + 8
        self._list.setFixedHeight(height)
        self._update()
        self.setVisible(len(series) > 1)

    def _load_chosen(self, *_: object) -> None:
        self._load([item.data(Qt.UserRole) for item in self._list.selectedItems()])
        self.hide()

    def _update(self) -> None:
        self._button.setEnabled(bool(self._list.selectedItems()))


def describe(series: SeriesInfo) -> str:
    """One line: role, description, size."""
    role = (series.role or series.modality) + ("" if series.suggestion.certain else "?")
    mark = "SYNTHETIC, " if series.synthetic else ""
    return f"{role}: {series.description or 'no description'} ({mark}{series.images} images)"
