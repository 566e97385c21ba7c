"""The real window, and a person at it; journeys run in a process each (test_journeys.py)."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from Testing.slicer.journeys.person import Person


@pytest.fixture(scope="module", autouse=True)
def no_surprise() -> Iterator[None]:
    """No error went unnoticed: the window and the engine's client tell of one and go on."""
    surprises: list[str] = []

    def note(kind: Any, error: Any, trace: Any) -> None:
        surprises.append("".join(traceback.format_exception(kind, error, trace)))

    class Log(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "handler" in record.getMessage():
                surprises.append(record.getMessage())

    before, sys.excepthook = sys.excepthook, note
    log = Log()
    logging.getLogger("SlicerSynth").addHandler(log)
    yield
    sys.excepthook = before
    logging.getLogger("SlicerSynth").removeHandler(log)
    assert not surprises, surprises[0]


@pytest.fixture(scope="module")
def person(own_settings: None) -> Iterator[Person]:
    """Someone at an empty window, which ends with the module's last test."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        pytest.skip("no screen: run Testing/slicer/test_journeys.py, which has one")
    from Desktop.start import make_window
    from Testing.slicer.journeys.person import Person

    window = make_window()
    import slicer

    window.show()
    slicer.app._started()
    someone = Person(window)
    window.activateWindow()  # there is no window manager to do it
    someone.wait(window.isActiveWindow, "the window", 30)
    yield someone
    slicer.mrmlScene.Clear(0)  # nothing to be asked about
    window.close()


@pytest.fixture(scope="module")
def thigh(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a real study: CT, PET and MR of a thigh."""
    import zipfile

    folder = tmp_path_factory.mktemp("study")
    with zipfile.ZipFile(real_data / "dicom" / "STS_010_CT_MR_PET_RTSTRUCT.zip") as archive:
        archive.extractall(folder)
    return folder / "STS_010"
