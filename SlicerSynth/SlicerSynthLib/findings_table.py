"""The table of a plan check: a light, what was checked and why it stands so, value, threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import qt
from slicer.i18n import tr as _

from SlicerSynthLib.plan_answers import SIGNS, WORDS

COLORS = {
    "fail": ("#c0392b", "#ffffff"),
    "warn": ("#f4c542", "#000000"),
    "pass": ("#2e8b57", "#ffffff"),
    "shown": ("#c8c8c8", "#000000"),
}
"""Behind and of the sign of each light; the sign tells it without a color."""
SIGN_WIDTH, VALUE_WIDTH = 26, 104
ROWS = 2
"""Of the table for one finding: its figures, and below them its reason."""


def fill_findings(table: Any, lines: Sequence[tuple[str, str, str, str, str]]) -> None:
    """Show lines of `plan_answers.lines_of`; rows grow with their words."""
    table.clear()
    table.clearSpans()
    table.setColumnCount(3)
    table.setRowCount(ROWS * len(lines))
    table.setHorizontalHeaderLabels(["", _("Check"), _("Value, limit")])
    for number, (light, title, reason, value, limit) in enumerate(lines):
        row = ROWS * number
        table.setItem(row, 0, _sign(light))
        table.setSpan(row, 0, ROWS, 1)
        table.setItem(row, 1, _words(title, bold=True))
        table.setItem(row + 1, 1, _words(reason))
        table.setItem(row, 2, _words(f"{value}\n{limit}".strip()))
        table.setSpan(row, 2, ROWS, 1)
    widths = table.horizontalHeader()
    widths.setSectionResizeMode(qt.QHeaderView.Fixed)
    widths.setSectionResizeMode(1, qt.QHeaderView.Stretch)
    table.setColumnWidth(0, SIGN_WIDTH)
    table.setColumnWidth(2, VALUE_WIDTH)
    table.verticalHeader().setVisible(False)
    table.verticalHeader().setMinimumSectionSize(1)
    table.verticalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)


def _sign(light: str) -> Any:
    item = qt.QTableWidgetItem(SIGNS[light])
    back, front = COLORS[light]
    item.setBackground(qt.QBrush(qt.QColor(back)))
    item.setForeground(qt.QBrush(qt.QColor(front)))
    item.setTextAlignment(qt.Qt.AlignCenter)
    item.setToolTip(_(WORDS[light]))
    return item


def _words(text: str, bold: bool = False) -> Any:
    item = qt.QTableWidgetItem(text)
    item.setToolTip(text)
    item.setTextAlignment(qt.Qt.AlignTop | qt.Qt.AlignLeft)
    font = item.font()
    font.setBold(bold)
    item.setFont(font)
    return item


def color_verdict(label: Any, light: str) -> None:
    """Give the verdict the color of its light."""
    back, front = COLORS.get(light, COLORS["shown"])
    label.setStyleSheet(
        f"background-color: {back}; color: {front}; font-weight: bold; padding: 6px;"
    )
