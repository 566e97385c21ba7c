"""Real studies, unpacked once."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def unpacked(real_data: Path, tmp_path_factory: pytest.TempPathFactory):
    """Unpack a zip of the DICOM folder and give its path."""
    done: dict[str, Path] = {}

    def unpack(name: str) -> Path:
        if name not in done:
            folder = tmp_path_factory.mktemp("real") / name
            with zipfile.ZipFile(real_data / "dicom" / f"{name}.zip") as archive:
                archive.extractall(folder)
            done[name] = folder
        return done[name]

    return unpack


@pytest.fixture(scope="session")
def real_study(unpacked) -> Path:
    """CT, MR and PET with a structure set each."""
    return unpacked("STS_010_CT_MR_PET_RTSTRUCT")
