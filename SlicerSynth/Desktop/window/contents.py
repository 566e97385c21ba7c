"""What is where in the window: series and panel at the left, notice and views at the right."""

from __future__ import annotations

import slicer
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QScrollArea, QSplitter, QVBoxLayout, QWidget

_WIDTH, _PANEL_WIDTH = 1440, 430


def contents(series: QWidget, notice: QWidget, panel: QWidget | None, parent: QWidget) -> QSplitter:
    """The widget that fills the window; a person moves the border between its halves."""
    left = QWidget(parent)
    column = QVBoxLayout(left)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(series)
    scroll = QScrollArea(left)
    scroll.setObjectName("panelScroll")
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QScrollArea.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
    if panel is not None:
        scroll.setWidget(panel)
    column.addWidget(scroll, 1)
    right = QWidget(parent)
    rows = QVBoxLayout(right)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(2)
    rows.addWidget(notice)
    rows.addWidget(slicer.app.layoutManager().viewport(), 1)
    splitter = QSplitter(Qt.Horizontal, parent)
    splitter.addWidget(left)
    splitter.addWidget(right)
    splitter.setChildrenCollapsible(False)
    splitter.setStretchFactor(1, 1)
    splitter.setSizes([_PANEL_WIDTH, _WIDTH - _PANEL_WIDTH])
    return splitter
