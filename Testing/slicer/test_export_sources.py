"""What an exported series takes from its sources, wherever those are by now."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from Testing.slicer.logic_fixtures import Driven
from Testing.slicer.mrml_fixtures import Files, load_series
from Testing.slicer.test_export import a_t1_series, made_of

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")


@pytest.fixture
def a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A T1 in the database."""
    study = a_t1_series(tmp_path / "study")
    monkeypatch.setattr(slicer, "dicomDatabase", Files(study))
    return study


def move(node: Any) -> Any:
    """Put a node under a transform, as a registration does."""
    import vtk

    transform = node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = vtk.vtkMatrix4x4()
    for row, millimeters in enumerate((25.0, -10.0, 40.0)):
        matrix.SetElement(row, 3, millimeters)
    transform.SetMatrixTransformToParent(matrix)
    node.SetAndObserveTransformNodeID(transform.GetID())


def a_file_of(node: Any, folder: Path) -> Any:
    import pydicom

    from SlicerSynthLib.export import take, write

    write(take(node), folder)
    return pydicom.dcmread(sorted(folder.glob("*.dcm"))[0])


def test_a_source_that_was_moved_back_does_not_lend_its_frame_of_reference(
    a_logic: Driven, a_slicer_app: Any, a_study: Path, tmp_path: Path
) -> None:
    """The result lies where its source lay then, which is not where the scanner saw it."""
    import pydicom

    source = load_series(a_slicer_app, a_study)
    move(source)
    node = made_of(a_logic, source)
    source.SetAndObserveTransformNodeID(None)
    before = pydicom.dcmread(next(a_study.iterdir()))
    after = a_file_of(node, tmp_path / "out")
    assert after.FrameOfReferenceUID != before.FrameOfReferenceUID
    assert after.StudyInstanceUID == before.StudyInstanceUID
    assert after.PatientID == before.PatientID


def test_a_source_that_was_moved_later_still_does(
    a_logic: Driven, a_slicer_app: Any, a_study: Path, tmp_path: Path
) -> None:
    import pydicom

    source = load_series(a_slicer_app, a_study)
    node = made_of(a_logic, source)
    move(source)
    before = pydicom.dcmread(next(a_study.iterdir()))
    after = a_file_of(node, tmp_path / "out")
    assert after.FrameOfReferenceUID == before.FrameOfReferenceUID
    assert after.SourceImageSequence[0].SpatialLocationsPreserved == "YES"


def test_a_source_that_left_the_scene_is_found_in_the_database(
    a_logic: Driven, a_slicer_app: Any, a_study: Path, tmp_path: Path
) -> None:
    import pydicom

    source = load_series(a_slicer_app, a_study)
    node = made_of(a_logic, source)
    source.GetScene().RemoveNode(source)
    before = pydicom.dcmread(next(a_study.iterdir()))
    after = a_file_of(node, tmp_path / "out")
    for keyword in ("StudyInstanceUID", "PatientID", "FrameOfReferenceUID"):
        assert after[keyword].value == before[keyword].value


def test_without_its_study_it_is_not_written_as_nobodys(
    a_logic: Driven, a_slicer_app: Any, a_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from SlicerSynthLib.export import take
    from SynthCore.errors import InputError

    source = load_series(a_slicer_app, a_study)
    node = made_of(a_logic, source)
    monkeypatch.setattr(slicer, "dicomDatabase", None)
    with pytest.raises(InputError, match="given as T1 is not in Slicer's DICOM database"):
        take(node)
    source.GetScene().RemoveNode(source)
    with pytest.raises(InputError, match="import it again"):
        take(node)


@pytest.mark.parametrize("grid", [{}, {"affine_lps": 3}, {"affine_lps": [[0.0] * 4] * 4}])
def test_a_record_without_a_grid_takes_the_source_where_it_is(
    a_logic: Driven, a_slicer_app: Any, a_study: Path, tmp_path: Path, grid: dict[str, Any]
) -> None:
    """A scene may come from anywhere."""
    import json

    import pydicom

    from SlicerSynthLib.attributes import RECORD, record_of

    source = load_series(a_slicer_app, a_study)
    node = made_of(a_logic, source)
    record = json.loads(record_of(node) or "")
    given = record["inputs"]["T1"]
    record["inputs"]["T1"] = {**given, "affine_lps": None, **grid}
    node.SetAttribute(RECORD, json.dumps(record))
    before = pydicom.dcmread(next(a_study.iterdir()))
    assert a_file_of(node, tmp_path / "out").FrameOfReferenceUID == before.FrameOfReferenceUID


class Database:
    """Slicer's DICOM database with room for so many files; more it only logs."""

    def __init__(self, room: int) -> None:
        self.room, self.files, self.isOpen = room, dict[str, str](), True

    def fileForInstance(self, uid: str) -> str:  # noqa: N802 (Slicer's name)
        return self.files.get(uid, "")


@pytest.mark.parametrize("room", [5, 3, 0])
def test_files_that_the_database_did_not_take_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    from SlicerSynthLib.export_places import import_into_database
    from SynthCore.dicom.scan import scan
    from SynthCore.errors import InputError

    def import_dicom(folder: str, database: Database, _copy: bool) -> bool:
        uids = [one.uid for one in scan(Path(folder)).instances]
        database.files.update(dict.fromkeys(uids[: database.room], "a copy"))
        return True

    library, utils = ModuleType("DICOMLib"), ModuleType("DICOMLib.DICOMUtils")
    utils.importDicom = import_dicom  # type: ignore[attr-defined]
    library.DICOMUtils = utils  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "DICOMLib", library)
    monkeypatch.setattr(slicer, "dicomDatabase", Database(room), raising=False)
    study = a_t1_series(tmp_path / "study")
    if room == 5:
        import_into_database(study)
    else:
        with pytest.raises(InputError, match=f"did not take {5 - room} of the 5 files"):
            import_into_database(study)
    assert not study.exists()
