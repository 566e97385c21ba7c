"""Qt in the words that PythonQt and PyQt5 share: properties by name, plain slots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import qt


def text_of(widget: Any) -> str:
    """The widget's text."""
    return str(widget.property("text") or "")


def set_text(widget: Any, text: str) -> None:
    """Give the widget another text; nothing happens if it has it already."""
    if widget.property("text") != text:
        widget.setText(text)


def show_line(label: Any, text: str) -> None:
    """Show a line of text; hide the label where there is nothing to say."""
    set_text(label, text)
    label.setVisible(bool(text))


def is_checked(button: Any) -> bool:
    """Whether a checkable button is down."""
    return bool(button.property("checked"))


def fill_combo(combo: Any, entries: Sequence[tuple[str, str]], current: str) -> None:
    """Give a combo box these (text, value) entries and choose the one of value `current`.

    Where there is no such value, the first is chosen. No signal is sent.
    """
    was = combo.blockSignals(True)
    count = int(combo.property("count"))
    old = [(combo.itemText(row), combo.itemData(row)) for row in range(count)]
    if old != list(entries):
        combo.clear()
        for text, value in entries:
            combo.addItem(text, value)
    row = next((n for n, (_, value) in enumerate(entries) if value == current), 0)
    combo.setCurrentIndex(row if entries else -1)
    combo.blockSignals(was)


def chosen_in(combo: Any) -> str:
    """The value of the chosen entry, empty where there is none."""
    row = int(combo.property("currentIndex"))
    return str(combo.itemData(row) or "") if row >= 0 else ""


def number_in(spin: Any) -> float:
    """The value of a field for a number."""
    return float(spin.property("value"))


def show_number(spin: Any, value: float) -> None:
    """Give a field a value, if it has another: what is being typed stays."""
    if abs(number_in(spin) - value) > 1e-6:
        was = spin.blockSignals(True)
        spin.setValue(value)
        spin.blockSignals(was)


def choose_node(selector: Any, node: Any) -> None:
    """Choose a node in a node selector without a signal of the person's choice."""
    if selector.currentNode() is not node:
        selector.setCurrentNode(node)


def scroll_to(widget: Any) -> None:
    """Scroll the area around a widget until it is seen, once its place is known."""

    def scroll() -> None:
        area = widget.parent()
        while area is not None and not area.inherits("QScrollArea"):
            area = area.parent()
        if area is not None:
            area.ensureWidgetVisible(widget)

    qt.QTimer.singleShot(_PLACED_MS, scroll)


_PLACED_MS = 50
ROW_HEIGHT, TABLE_WIDTH = 22, 360
"""In pixels; the last column of a table takes what width is left."""


def fill_table(table: Any, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Fill a table with texts; each is its own tooltip, for those that are cut off."""
    cells = [list(row) for row in rows]
    table.clear()
    table.setColumnCount(len(titles))
    table.setRowCount(len(cells))
    table.setHorizontalHeaderLabels(list(titles))
    table.verticalHeader().setVisible(False)
    table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    for r, row in enumerate(cells):
        for c, text in enumerate(row):
            item = qt.QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(r, c, item)
    table.horizontalHeader().setStretchLastSection(False)
    table.resizeColumnsToContents()
    widest = TABLE_WIDTH * 5 // (4 * len(titles))
    for c in range(len(titles) - 1):
        table.setColumnWidth(c, min(table.columnWidth(c), int(widest)))
    table.setColumnWidth(len(titles) - 1, ROW_HEIGHT)
    table.horizontalHeader().setStretchLastSection(True)


def gigabytes(count: float) -> str:
    """Bytes as ``12.3 GB``."""
    return f"{count / 1e9:.1f} GB"
