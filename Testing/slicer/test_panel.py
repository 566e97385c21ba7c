"""The panel, from the volumes that are loaded to a result in the views."""

from __future__ import annotations

from typing import Any

import pytest

from Testing.slicer.logic_fixtures import a_label_map, a_t1
from Testing.slicer.panel_fixtures import Clicked

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")


def test_volumes_are_put_where_they_belong(a_panel: Clicked) -> None:
    t1 = a_t1(slicer.mrmlScene, "T1 axial")
    t2 = a_t1(slicer.mrmlScene, "T2 axial")
    a_panel.spin(0.1)
    assert a_panel.panel.inputs.task.name == "mr-to-ct"
    assert a_panel.role("T1").currentNode() is t1 and a_panel.role("T2").currentNode() is t2
    assert not a_panel.role("FLAIR").isVisible()
    reasons = a_panel.ui.reasonLabel.text()
    assert "T1 suggested" in reasons and "Please check." in reasons
    assert "T1 suggested" in a_panel.role("T1").toolTip()


def test_what_a_person_chose_stays(a_panel: Clicked) -> None:
    first = a_t1(slicer.mrmlScene, "T1 axial")
    other = a_t1(slicer.mrmlScene, "a scan")
    a_panel.spin(0.1)
    a_panel.choose(a_panel.role("T1"), "a scan")
    assert a_panel.panel.inputs.given == {"T1": other}
    a_t1(slicer.mrmlScene, "T1 again")
    a_panel.spin(0.1)
    assert a_panel.panel.inputs.given == {"T1": other}
    assert "T1 suggested" not in a_panel.ui.reasonLabel.text()
    slicer.mrmlScene.RemoveNode(other)
    a_panel.spin(0.1)
    assert a_panel.panel.inputs.given == {"T1": first}, "what was chosen is gone: follow the scene"


def test_none_is_a_choice(a_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    a_t1(slicer.mrmlScene, "T2 axial")
    a_panel.spin(0.1)
    a_panel.choose(a_panel.role("T2"), "None")
    a_t1(slicer.mrmlScene, "T2 again")
    a_panel.spin(0.1)
    assert list(a_panel.panel.inputs.given) == ["T1"]


def test_the_task_says_what_is_asked(a_panel: Clicked) -> None:
    for name in ("T1", "T2", "FLAIR"):
        a_t1(slicer.mrmlScene, f"{name} axial")
    a_panel.spin(0.1)
    assert not a_panel.ui.targetRow.isVisible() and not a_panel.ui.maskRow.isVisible()
    a_panel.choose("taskCombo", "A missing MR sequence")
    assert a_panel.ui.targetRow.isVisible()
    assert a_panel.panel.inputs.target == "T1c", "the first that is not there"
    a_panel.choose("targetCombo", "FLAIR")
    assert set(a_panel.panel.run.order.inputs) == {"T1", "T2"}, "what is made is no input"
    assert not a_panel.role("FLAIR").isVisible()
    a_panel.choose("taskCombo", "Healthy tissue under a mask")
    assert a_panel.ui.maskRow.isVisible() and a_panel.role("FLAIR").isVisible()
    a_panel.click("synthesizeButton")
    assert "choose a segment or a label map" in a_panel.said


def test_the_only_mask_is_taken(a_panel: Clicked) -> None:
    source = a_t1(slicer.mrmlScene, "T1 axial")
    mask = a_label_map(slicer.mrmlScene, source)
    a_panel.spin(0.1)
    a_panel.choose("taskCombo", "Healthy tissue under a mask")
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode")
    a_panel.spin(0.1)
    assert a_panel.parameters.mask is mask
    a_panel.use("inpaint-biharmonic")  # the learned model refuses voxels of 4 mm
    a_panel.click("synthesizeButton")
    a_panel.idle()
    assert a_panel.parameters.result is not None, a_panel.said
    assert a_panel.parameters.result.GetName() == "SYNTHETIC T1 of T1 axial", a_panel.said


def test_segments_are_followed(a_panel: Clicked) -> None:
    source = a_t1(slicer.mrmlScene, "T1 axial")
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lesions")
    node.SetReferenceImageGeometryParameterFromVolumeNode(source)
    a_panel.spin(0.1)
    a_panel.choose("taskCombo", "Healthy tissue under a mask")
    a_panel.choose("maskSelector", "Lesions")
    assert not a_panel.ui.segmentCombo.isVisible()
    for name in ("edema", "core"):
        node.GetSegmentation().AddEmptySegment(name, name)
    a_panel.spin(0.1)
    assert [a_panel.ui.segmentCombo.itemText(row) for row in range(2)] == ["edema", "core"]
    a_panel.choose("segmentCombo", "core")
    assert a_panel.panel.run.order.segment == "core"


def test_models_come_ranked_with_their_card(a_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    box = a_panel.ui.modelCombo
    a_panel.until(box.count)
    models = [box.itemData(row) for row in range(box.count())]
    assert models[0] == "" and models[1:3] == ["mr-to-ct-extremity", "mr-to-ct-head"]
    assert models[-1] == "mr-to-ct-bulk-density", "the learned ones first"
    assert not a_panel.ui.cardText.isVisible()
    a_panel.click("cardButton")
    assert a_panel.ui.cardText.isVisible()
    listed = a_panel.ui.cardText.toPlainText()
    assert all(name in listed for name in models), "what Automatic chooses from"
    a_panel.use("mr-to-ct-extremity")
    assert "MAE" in box.toolTip()
    assert "Research software" in a_panel.ui.cardText.toPlainText()


def test_devices_come_with_their_memory(a_panel: Clicked) -> None:
    a_panel.panel.ask_engine()
    a_panel.until(lambda: a_panel.ui.deviceCombo.count() > 1)
    assert "GB free" in a_panel.ui.deviceCombo.itemText(1)
    assert "SynthCore" in a_panel.ui.engineLabel.text()


def test_a_time_is_said_once_it_was_measured(a_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.use("mr-to-ct-bulk-density")
    assert a_panel.ui.estimateLabel.text() == "Time: not measured yet on this machine."
    a_panel.click("synthesizeButton")
    a_panel.idle()
    assert "from 1 run on this machine" in a_panel.ui.estimateLabel.text()


def test_preview_then_synthesize(a_panel: Clicked) -> None:
    from SlicerSynthLib.attributes import is_synthetic
    from SlicerSynthLib.results import preview_node

    source = a_t1(slicer.mrmlScene, "T1 axial")
    slicer.util.setSliceViewerLayers(background=source, fit=True)
    a_panel.use("mr-to-ct-bulk-density")
    red = slicer.app.layoutManager().sliceWidget("Red")
    a_panel.click("previewButton")
    a_panel.idle()
    preview = preview_node(slicer.mrmlScene)
    assert preview is not None, a_panel.said
    words = a_panel.ui.stageLabel.text()
    assert words.startswith("Preview made by mr-to-ct-bulk-density on cpu in")
    composite = red.mrmlSliceCompositeNode()
    assert composite.GetForegroundVolumeID() == preview.GetID()
    assert composite.GetForegroundOpacity() == 1.0
    assert composite.GetBackgroundVolumeID() == source.GetID()

    ui = a_panel.ui

    def height() -> int:
        return int(ui.resultButton.y() - ui.previewButton.y())

    seen, places = [], {height()}
    a_panel.panel.logic.changed.connect(lambda job: places.add(height()))
    a_panel.panel.logic.changed.connect(
        lambda job: seen.append((ui.progressBar.isVisible(), ui.cancelButton.isEnabled()))
    )
    a_panel.click("synthesizeButton")
    a_panel.idle()
    assert places == {height()}, "something moves under the mouse"
    assert seen[0] == (True, True) and seen[-1] == (False, False)
    result = a_panel.parameters.result
    assert is_synthetic(result) and preview_node(slicer.mrmlScene) is None
    assert a_panel.ui.sideBySideButton.isChecked()
    assert red.mrmlSliceCompositeNode().GetBackgroundVolumeID() == source.GetID()
    assert a_panel.ui.stageLabel.text().startswith("Made by mr-to-ct-bulk-density on cpu in")
    assert not a_panel.ui.progressBar.isVisible() and not a_panel.ui.cancelButton.isEnabled()


def test_several_wait_and_one_is_cancelled(a_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.use("mr-to-ct-bulk-density")
    jobs = []
    for _ in range(3):
        a_panel.click("synthesizeButton")
        jobs = [*jobs, *[job for job in a_panel.panel.logic.jobs if job not in jobs]]
    assert len(jobs) == 3
    if len(a_panel.panel.logic.jobs) > 1:
        assert "waiting" in a_panel.ui.stageLabel.text()
    running = a_panel.panel.logic.running
    a_panel.click("cancelButton")
    a_panel.idle()
    assert running is not None and running.state in ("cancelled", "done")
    assert sum(job.state == "done" for job in jobs) >= 2


def test_a_refusal_is_one_sentence_with_details(a_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.use("mr-to-ct-extremity")
    a_panel.click("synthesizeButton")
    a_panel.idle()
    assert a_panel.said and "\n" not in a_panel.said
    assert a_panel.said.endswith("it takes the best one that does not refuse.")
    assert not a_panel.ui.messageText.isVisible()
    a_panel.click("messageButton")
    assert "Refused: " in a_panel.ui.messageText.toPlainText()
    a_panel.click("closeButton")
    assert not a_panel.said


def test_with_nothing_loaded_a_click_says_what_to_do(a_panel: Clicked) -> None:
    a_panel.spin(0.1)
    a_panel.click("synthesizeButton")
    assert a_panel.said == "No volume is chosen; choose one as T1, T1c or T2, or load one."
    a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.spin(0.1)
    assert not a_panel.said, "it no longer holds"


def test_it_fits_a_narrow_column(a_panel: Clicked) -> None:
    """Every section unfolded, a result and long names in it."""
    a_t1(slicer.mrmlScene, "T1 axial of a study with a very long series description, fat sat")
    a_panel.make()
    for section in ("compareSection", "exportSection", "engineSection"):
        a_panel.open_section(section)
    assert a_panel.widget.minimumSizeHint().width() <= 420
    assert a_panel.ui.researchLabel.isVisible()
    assert a_panel.ui.researchLabel.text() == "Research software. Not cleared for clinical use."


def test_the_parameters_hold_every_role() -> None:
    from SlicerSynthLib.parameters import PANEL_ROLES, Parameters

    kept: Any = Parameters
    assert {f"volume{role}" for role in PANEL_ROLES} <= set(kept.allParameters)
