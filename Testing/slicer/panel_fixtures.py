"""The panel on real widgets, real MRML views and a real engine, clicked as a person would."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["a_panel"]

MODULE = Path(__file__).resolve().parents[2] / "SlicerSynth" / "SlicerSynth.py"
PATIENCE = 120.0


class Clicked:
    """A panel with what a person does to it."""

    def __init__(self, app: Any, store: dict[str, str]) -> None:
        import slicer

        from SlicerSynthLib.panel import Panel

        self.app, self.store = app, store
        self.widget = slicer.util.loadUI(str(MODULE.parent / "Resources/UI/SlicerSynth.ui"))
        self.widget.setMRMLScene(slicer.mrmlScene)
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self.panel = Panel(self.ui, store)
        self.widget.resize(420, 1600)
        self.widget.show()
        self.spin(0.1)

    @property
    def parameters(self) -> Any:
        return self.panel.context.parameters

    @property
    def said(self) -> str:
        """The line of what went wrong."""
        return str(self.ui.messageLabel.text()) if self.ui.messageFrame.isVisible() else ""

    def spin(self, seconds: float) -> None:
        """Let time pass."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.app.processEvents()
            self.panel.tick()
            time.sleep(0.005)

    def until(self, reached: Callable[[], Any]) -> None:
        """Let time pass until something holds."""
        end = time.monotonic() + PATIENCE
        while not reached():
            assert time.monotonic() < end, f"nothing happened; the panel says {self.said!r}"
            self.spin(0.01)

    def idle(self) -> None:
        """Let every job end."""
        self.until(lambda: not self.panel.logic.jobs)
        self.spin(0.05)

    def click(self, name: str) -> None:
        """Click on a button."""
        from PyQt5.QtCore import Qt
        from PyQt5.QtTest import QTest

        button = getattr(self.ui, name)
        assert button.isVisible(), f"{name} is not to be seen"
        assert button.isEnabled(), f"{name} cannot be clicked"
        QTest.mouseClick(button, Qt.LeftButton)
        self.spin(0.02)

    def choose(self, combo: str | Any, text: str) -> None:
        """Choose an entry of a combo box by keyboard."""
        from PyQt5.QtCore import Qt
        from PyQt5.QtTest import QTest
        from PyQt5.QtWidgets import QComboBox

        box = getattr(self.ui, combo) if isinstance(combo, str) else combo
        if not isinstance(box, QComboBox):
            box = box.findChild(QComboBox)
        texts = [box.itemText(row) for row in range(box.count())]
        assert text in texts, f"{text} is not among {texts}"
        for _ in range(box.count()):
            if box.currentText() == text:
                break
            down = texts.index(text) > box.currentIndex()
            QTest.keyClick(box, Qt.Key_Down if down else Qt.Key_Up)
        self.spin(0.05)

    def role(self, role: str) -> Any:
        """The selector of a role."""
        return self.panel.inputs._rows[role][1]

    def open_section(self, name: str) -> None:
        """Unfold a part of the panel."""
        getattr(self.ui, name).setProperty("collapsed", False)
        self.spin(0.05)

    def use(self, model: str) -> None:
        """Wait for the models, and choose one."""
        box = self.ui.modelCombo
        self.until(lambda: box.findData(model) >= 0)
        self.choose("modelCombo", box.itemText(box.findData(model)))

    def make(self) -> Any:
        """Synthesize by the classical model and give the node."""
        self.use("mr-to-ct-bulk-density")
        self.click("synthesizeButton")
        self.idle()
        assert self.parameters.result is not None, self.said
        return self.parameters.result

    def close(self) -> None:
        self.panel.close()
        self.widget.hide()
        self.widget.deleteLater()
        self.app.processEvents()


@pytest.fixture
def a_panel(the_window: Any) -> Iterator[Clicked]:
    """A panel with an engine of its own and no settings."""
    clicked = Clicked(the_window, {})
    yield clicked
    clicked.close()
