"""The phantom of the Sample Data module, with a database that knows files by its own copies."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from Testing.slicer.mrml_fixtures import Files
from Testing.slicer.test_export import a_t1_series

pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")


class Utilities(ModuleType):
    """The functions of DICOMLib.DICOMUtils: what is imported is copied and forgotten."""

    def __init__(self, place: Path) -> None:
        super().__init__("DICOMLib.DICOMUtils")
        self.place, self.known = place, dict[str, Path]()

    def importDicom(self, folder: str, _database: Any, copy: bool) -> bool:  # noqa: N802
        import shutil

        assert copy, "the folder is temporary"
        (series,) = set(Files(Path(folder)).series.values())
        self.known[series] = Path(shutil.copytree(folder, self.place / series))
        return True

    def loadSeriesByUID(self, uids: list[str]) -> list[str]:  # noqa: N802 (Slicer's name)
        if not uids:
            raise ValueError("No series UIDs given")
        import slicer

        scene = slicer.mrmlScene
        kind = "vtkMRMLScalarVolumeNode"
        return [scene.AddNewNodeByClass(kind, self.known[uid].name).GetID() for uid in uids]


def test_the_phantom_is_loaded_from_the_database(
    the_window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from SlicerSynthLib import sample_data

    library = ModuleType("DICOMLib")
    library.DICOMUtils = Utilities(tmp_path / "database")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "DICOMLib", library)
    place = tmp_path / "temporary"
    monkeypatch.setattr(sample_data, "temporary_folder", lambda: place)

    def make(folder: Path) -> None:
        folder.mkdir()
        for name in sample_data.SERIES:
            a_t1_series(folder / name)

    monkeypatch.setattr(sample_data, "_make", make)
    nodes = sample_data.load_phantom()
    assert [node.GetClassName() for node in nodes] == ["vtkMRMLScalarVolumeNode"] * 3
    assert not place.exists()
