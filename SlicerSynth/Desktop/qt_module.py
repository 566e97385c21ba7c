"""The namespace `qt`: PyQt5's classes under one roof, where they behave as in PythonQt."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from PyQt5 import QtCore, QtGui, QtWidgets

_DIFFERENT = {"QInputDialog"}
"""Classes whose functions return other things under PythonQt; the module does without them."""


class QFileDialog(QtWidgets.QFileDialog):
    """The file dialogs, whose functions return the path alone as under PythonQt."""

    @staticmethod
    def getOpenFileName(*args: Any, **kwargs: Any) -> str:
        return str(QtWidgets.QFileDialog.getOpenFileName(*args, **kwargs)[0])

    @staticmethod
    def getOpenFileNames(*args: Any, **kwargs: Any) -> list[str]:
        return list(QtWidgets.QFileDialog.getOpenFileNames(*args, **kwargs)[0])

    @staticmethod
    def getSaveFileName(*args: Any, **kwargs: Any) -> str:
        return str(QtWidgets.QFileDialog.getSaveFileName(*args, **kwargs)[0])


def make_qt() -> ModuleType:
    """A module `qt` with the classes of QtCore, QtGui and QtWidgets, and nothing of PyQt's own."""
    module = ModuleType("qt", "Qt, as Slicer's Python sees it.")
    for source in (QtCore, QtGui, QtWidgets):
        for name in dir(source):
            if name.startswith("Q") and name not in _DIFFERENT:
                setattr(module, name, getattr(source, name))
    module.QFileDialog = QFileDialog  # type: ignore[attr-defined]
    return module
