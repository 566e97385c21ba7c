"""An archive for all tests of a session, and series to send to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from SynthCore.dicom.write import export_dicom
from Testing.dicom.archive.orthanc import Orthanc, orthanc
from Testing.dicom.results import from_headers, headers, result_of


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with orthanc(tmp_path_factory.mktemp("orthanc")) as made:
        yield made


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """A synthetic CT of five slices, of a patient and study of its own."""
    folder = tmp_path / "synthetic-CT"
    export_dicom(result_of(from_headers(headers())), folder)
    return folder
