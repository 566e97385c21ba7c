"""The real window, and a person at it; journeys run in a process each (test_journeys.py)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from Testing.slicer.journeys.person import Person


@pytest.fixture(scope="module")
def person(own_settings: None) -> Iterator[Person]:
    """Someone at an empty window, which ends with the module's last test."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        pytest.skip("no screen: run Testing/slicer/test_journeys.py, which has one")
    from Desktop.start import make_window

    window = make_window()
    import slicer

    window.show()
    slicer.app._started()
    someone = Person(window)
    window.activateWindow()  # there is no window manager to do it
    someone.wait(window.isActiveWindow, "the window", 30)
    yield someone
    window.close()


@pytest.fixture(scope="module")
def thigh(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a real study: CT, PET and MR of a thigh."""
    import zipfile

    folder = tmp_path_factory.mktemp("study")
    with zipfile.ZipFile(real_data / "dicom" / "STS_010_CT_MR_PET_RTSTRUCT.zip") as archive:
        archive.extractall(folder)
    return folder / "STS_010"
