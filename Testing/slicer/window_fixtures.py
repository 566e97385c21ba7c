"""The window in the test's own process, drawn out of sight where there is no display."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from Testing.dicom.odd_series import series
from Testing.slicer.mrml_fixtures import the_window

__all__ = ["a_main_window", "a_series", "own_settings", "the_window"]


@pytest.fixture(scope="session", autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Leave the settings of whoever runs the tests alone, also in processes that tests start."""
    folder = str(tmp_path_factory.mktemp("settings"))
    os.environ["XDG_CONFIG_HOME"] = folder
    try:
        from PyQt5.QtCore import QSettings
    except ImportError:
        return
    for kind in (QSettings.IniFormat, QSettings.NativeFormat):
        QSettings.setPath(kind, QSettings.UserScope, folder)


@pytest.fixture
def a_main_window(the_window: Any) -> Iterator[Any]:
    """The window without the module's panel; the views go back to where they were."""
    import slicer
    from PyQt5 import sip

    from Desktop.window.main_window import MainWindow

    window = MainWindow()
    window.show()
    settle()
    yield window
    slicer.mrmlScene.Clear(0)  # nothing to be asked about
    window.close()
    the_window.layoutManager().viewport().setParent(None)
    sip.delete(window)  # at once: only one window may have the name
    settle()


@pytest.fixture
def a_series(tmp_path: Path) -> Path:
    """A small made-up CT."""
    folder = tmp_path / "a series"
    series(folder)
    return folder


def opened(window: Any, path: Path) -> list[Any]:
    """Open a path and wait; the volumes that came of it."""
    nodes: list[Any] = []
    window.opener.opened.connect(nodes.append)
    window.open(path)
    assert wait_for(lambda: not window.opener.busy)
    settle()
    window.opener.opened.disconnect(nodes.append)
    return nodes


def settle(seconds: float = 0.1) -> None:
    """Let Qt do what is waiting."""
    from PyQt5.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Let Qt work until something is so; whether it came to be."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        settle(0.02)
    return bool(condition())
