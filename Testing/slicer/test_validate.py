"""The Validate section on real widgets and a real engine: what a click finds, shows and keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.slicer.logic_fixtures import a_t1
from Testing.slicer.panel_fixtures import Clicked
from Testing.slicer.rt_files import write_rt_dose

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")

SHAPE = (8, 48, 40)


def a_leg(t1: Any, shift: float = 0.0) -> Any:
    """CT numbers for the body of `a_t1`: bone, muscle and fat; shifted in the body."""
    from SlicerSynthLib.nodes import grid_of
    from SynthCore.image import Image

    voxels, affine = grid_of(t1)
    _, j, i = np.indices(voxels.shape)
    far = (j - 24) ** 2 + (i - 20) ** 2
    hu = np.select([voxels < 100, far < 40, far < 200], [-1000.0, 700.0, 55.0], -95.0)
    return Image(np.where(hu > -300, hu + shift, hu).astype(np.float32), affine, "CT", "HU")


def make_scene(shift: float = 20.0) -> tuple[Any, Any, Any]:
    """A T1, a CT said to be made from it, and the real CT that this one is some HU above."""
    from SlicerSynthLib.attributes import mark
    from SlicerSynthLib.nodes import node_from_image

    scene = slicer.mrmlScene
    t1 = a_t1(scene, "T1 axial", shape=SHAPE)
    real = node_from_image(scene, a_leg(t1), "planning CT")
    made = node_from_image(scene, a_leg(t1, shift), "SYNTHETIC CT of T1 axial")
    record = {"task": "mr-to-ct", "target": "CT", "model": "m", "inputs": {}}
    mark(made, record=json.dumps(record), sources={"T1": t1})
    return t1, real, made


def target_in(like: Any) -> Any:
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "PTV-label")
    voxels = np.zeros(SHAPE, np.uint8)
    voxels[3:5, 20:28, 24:30] = 1
    slicer.util.updateVolumeFromArray(node, voxels)
    node.CopyOrientation(like)
    return node


def doses_in(like: Any, folder: Path) -> list[Any]:
    """Two doses around the target on a coarse grid of their own, the second 5% lower."""
    from SlicerSynthLib.doses import open_dose
    from SlicerSynthLib.nodes import grid_of
    from SynthCore.image import Image

    affine = grid_of(like)[1] @ np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = (grid_of(like)[1] @ (20.0, 16.0, 0.5, 1.0))[:3]
    _, j, i = np.indices((4, 10, 9), dtype=float)
    ball = np.exp(-((((j - 4) / 5) ** 2 + ((i - 3.5) / 5) ** 2) ** 2))
    return [
        open_dose(
            slicer.mrmlScene,
            write_rt_dose(folder / f"{name}.dcm", Image(most * ball, affine, "", "Gy")),
        )
        for name, most in (("on the real CT", 60.0), ("on the synthetic CT", 57.0))
    ]


def findings(panel: Clicked) -> list[tuple[str, str, str]]:
    """Sign, title and value of every finding that the table shows."""
    table = panel.ui.findingsTable
    assert table.isVisible()
    return [
        tuple(table.item(row, column).text() for column in range(3))
        for row in range(0, table.rowCount(), 2)
    ]


def test_the_first_click_needs_no_real_ct(a_panel: Clicked) -> None:
    t1, _, made = make_scene()
    a_panel.spin(0.1)
    p = a_panel.parameters
    assert (p.checkSynthetic, p.checkMr, p.checkReference) == (made, t1, None)
    a_panel.open_section("validateSection")
    assert not a_panel.ui.findingsTable.isVisible() and not a_panel.ui.saveReportButton.isEnabled()
    assert "not cleared for clinical use" in a_panel.ui.checkResearchLabel.text()
    a_panel.click("validateButton")
    assert a_panel.ui.validateProgressBar.isVisible()
    assert not a_panel.ui.validateButton.isEnabled()
    a_panel.until(lambda: "%" in a_panel.ui.validateStageLabel.text())
    a_panel.idle()
    assert not a_panel.said and not a_panel.ui.validateProgressBar.isVisible()
    assert "nobody has signed" in a_panel.ui.verdictLabel.text()
    found = findings(a_panel)
    order = ["\u2715", "!", "\u2713", ""]
    assert [one[0] for one in found] == sorted((one[0] for one in found), key=order.index)
    titles = [one[1] for one in found]
    assert any("outlines of MR" in title for title in titles)
    assert not any("Mean absolute error" in title for title in titles), "there is no real CT"
    assert a_panel.ui.saveReportButton.isEnabled() and not a_panel.ui.dvhButton.isEnabled()
    slicer.mrmlScene.RemoveNode(t1)
    a_panel.spin(0.1)
    assert not a_panel.ui.findingsTable.isVisible(), "that was with an MR"
    a_panel.click("validateButton")
    a_panel.idle()
    assert not any("outlines of MR" in title for _, title, _ in findings(a_panel))
    a_panel.choose("checkReferenceSelector", "planning CT")
    assert not a_panel.ui.findingsTable.isVisible(), "that was about less"
    assert not a_panel.ui.verdictLabel.isVisible() and not a_panel.ui.saveReportButton.isEnabled()


def test_against_a_real_ct_with_doses(
    a_panel: Clicked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pymedphys", reason="gamma needs pymedphys")
    _, real, made = make_scene()
    target_in(made)
    doses = doses_in(made, tmp_path)
    a_panel.spin(0.1)
    a_panel.open_section("validateSection")
    a_panel.open_section("checkMoreButton")
    a_panel.choose("checkReferenceSelector", "planning CT")
    a_panel.choose("checkStructuresSelector", "PTV-label")
    a_panel.choose("checkTargetCombo", "target: PTV-label")
    a_panel.choose("doseReferenceSelector", "on the real CT")
    a_panel.click("validateButton")
    assert "Two doses" in a_panel.said, "and nothing is sent"
    assert not a_panel.panel.logic.jobs
    a_panel.choose("doseSyntheticSelector", "on the synthetic CT")
    assert not a_panel.said
    a_panel.ui.checkBeamsLine.setText("north")
    a_panel.ui.checkBeamsLine.textEdited.emit("north")
    a_panel.click("validateButton")
    assert "'north' is not an angle" in a_panel.said
    a_panel.ui.checkBeamsLine.setText("0, 90")
    a_panel.ui.checkBeamsLine.textEdited.emit("0, 90")
    a_panel.click("validateButton")
    a_panel.idle()
    assert not a_panel.said, a_panel.said
    assert a_panel.ui.verdictLabel.text().startswith("Not accepted")
    found = {title: (sign, value) for sign, title, value in findings(a_panel)}
    assert {t for t in found if t.startswith("Path length to")} >= {
        "Path length to PTV-label, gantry 0", "Path length to PTV-label, gantry 90",
    }  # fmt: skip
    sign, value = found["D50 of PTV-label"]
    assert sign == "\u2715" and value.startswith("-5.0") and "within" in value

    a_panel.click("dvhButton")
    manager = slicer.app.layoutManager()
    chart = manager.plotWidget(0).mrmlPlotViewNode().GetPlotChartNode()
    assert chart.GetNumberOfPlotSeriesNodes() == 2
    assert chart.GetNthPlotSeriesNode(1).GetName() == "PTV-label, synthetic CT"

    a_panel.click("doseShownButton")
    composite = manager.sliceWidget("Red").mrmlSliceCompositeNode()
    assert composite.GetBackgroundVolumeID() == made.GetID()
    assert composite.GetForegroundVolumeID() == doses[1].GetID()
    assert manager.sliceWidget("Red").mrmlSliceNode().GetUseLabelOutline(), "or it hides the dose"
    assert doses[1].GetDisplayNode().GetWindow() == pytest.approx(
        max(slicer.util.arrayFromVolume(doses[0]).max(), 0), rel=1e-5
    ), "both doses have the same colors for the same Gy"
    a_panel.choose("doseShownCombo", "on the real CT")
    a_panel.click("doseShownButton")
    assert composite.GetBackgroundVolumeID() == real.GetID()
    assert composite.GetForegroundVolumeID() == doses[0].GetID()

    from Desktop.qt_module import QFileDialog

    for path, said in ((tmp_path / "check", ""), (tmp_path / "check.html", "written over")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: str(path))
        a_panel.click("saveReportButton")
        assert said in a_panel.said and bool(said) == bool(a_panel.said)
    page = (tmp_path / "check.html").read_text("utf-8")
    assert "PTV-label" in page and "planning CT" not in page, "no name of a node leaves the scene"


def test_an_empty_structure_is_told_with_the_answer(a_panel: Clicked) -> None:
    _, _, made = make_scene()
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "structures")
    node.SetReferenceImageGeometryParameterFromVolumeNode(made)
    node.GetSegmentation().AddEmptySegment("couch", "Couch")
    a_panel.spin(0.1)
    a_panel.open_section("validateSection")
    a_panel.open_section("checkMoreButton")
    a_panel.choose("checkStructuresSelector", "structures")
    a_panel.click("validateButton")
    a_panel.idle()
    assert not a_panel.said, a_panel.said
    assert findings(a_panel)
    assert "Couch is empty and is left out." in a_panel.ui.checkAboutLabel.text()


def test_one_is_cancelled_and_another_choice_cancels(a_panel: Clicked) -> None:
    make_scene()
    a_panel.spin(0.1)
    a_panel.open_section("validateSection")
    a_panel.click("validateButton")
    a_panel.click("validateCancelButton")
    a_panel.idle()
    assert "Cancelled" in a_panel.ui.validateStageLabel.text()
    assert a_panel.ui.validateButton.isEnabled() and not a_panel.ui.findingsTable.isVisible()
    a_panel.click("validateButton")
    a_panel.choose("checkMrSelector", "None")
    a_panel.idle()
    assert not a_panel.ui.findingsTable.isVisible() and a_panel.ui.validateButton.isEnabled()


def test_choices_are_kept_in_the_parameter_node(a_panel: Clicked, tmp_path: Path) -> None:
    t1, real, made = make_scene()
    node = target_in(made)
    a_panel.spin(0.1)
    a_panel.open_section("validateSection")
    a_panel.open_section("checkMoreButton")
    a_panel.choose("checkReferenceSelector", "planning CT")
    a_panel.choose("checkStructuresSelector", "PTV-label")
    a_panel.choose("checkTargetCombo", "target: PTV-label")
    a_panel.choose("checkCurveKindCombo", "relative electron density")
    a_panel.ui.checkThresholdsPath.setProperty("currentPath", "site.toml")
    a_panel.ui.checkPrescriptionLine.setText("60")
    a_panel.ui.checkPrescriptionLine.textEdited.emit("60")
    a_panel.panel.context.reload_parameters()
    a_panel.panel.refresh()
    p = a_panel.parameters
    assert (p.checkSynthetic, p.checkMr, p.checkReference) == (made, t1, real)
    assert (p.checkStructures, p.checkTarget) == (node, "label map")
    assert (p.checkCurveKind, p.checkThresholds, p.checkPrescription) == ("red", "site.toml", "60")
    slicer.mrmlScene.RemoveNode(real)
    a_panel.spin(0.1)
    assert p.checkReference is None and a_panel.ui.checkReferenceSelector.currentNode() is None
    a_panel.click("validateButton")
    assert "site.toml cannot be read" in a_panel.said
    slicer.mrmlScene.Clear(0)
    a_panel.spin(0.2)
    assert a_panel.ui.checkThresholdsPath.property("currentPath") == ""
    a_panel.click("validateButton")
    assert "No synthetic CT is chosen" in a_panel.said
    make_scene()
    a_panel.spin(0.2)
    assert not a_panel.said, "it is no longer so"
