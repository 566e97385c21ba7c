"""A result on a finer grid than its input's: in the scene, compared, previewed and exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from SynthCore.image import Image, make_affine
from SynthCore.physics.fine_grid import fine_grid
from Testing.slicer.logic_fixtures import Driven, a_t1
from Testing.slicer.mrml_fixtures import Files, load_series, oblique

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")

SHAPE = (6, 48, 40)
MODEL = "super-resolution-spline"


def finer(source: Any) -> Any:
    """The order of thin slices of a T1."""
    from SlicerSynthLib.orders import Order

    return Order("super-resolution", {"T1": source}, model=MODEL)


def test_the_result_lies_where_its_source_does_and_is_compared_with_it(a_logic: Driven) -> None:
    from SlicerSynthLib.attributes import is_synthetic, sources_of
    from SlicerSynthLib.difference import difference_node
    from SlicerSynthLib.nodes import grid_of

    affine = make_affine((1.0, 1.0, 3.6), (-20.0, 31.0, 12.0), oblique(20.0, False))
    source = a_t1(a_logic.scene, affine=affine, shape=SHAPE)
    job = a_logic.finish(a_logic.logic.synthesize(finer(source)))
    assert job.state == "done", job.message
    node = job.node
    voxels, place = grid_of(node)
    grid = fine_grid(Image(grid_of(source)[0], affine, "T1"))
    assert voxels.shape == grid.shape == (22, 48, 40)
    np.testing.assert_allclose(place, grid.affine, atol=1e-6)
    assert is_synthetic(node)
    assert sources_of(node)["T1"] is source
    # both fill the same box in the views
    boxes = [np.zeros(6), np.zeros(6)]
    for one, box in zip((source, node), boxes, strict=True):
        one.GetRASBounds(box)
    np.testing.assert_allclose(boxes[0], boxes[1], atol=1e-6)

    # between acquired slices the difference is from their linear interpolation
    minus = difference_node(a_logic.scene, node, source)
    shown, at = grid_of(minus)
    assert shown.shape == voxels.shape
    np.testing.assert_allclose(at, place, atol=1e-6)
    assert np.abs(np.median(shown[4:-4])) < 5

    # a source is scored as a reference on the result's grid
    scored = a_logic.finish(a_logic.logic.evaluate(node, source, "T1", task="super-resolution"))
    assert scored.state == "done", scored.message


def test_a_preview_is_a_slice_between_acquired_ones(a_logic: Driven) -> None:
    from SlicerSynthLib.nodes import grid_of
    from SlicerSynthLib.results import preview_node

    source = a_t1(a_logic.scene, affine=make_affine((1.0, 1.0, 4.0)), shape=SHAPE)
    job = a_logic.finish(a_logic.logic.preview(finer(source), (-3.0, -3.0, 9.4)))
    assert job.state == "done", job.message
    voxels, place = grid_of(preview_node(a_logic.scene))
    assert voxels.shape == (1, 48, 40)
    assert abs(place[2, 3] - 9.4) <= 0.5
    assert np.linalg.norm(place[:3, 2]) == pytest.approx(1.0)


def test_an_isotropic_volume_is_refused_with_a_reason(a_logic: Driven) -> None:
    source = a_t1(a_logic.scene, affine=make_affine((1.0, 1.0, 1.1)), shape=(30, 40, 40))
    job = a_logic.finish(a_logic.logic.synthesize(finer(source)))
    assert job.state == "refused"
    assert "isotropic already" in job.message


def test_it_is_exported_as_a_series_of_its_own_in_its_sources_study(
    a_logic: Driven, a_slicer_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pydicom

    from SlicerSynthLib.export import take, write
    from SlicerSynthLib.nodes import grid_of
    from SynthCore.dicom.read import read_dicom
    from SynthCore.files.verify import verify_folder
    from Testing.slicer.test_export import a_t1_series

    study = a_t1_series(tmp_path / "study", (1.5, 1.5, 5.0))
    monkeypatch.setattr(slicer, "dicomDatabase", Files(study), raising=False)
    source = load_series(a_slicer_app, study)
    job = a_logic.finish(a_logic.logic.synthesize(finer(source)))
    assert job.state == "done", job.message
    record = write(take(job.node), tmp_path / "out")
    voxels, affine = grid_of(job.node)
    assert len(record.output["instances"]) == len(voxels) > grid_of(source)[0].shape[0]
    assert verify_folder(tmp_path / "out").ok
    back = read_dicom(tmp_path / "out", modality="T1")
    corners = [
        image.affine @ np.array([0, 0, k, 1])
        for image in (back, Image(voxels, affine))
        for k in (0, len(voxels) - 1)
    ]
    found = sorted(tuple(np.round(c, 3)) for c in corners)
    assert back.shape == voxels.shape
    np.testing.assert_allclose(found[0], found[1], atol=2e-3)
    before = pydicom.dcmread(next(study.iterdir()), stop_before_pixels=True)
    after = pydicom.dcmread(next((tmp_path / "out").iterdir()))
    for keyword in ("StudyInstanceUID", "PatientID", "FrameOfReferenceUID"):
        assert after[keyword].value == before[keyword].value
    assert after.SyntheticData == "YES"
    assert after.Modality == "MR"
