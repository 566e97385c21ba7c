"""Synthetic nodes as DICOM: from the scene to files that say what they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from Testing.slicer.logic_fixtures import Driven, a_t1
from Testing.slicer.mrml_fixtures import an_affine, load_series

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")


def made_of(driven: Driven, source: Any) -> Any:
    """A synthetic CT of a T1."""
    from SlicerSynthLib.orders import Order

    order = Order("mr-to-ct", {"T1": source}, model="mr-to-ct-bulk-density")
    job = driven.finish(driven.logic.synthesize(order))
    assert job.state == "done", job.message
    return job.node


@pytest.fixture
def a_result(a_logic: Driven) -> Any:
    return made_of(a_logic, a_t1(a_logic.scene, affine=an_affine()))


def test_written_and_read_back(a_result: Any, tmp_path: Path) -> None:
    import numpy as np

    from SlicerSynthLib.export import take, write
    from SlicerSynthLib.nodes import grid_of
    from SynthCore.dicom.read import read_dicom
    from SynthCore.files.verify import verify_folder

    record = write(take(a_result), tmp_path / "out")
    assert len(record.output["instances"]) == 5
    assert verify_folder(tmp_path / "out").ok
    back = read_dicom(tmp_path / "out")
    voxels, affine = grid_of(a_result)
    np.testing.assert_allclose(back.affine, affine, atol=1e-4)
    assert np.abs(back.voxels - voxels).max() <= 0.5


def test_patient_and_study_of_the_source(
    a_logic: Driven, a_slicer_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The series belongs to the study that its source was read from."""
    import pydicom

    from SlicerSynthLib.export import preview, take, write
    from Testing.slicer.mrml_fixtures import Files

    study = a_t1_series(tmp_path / "study")
    monkeypatch.setattr(slicer, "dicomDatabase", Files(study))
    source = load_series(a_slicer_app, study)
    package = take(made_of(a_logic, source))
    tags = {line.tag: line.value for line in preview(package) if line.depth == 0}
    assert tags["(0008,001C)"] == "YES" and tags["(0010,0010)"] == "Phantom^Digital"
    write(package, tmp_path / "out")
    before = pydicom.dcmread(next(study.iterdir()))
    after = pydicom.dcmread(next((tmp_path / "out").iterdir()))
    for keyword in ("StudyInstanceUID", "PatientID", "FrameOfReferenceUID"):
        assert after[keyword].value == before[keyword].value
    assert after.SeriesInstanceUID != before.SeriesInstanceUID
    assert after.Modality == "CT" and after.SyntheticData == "YES"


def test_what_is_lost_of_the_source_is_noted(
    a_logic: Driven, a_slicer_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pydicom

    from SlicerSynthLib.export import notes_of, take, write
    from Testing.slicer.mrml_fixtures import Files

    study = a_t1_series(tmp_path / "study")
    for path in study.iterdir():
        header = pydicom.dcmread(path)
        header.add_new("StudyID", "SH", "twenty characters ..")
        header.save_as(path)
    monkeypatch.setattr(slicer, "dicomDatabase", Files(study))
    package = take(made_of(a_logic, load_series(a_slicer_app, study)))
    assert notes_of(write(package, tmp_path / "out")) == (
        "StudyID of the source is not legal and was left out.",
    )


@pytest.mark.parametrize("day", ["2026-05-06", ""])
def test_an_image_of_a_growing_lesion_is_in_the_study_of_its_date(
    a_logic: Driven, a_slicer_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    """Of the same patient, in the same frame of reference; without a date in the source's study."""
    import pydicom

    from SlicerSynthLib.export import preview, take, write
    from SlicerSynthLib.lesion_marks import LesionMark, Study, mark_lesion
    from Testing.slicer.mrml_fixtures import Files

    files = a_t1_series(tmp_path / "study")
    monkeypatch.setattr(slicer, "dicomDatabase", Files(files))
    node = made_of(a_logic, load_series(a_slicer_app, files))
    study = Study("1.2.3.99", day.replace("-", ""), "1.2.3.98", "SYNTH-1")
    mark_lesion(node, LesionMark("abc", 1, day, study))
    package = take(node)
    tags = {line.tag: line.value for line in preview(package) if line.depth == 0}
    write(package, tmp_path / "out")
    before = pydicom.dcmread(next(files.iterdir()))
    after = pydicom.dcmread(next((tmp_path / "out").iterdir()))
    for keyword in ("PatientID", "PatientName", "FrameOfReferenceUID"):
        assert after[keyword].value == before[keyword].value
    expected = ("1.2.3.99", "20260506") if day else (before.StudyInstanceUID, before.StudyDate)
    assert (after.StudyInstanceUID, after.StudyDate) == expected
    assert (tags["(0020,000D)"], tags["(0008,0020)"]) == expected, "and it is shown before"


def test_never_over_anything(a_result: Any, tmp_path: Path) -> None:
    from SlicerSynthLib.export import take, write
    from SlicerSynthLib.export_places import new_folder
    from SynthCore.errors import InputError

    folder = new_folder(tmp_path, "CT")
    folder.mkdir()
    (folder / "kept.txt").write_text("kept")
    with pytest.raises(InputError):
        write(take(a_result), folder)
    assert [path.name for path in folder.iterdir()] == ["kept.txt"]
    assert new_folder(tmp_path, "CT") != folder


def test_what_was_changed_is_not_written(a_result: Any, tmp_path: Path) -> None:
    """A record must not go with voxels it knows nothing of."""
    from SlicerSynthLib.export import take, write
    from SynthCore.errors import InputError

    voxels = slicer.util.arrayFromVolume(a_result)
    voxels[2, 20, 20] += 100
    slicer.util.arrayFromVolumeModified(a_result)
    with pytest.raises(InputError, match="voxels of this volume were changed"):
        write(take(a_result), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_was_moved_is_not_written(a_result: Any) -> None:
    import vtk

    from SlicerSynthLib.export import take
    from SynthCore.errors import InputError

    transform = a_result.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 3, 30.0)
    transform.SetMatrixTransformToParent(matrix)
    a_result.SetAndObserveTransformNodeID(transform.GetID())
    with pytest.raises(InputError, match="moved or resampled"):
        take(a_result)


def test_only_synthetic_volumes(a_logic: Driven) -> None:
    from SlicerSynthLib.export import take
    from SynthCore.errors import InputError

    with pytest.raises(InputError, match="not synthetic"):
        take(a_t1(a_logic.scene))


def a_t1_series(folder: Path, spacing: tuple[float, float, float] = (4.0, 4.0, 5.0)) -> Path:
    """A small T1 with a patient and a study, as DICOM."""
    from datetime import datetime

    import numpy as np

    from SynthCore.dicom.phantom import PhantomStudy, mr_header, write_series
    from SynthCore.image import Image, make_affine

    k, j, i = np.indices((5, 48, 40))
    voxels = 50 + 300 * (((j - 24) ** 2 + (i - 20) ** 2) < 300) + k
    image = Image(voxels.astype("i2"), make_affine(spacing, (-80.0, -96.0, 10.0)))
    study = PhantomStudy(3, "1.2.3.4", "1.2.3.5", datetime(2026, 1, 2, 3, 4, 5))
    write_series(folder, image, mr_header("T1"), study, 1)
    return folder
