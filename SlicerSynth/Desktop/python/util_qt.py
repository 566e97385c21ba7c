"""The functions of `slicer.util` that need Qt, in PyQt5's words; all others are Slicer's own."""

from __future__ import annotations

import fnmatch
import logging
from types import SimpleNamespace
from typing import Any

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QApplication, QMainWindow, QMessageBox, QWidget

from .load_ui import load_ui


def lookupTopLevelWidget(objectName: str) -> QWidget:
    for widget in QApplication.topLevelWidgets():
        if widget.objectName() == objectName:
            return widget
    raise RuntimeError(f"Failed to obtain reference to '{objectName}'")


def mainWindow() -> QMainWindow | None:
    try:
        return lookupTopLevelWidget("qSlicerMainWindow")  # type: ignore[return-value]
    except RuntimeError:
        return None


def findChildren(
    widget: Any = None, name: str = "", text: str = "", title: str = "", className: str = ""
) -> list[Any]:
    """Every thing inside a widget that fits all the patterns given, the widget itself first."""
    widget = widget or mainWindow()
    wanted = [
        (lambda one: one.objectName(), name),
        (lambda one: one.property("text"), text),
        (lambda one: one.property("title"), title),
        (lambda one: one.metaObject().className(), className),
    ]
    rules = [(read, pattern) for read, pattern in wanted if pattern]
    return [
        one
        for one in ([widget, *widget.findChildren(QObject)] if widget is not None else [])
        if all(fnmatch.fnmatchcase(str(read(one) or ""), pattern) for read, pattern in rules)
    ]


def findChild(widget: Any, name: str) -> Any:
    found = findChildren(widget, name=name)
    if not found:
        raise RuntimeError(f"Widget named {name} does not exist.")
    return found[0]


def loadUI(path: str) -> QWidget:
    return load_ui(path)  # type: ignore[no-any-return]


def childWidgetVariables(widget: Any) -> SimpleNamespace:
    """An object with one attribute for each named thing inside a widget."""
    named = [(one.objectName(), one) for one in findChildren(widget)]
    return SimpleNamespace(**{name: one for name, one in named if name})


def messageBox(text: str, parent: Any = None, **kwargs: Any) -> int:
    """Ask; `standardButtons`, `icon`, `detailedText` and the like by name."""
    box = QMessageBox(parent or mainWindow())
    box.setText(text)
    for name, value in kwargs.items():
        setter = getattr(box, f"set{name[0].upper()}{name[1:]}", None)
        if setter is not None:
            setter(value)
    answer = box.exec_()
    box.deleteLater()
    return answer


def infoDisplay(
    text: str, windowTitle: str | None = None, parent: Any = None, **kwargs: Any
) -> None:
    _say("info", text, kwargs)


def warningDisplay(
    text: str, windowTitle: str | None = None, parent: Any = None, **kwargs: Any
) -> None:
    _say("warning", text, kwargs)


def errorDisplay(
    text: str, windowTitle: str | None = None, parent: Any = None, **kwargs: Any
) -> None:
    _say("error", text, kwargs)


def _say(level: str, text: str, details: dict[str, Any]) -> None:
    """Across the window, without a box to close; to the log where there is no window."""
    window = mainWindow()
    logging.log(logging.getLevelName(level.upper()), text)
    if window is not None and hasattr(window, "say"):
        window.say(level, text, str(details.get("detailedText", "")))


def delayDisplay(
    message: str, autoCloseMsec: int = 1000, parent: Any = None, **kwargs: Any
) -> None:
    """Say something in passing: in the status bar, without a window to close."""
    import slicer

    logging.info(message)
    slicer.util.showStatusMessage(message, max(0, autoCloseMsec))
    QApplication.processEvents()


REPLACED = (
    childWidgetVariables,
    delayDisplay,
    errorDisplay,
    findChild,
    findChildren,
    infoDisplay,
    loadUI,
    lookupTopLevelWidget,
    mainWindow,
    messageBox,
    warningDisplay,
)
"""What takes the place of the function of the same name."""
