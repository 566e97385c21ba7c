"""A person at the window: a mouse, a keyboard and eyes. Nothing is done that a hand cannot do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PyQt5.QtCore import QMimeData, QPoint, Qt, QTimer, QUrl
from PyQt5.QtGui import QDragEnterEvent, QDropEvent, QImage, QWheelEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QScrollArea,
    QWidget,
)

PATIENCE = 120.0
"""Seconds; a machine may be busy with other things."""
NOTCH = 120
"""Of a mouse wheel."""


class Person:
    """Acts on the widgets of one window, found by their names.

    Parameters
    ----------
    window : QMainWindow
        Is shown.
    """

    def __init__(self, window: Any) -> None:
        self.window = window

    # eyes

    def find(self, name: str) -> Any:
        """The widget of that name."""
        widgets = self.window.findChildren(QWidget, name)
        assert widgets, f"there is no widget {name}"
        return widgets[-1]  # a module that was loaded again leaves its old widgets, hidden

    def read(self, name: str) -> str:
        """The text of a label or button, or of what a combo box shows; empty if not visible."""
        widget = self.find(name)
        if not widget.isVisible():
            return ""
        combo = widget if isinstance(widget, QComboBox) else widget.findChild(QComboBox)
        return str(combo.currentText() if combo is not None else widget.property("text"))

    def see(self, widget: Any = None) -> np.ndarray:
        """What the screen shows of the window or a widget of it, shape (rows, columns, 3)."""
        widget = self.window if widget is None else widget
        corner = widget.mapTo(self.window, QPoint(0, 0))
        QApplication.processEvents()
        shot = (
            self.window.windowHandle()
            .screen()
            .grabWindow(
                self.window.winId(), corner.x(), corner.y(), widget.width(), widget.height()
            )
        )
        return pixels_of(shot.toImage())

    def wait(self, reached: Callable[[], Any], what: str, seconds: float = PATIENCE) -> float:
        """Look on until something is so; the seconds it took."""
        start = time.perf_counter()
        while not reached():
            if time.perf_counter() - start > seconds:
                raise AssertionError(f"waited in vain for {what}; {self.said()}")
            QTest.qWait(5)
        return time.perf_counter() - start

    def said(self) -> str:
        """What the window and the panel say went wrong, or that they say nothing."""
        notice = self.window.notice.text() if self.window.notice.isVisible() else ""
        spoken = [text for text in (notice, self.read("messageLabel")) if text]
        return " ".join(spoken) or "the window says nothing of it"

    # hands

    def click(self, what: Any, at: QPoint | None = None) -> None:
        """Click on a widget, after scrolling to it where that is needed."""
        widget = self.find(what) if isinstance(what, str) else what
        assert widget.isEnabled(), f"{widget.objectName()} cannot be clicked"
        at = widget.rect().center() if at is None else at
        self.scroll_to(widget, at)
        place = widget.mapTo(widget.window(), at)
        hit = widget.window().childAt(place)
        assert hit is widget or widget.isAncestorOf(hit), f"{widget.objectName()} is covered"
        QTest.mouseClick(hit, Qt.LeftButton, Qt.NoModifier, hit.mapFrom(widget.window(), place))
        QApplication.processEvents()

    def choose(self, name: str, text: str) -> None:
        """Open a combo box (or that of a node selector) and click on the entry that has a text.

        An entry that is the text goes before those that hold it.
        """
        widget = self.find(name)
        combo = widget if isinstance(widget, QComboBox) else widget.findChild(QComboBox)
        entries = [combo.itemText(n) for n in range(combo.count())]
        rows = [n for n, entry in enumerate(entries) if entry == text] or [
            n for n, entry in enumerate(entries) if text in entry
        ]
        assert len(rows) == 1, f"{name} has {entries}, and one of them should say {text}"
        self.click(combo)
        view = combo.view()
        self.wait(view.isVisible, f"the list of {name}", 10)
        QTest.qWait(QApplication.doubleClickInterval() + 50)  # until then Qt takes no second click
        place = view.visualRect(combo.model().index(rows[0], 0)).center()
        QTest.mouseMove(view.viewport(), place)
        QTest.qWait(QApplication.doubleClickInterval() + 50)  # a faster click is not taken as one
        QTest.mouseClick(view.viewport(), Qt.LeftButton, Qt.NoModifier, place)
        self.wait(lambda: not view.isVisible(), f"the list of {name} to close", 10)
        assert combo.currentIndex() == rows[0]

    def toggle(self, name: str, text: str) -> None:
        """Choose an entry of a list as well, or no longer: a click with Ctrl held down."""
        entries = self.find(name)
        items = [entries.item(n) for n in range(entries.count())]
        (item,) = [item for item in items if text in item.text()]
        place = entries.visualItemRect(item).center()
        QTest.mouseClick(entries.viewport(), Qt.LeftButton, Qt.ControlModifier, place)

    def type(self, name: str, text: str) -> None:
        """Replace the text of a line, key by key."""
        widget = self.find(name)
        line = widget if isinstance(widget, QLineEdit) else widget.findChild(QLineEdit)
        self.click(line)
        QTest.keyClick(line, Qt.Key_A, Qt.ControlModifier)
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key_Return)

    def unfold(self, name: str) -> None:
        """Open a section by its header."""
        section = self.find(name)
        if section.property("collapsed"):
            self.click(section, QPoint(40, 8))
        assert not section.property("collapsed")
        QTest.qWait(20)

    def answer_file_dialog(self, path: Any) -> None:
        """Paste a path into the next file dialog, once it is open."""

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, QFileDialog):
                QTimer.singleShot(20, look)
                return
            line = dialog.findChild(QLineEdit, "fileNameEdit")
            QTest.keyClick(line, Qt.Key_A, Qt.ControlModifier)
            QTest.keyClick(line, Qt.Key_V, Qt.ControlModifier)
            QTest.keyClick(line, Qt.Key_Return)

        # pasted: while one types, the dialog lists folders and completes what it finds in them
        QApplication.clipboard().setText(str(path))
        QTimer.singleShot(20, look)

    def tool(self, text: str) -> None:
        """Click on a button of the tool bar."""
        (action,) = [a for a in self.find("tools").actions() if a.text() == text]
        self.click(self.find("tools").widgetForAction(action))

    def drop(self, path: Any) -> None:
        """Drag a file or folder from elsewhere over the window, and let go."""
        files = QMimeData()
        files.setUrls([QUrl.fromLocalFile(str(path))])
        place, none = self.window.rect().center(), (Qt.LeftButton, Qt.NoModifier)
        enter = QDragEnterEvent(place, Qt.CopyAction, files, *none)
        QApplication.sendEvent(self.window, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(self.window, QDropEvent(place, Qt.CopyAction, files, *none))

    def scroll_to(self, widget: Any, at: QPoint) -> None:
        """Turn the mouse wheel over the panel until a place of a widget can be seen."""
        area = self.window.findChild(QScrollArea, "panelScroll")
        if area is None or not area.isAncestorOf(widget):
            return
        port = area.viewport()
        for _ in range(200):
            y = widget.mapTo(port, at).y()
            if 4 <= y < port.height() - 4:
                return
            turn = QPoint(0, NOTCH if y < 4 else -NOTCH)
            middle = port.rect().center()
            event = QWheelEvent(
                middle, port.mapToGlobal(middle), QPoint(), turn, Qt.NoButton, Qt.NoModifier,
                Qt.NoScrollPhase, False,
            )  # fmt: skip
            QApplication.sendEvent(port, event)
            QApplication.processEvents()
        raise AssertionError(f"{widget.objectName()} cannot be scrolled to")


def pixels_of(picture: QImage) -> np.ndarray:
    """A picture as an array, shape (rows, columns, 3)."""
    picture = picture.convertToFormat(QImage.Format_RGB888)
    bits = picture.constBits().asstring(picture.sizeInBytes())
    rows = np.frombuffer(bits, np.uint8).reshape(picture.height(), picture.bytesPerLine())
    return rows[:, : 3 * picture.width()].reshape(picture.height(), picture.width(), 3)
