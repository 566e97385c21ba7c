"""The uncertainty goes with the image: the same kind of file that the command line writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.slicer.calibrated_model import write_calibrated
from Testing.slicer.logic_fixtures import Driven, a_t1
from Testing.slicer.mrml_fixtures import load_series
from Testing.slicer.panel_fixtures import Clicked
from Testing.slicer.test_export import a_t1_series
from Testing.slicer.test_panel_uncertainty import a_panel_with_a_model, check

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("torch", reason="torch is missing")

__all__ = ["a_panel_with_a_model"]


@pytest.fixture
def a_calibrated_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model folder with a calibration, found by every engine that starts now."""
    monkeypatch.setenv("SYNTHCORE_MODELS", str(tmp_path / "models"))
    return write_calibrated(tmp_path / "models" / "calibrated")


@pytest.fixture
def a_result(
    a_calibrated_model: Path, a_logic: Driven, a_slicer_app: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:  # fmt: skip
    """A synthetic CT with its uncertainty, of a T1 from DICOM."""
    from SlicerSynthLib.orders import Order
    from SynthCore.request import Options
    from Testing.slicer.mrml_fixtures import Files

    study = a_t1_series(tmp_path / "study")
    monkeypatch.setattr(slicer, "dicomDatabase", Files(study))
    source = load_series(a_slicer_app, study)
    options = Options(uncertainty=True)
    order = Order("mr-to-ct", {"T1": source}, model="calibrated", options=options)
    job = a_logic.finish(a_logic.logic.synthesize(order))
    assert job.state == "done", job.message
    yield job.node


def test_both_are_written_and_verified(a_result: Any, tmp_path: Path) -> None:
    from SlicerSynthLib.export import count_of, take, write
    from SlicerSynthLib.nodes import grid_of
    from SlicerSynthLib.results import uncertainty_of
    from SynthCore.dicom.uncertainty_map import is_map, read_map
    from SynthCore.files.verify import verify_folder

    package = take(a_result)
    assert count_of(package, write(package, tmp_path / "out")) == 6
    names = sorted(p.relative_to(tmp_path / "out").as_posix() for p in tmp_path.rglob("out/**/*"))
    images = [f"synthetic-CT/IMG{n:04d}.dcm" for n in range(1, 6)]
    assert names == ["synthetic-CT", "synthetic-CT-uncertainty.dcm", *images]
    path = tmp_path / "out" / "synthetic-CT-uncertainty.dcm"
    assert is_map(path) and verify_folder(tmp_path / "out").ok
    sigma, (voxels, affine) = read_map(path), grid_of(uncertainty_of(a_result))
    place = np.linalg.inv(affine) @ sigma.affine  # the map's slices have an order of their own
    k, j, i = np.indices(sigma.shape).reshape(3, -1)
    there = np.rint(place @ [i, j, k, np.ones_like(i)]).astype(int)
    np.testing.assert_array_equal(sigma.voxels.ravel(), voxels[there[2], there[1], there[0]])
    assert sigma.voxels.max() > 20
    data = bytearray(path.read_bytes())
    at = data.find(np.float32(sigma.voxels.max()).tobytes())
    data[at + 1] ^= 1
    path.write_bytes(data)
    assert not verify_folder(tmp_path / "out").ok


def test_it_is_what_the_command_line_writes(
    a_result: Any, a_calibrated_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Element for element, but for what names this one object and this moment."""
    import pydicom

    from SlicerSynthLib.export import take, write
    from SynthCore.cli.main import main

    write(take(a_result), tmp_path / "out")
    arguments = ["run", "mr-to-ct", "--input", f"T1={tmp_path / 'study'}", "--uncertainty",
                 "--model", str(a_calibrated_model), "--out", str(tmp_path / "cli")]  # fmt: skip
    assert main([*arguments, "--json"]) == 0
    made = Path(json.loads(capsys.readouterr().out)["uncertainty"])
    ours, theirs = (pydicom.dcmread(p) for p in (tmp_path / "out" / made.name, made))
    assert [e.tag for e in ours.iterall()] == [e.tag for e in theirs.iterall()]
    np.testing.assert_array_equal(ours.pixel_array, theirs.pixel_array)
    differing = {
        a.keyword for a, b in zip(ours, theirs, strict=True) if a.VR != "SQ" and a.value != b.value
    }
    moment = {"InstanceCreationDate", "InstanceCreationTime", "ContentDate", "ContentTime",
              "SeriesDate", "SeriesTime"}  # fmt: skip
    assert differing <= {"SOPInstanceUID", "SeriesInstanceUID", ""} | moment, differing
    assert ours.StudyInstanceUID == theirs.StudyInstanceUID


def test_what_was_changed_or_moved_is_not_written(a_result: Any, tmp_path: Path) -> None:
    from SlicerSynthLib.export import take, write
    from SlicerSynthLib.results import uncertainty_of
    from SynthCore.errors import InputError

    sigma = uncertainty_of(a_result)
    with pytest.raises(InputError, match="its uncertainty goes with it"):
        take(sigma)
    spacing = sigma.GetSpacing()
    sigma.SetSpacing(1.0, 1.0, 1.0)
    with pytest.raises(InputError, match="uncertainty of this volume was moved"):
        take(a_result)
    sigma.SetSpacing(*spacing)
    slicer.util.arrayFromVolume(sigma)[2, 20, 20] += 1
    slicer.util.arrayFromVolumeModified(sigma)
    with pytest.raises(InputError, match="uncertainty of this volume was changed"):
        write(take(a_result), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    write(take(a_result, uncertainty=False), tmp_path / "out")
    assert len(list((tmp_path / "out").glob("*.dcm"))) == 5
    a_result.GetScene().RemoveNode(sigma)
    write(take(a_result), tmp_path / "again")
    assert len(list((tmp_path / "again").glob("*.dcm"))) == 5, "there is none any more"


def test_the_panel_offers_both(a_panel_with_a_model: Clicked, tmp_path: Path) -> None:
    pytest.importorskip("PyQt5", reason="PyQt5 is missing")
    from SynthCore.files.verify import verify_folder

    panel = a_panel_with_a_model
    a_t1(slicer.mrmlScene, "T1 axial")
    panel.make()
    panel.open_section("exportSection")
    assert not panel.ui.exportWhatRow.isVisible(), "this one has no uncertainty"
    panel.use("calibrated")
    check(panel)
    panel.click("synthesizeButton")
    panel.idle()
    assert panel.ui.exportWhatRow.isVisible()
    assert panel.ui.exportWhatCombo.currentText() == "image and uncertainty map"
    out = tmp_path / "exported"
    out.mkdir()
    panel.ui.exportFolder.setCurrentPath(str(out))
    panel.click("exportButton")
    panel.until(lambda: "6 files, marked as synthetic" in panel.ui.exportLabel.text())
    assert verify_folder(out).ok and len(list(out.glob("*/*-uncertainty.dcm"))) == 1
    panel.choose("exportWhatCombo", "image alone")
    panel.click("exportButton")
    panel.until(lambda: "5 files, marked as synthetic" in panel.ui.exportLabel.text())
    assert len(list(out.rglob("*-uncertainty.dcm"))) == 1 and panel.said == ""
