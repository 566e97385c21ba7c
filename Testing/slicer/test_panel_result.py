"""After the run: what the checks said, the views, the comparison, the export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.slicer.logic_fixtures import a_label_map, a_t1
from Testing.slicer.panel_fixtures import Clicked

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")


def a_ct(like: Any) -> Any:
    """A CT of the same body, some HU off."""
    from SlicerSynthLib.nodes import grid_of, node_from_image
    from SynthCore.image import Image

    voxels, affine = grid_of(like)
    hu = np.where(voxels > 100, 60.0, -1000.0).astype("i2")
    return node_from_image(slicer.mrmlScene, Image(hu, affine), "planning CT")


def composite() -> Any:
    return slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()


def test_views(a_panel: Clicked) -> None:
    source = a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.spin(0.1)
    assert not a_panel.ui.sideBySideButton.isEnabled()
    result = a_panel.make()
    a_panel.click("overlayButton")
    assert composite().GetBackgroundVolumeID() == source.GetID()
    assert composite().GetForegroundVolumeID() == result.GetID()
    assert a_panel.ui.overlayButton.isChecked() and not a_panel.ui.sideBySideButton.isChecked()
    a_panel.ui.fadeSlider.setValue(80)
    a_panel.spin(0.05)
    assert composite().GetForegroundOpacity() == pytest.approx(0.8)
    assert not a_panel.ui.differenceButton.isEnabled(), "an MR and a CT have no difference"
    assert not a_panel.ui.uncertaintyButton.isEnabled(), "this model gives none"


def test_the_views_follow_the_result_that_is_chosen(a_panel: Clicked) -> None:
    """Else one result's pictures stand under another's name and checks."""
    source = a_t1(slicer.mrmlScene, "T1 axial")
    a_ct(source)
    first, second = a_panel.make(), a_panel.make()
    right = slicer.app.layoutManager().sliceWidget("Yellow").mrmlSliceCompositeNode()
    assert right.GetBackgroundVolumeID() == second.GetID()
    a_panel.choose("resultSelector", first.GetName())
    assert right.GetBackgroundVolumeID() == first.GetID()
    assert a_panel.ui.sideBySideButton.isChecked()
    a_panel.click("differenceButton")
    of_first = composite().GetForegroundVolumeID()
    a_panel.choose("resultSelector", second.GetName())
    assert composite().GetForegroundVolumeID() not in ("", None, of_first)
    assert a_panel.ui.differenceButton.isChecked()
    assert "red is higher" in a_panel.ui.viewLabel.text()


def test_a_result_without_the_view_of_the_last_one_is_shown_side_by_side(
    a_panel: Clicked,
) -> None:
    from SlicerSynthLib.attributes import TARGET

    a_ct(a_t1(slicer.mrmlScene, "T1 axial"))
    first, second = a_panel.make(), a_panel.make()
    second.SetAttribute(TARGET, "T2")  # nothing to compare it with
    a_panel.choose("resultSelector", first.GetName())
    a_panel.click("differenceButton")
    a_panel.choose("resultSelector", second.GetName())
    assert not a_panel.ui.differenceButton.isEnabled()
    assert a_panel.ui.sideBySideButton.isChecked() and a_panel.parameters.view == "sideBySide"


def test_a_button_lets_go_when_the_views_show_something_else(a_panel: Clicked) -> None:
    reference = a_ct(a_t1(slicer.mrmlScene, "T1 axial"))
    a_panel.make()
    a_panel.click("differenceButton")
    assert a_panel.parameters.reference is reference and a_panel.ui.viewLabel.text()
    other = a_t1(slicer.mrmlScene, "of somebody else")
    composite().SetBackgroundVolumeID(other.GetID())  # as loading does
    composite().SetForegroundVolumeID(None)
    a_panel.spin(0.2)
    buttons = ("sideBySide", "overlay", "difference", "uncertainty")
    assert not any(getattr(a_panel.ui, f"{one}Button").isChecked() for one in buttons)
    assert not a_panel.ui.viewLabel.text()
    a_panel.click("differenceButton")
    assert a_panel.ui.differenceButton.isChecked() and a_panel.ui.viewLabel.text()
    a_panel.ui.fadeSlider.setValue(30)
    a_panel.spin(0.2)
    assert a_panel.ui.differenceButton.isChecked(), "fading is no other picture"


def test_compare(a_panel: Clicked) -> None:
    source = a_t1(slicer.mrmlScene, "T1 axial")
    reference = a_ct(source)
    a_panel.make()
    a_panel.open_section("compareSection")
    assert a_panel.parameters.reference is reference, "the only CT that is not synthetic"
    a_panel.click("compareButton")
    a_panel.idle()
    table = a_panel.ui.metricsTable
    rows = {table.item(r, 0).text(): table.item(r, 1).text() for r in range(table.rowCount())}
    assert rows["MAE"].endswith(" HU") and float(rows["MAE"].split()[0]) > 0
    about = a_panel.ui.metricsLabel.text()
    assert "Preset synthrad2023." in about and "voxels" in about
    assert not a_panel.ui.histogramLabel.pixmap().isNull()

    a_panel.choose("presetCombo", "redcnn")
    a_panel.click("compareButton")
    a_panel.idle()
    assert "Preset redcnn." in a_panel.ui.metricsLabel.text()
    presets = [a_panel.ui.presetCombo.itemText(r) for r in range(a_panel.ui.presetCombo.count())]
    assert "brasyn" not in presets, "that one is for MR"

    a_panel.click("differenceButton")
    assert "red is higher" in a_panel.ui.viewLabel.text() and "HU" in a_panel.ui.viewLabel.text()
    a_panel.choose("referenceSelector", "T1 axial")
    assert not table.isVisible(), "those numbers were about another reference"


def test_the_reference_is_of_the_role_that_was_made(a_panel: Clicked) -> None:
    """A result of another role, and the reference of the last one does not stay."""
    from SlicerSynthLib.attributes import TARGET

    source = a_t1(slicer.mrmlScene, "T1 axial")
    reference = a_ct(source)
    made = a_panel.make()
    assert a_panel.parameters.reference is reference
    other = a_panel.make()
    assert a_panel.parameters.reference is reference, "of the same role"
    other.SetAttribute(TARGET, "T2")
    a_panel.choose("resultSelector", made.GetName())
    a_panel.choose("resultSelector", other.GetName())
    assert a_panel.parameters.reference is None, "there is no T2"
    a_panel.open_section("compareSection")
    assert not a_panel.ui.compareButton.isEnabled()
    assert not a_panel.ui.differenceButton.isEnabled()
    a_panel.choose("resultSelector", made.GetName())
    assert a_panel.parameters.reference is reference


def test_a_figure_is_shown_beside_its_limit_alone() -> None:
    from SlicerSynthLib.answers import check_lines

    check = {"name": "range", "outcome": "pass", "message": "It runs from 0 to 2474.", "value": 0.0}
    assert check_lines([check]) == ["Passed: It runs from 0 to 2474."]
    assert check_lines([check | {"limit": 5.0}])[0].endswith("2474. (0, limit 5)")


def test_a_result_is_no_reference_for_itself(a_panel: Clicked) -> None:
    """It would score perfectly, and so would what was computed from it."""
    from SlicerSynthLib.attributes import RECORD

    reference = a_ct(a_t1(slicer.mrmlScene, "T1 axial"))
    result = a_panel.make()
    a_panel.open_section("compareSection")
    a_panel.click("differenceButton")
    selector = a_panel.ui.referenceSelector
    for name in (result.GetName(), f"{result.GetName()} minus planning CT"):
        selector.setCurrentNode(slicer.util.getNode(name))
        selector.nodeActivated.emit(selector.currentNode())  # as a click does
        a_panel.spin(0.05)
        assert "cannot be its own reference" in a_panel.said
        assert a_panel.parameters.reference is reference is selector.currentNode()
    a_panel.choose("referenceSelector", "T1 axial")
    assert a_panel.parameters.reference is not reference and not a_panel.said
    slicer.mrmlScene.RemoveNode(reference)
    a_panel.parameters.reference = None
    result.RemoveAttribute(RECORD)  # as a phantom has none
    a_panel.panel.compare.result_changed()
    a_panel.spin(0.1)
    assert a_panel.parameters.reference is None, "it is not suggested either"


def test_the_numbers_are_scrolled_to(a_panel: Clicked) -> None:
    from PyQt5.QtWidgets import QScrollArea

    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(a_panel.widget)
    area.resize(440, 400)
    area.show()
    a_ct(a_t1(slicer.mrmlScene, "T1 axial"))
    a_panel.panel.refresh()
    a_panel.make()
    a_panel.open_section("compareSection")
    area.verticalScrollBar().setValue(0)
    a_panel.click("compareButton")
    a_panel.idle()
    a_panel.spin(0.2)
    table = a_panel.ui.metricsTable
    assert not table.visibleRegion().isEmpty()
    area.takeWidget()
    area.deleteLater()


def test_no_mask_lies_over_what_is_compared(a_panel: Clicked) -> None:
    source = a_t1(slicer.mrmlScene, "T1 axial")
    a_ct(source)
    mask = a_label_map(slicer.mrmlScene, source)
    a_panel.make()
    for button in ("sideBySideButton", "differenceButton"):
        composite().SetLabelVolumeID(mask.GetID())
        a_panel.click(button)
        assert composite().GetLabelVolumeID() is None
    assert slicer.mrmlScene.IsNodePresent(mask)


def test_the_plot_is_in_the_scene(a_panel: Clicked) -> None:
    a_ct(a_t1(slicer.mrmlScene, "T1 axial"))
    a_panel.make()
    a_panel.open_section("compareSection")
    a_panel.click("compareButton")
    a_panel.idle()
    a_panel.click("plotButton")
    a_panel.spin(0.2)
    chart = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLPlotChartNode")
    assert chart.GetNumberOfPlotSeriesNodes() == 2
    manager = slicer.app.layoutManager()
    if manager.plotViewCount:
        assert manager.plotWidget(0).mrmlPlotViewNode().GetPlotChartNodeID() == chart.GetID()
    for name in ("Red", "Yellow"):
        node = manager.sliceWidget(name).mrmlSliceNode()
        before = node.GetFieldOfView()
        manager.sliceWidget(name).fitSliceToBackground()
        assert node.GetFieldOfView() == pytest.approx(before), f"{name} was not fitted"


def test_export_to_a_folder(a_panel: Clicked, tmp_path: Path) -> None:
    import pydicom

    a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.make()
    a_panel.open_section("exportSection")
    assert not a_panel.ui.exportButton.isEnabled()
    a_panel.ui.exportFolder.setCurrentPath(str(tmp_path))
    a_panel.click("tagsButton")
    a_panel.until(lambda: a_panel.ui.tagsTable.isVisible())
    table = a_panel.ui.tagsTable
    tags = {table.item(r, 0).text(): table.item(r, 2).text() for r in range(table.rowCount())}
    assert tags["(0008,001C)"] == "YES" and tags["(0008,103E)"].startswith("SYNTHETIC")
    for count in (1, 2):
        a_panel.click("exportButton")
        a_panel.until(lambda n=count: len(list(tmp_path.iterdir())) == n)
        a_panel.until(lambda: "marked as synthetic" in a_panel.ui.exportLabel.text())
    folders = sorted(tmp_path.iterdir())
    assert len(folders) == 2, "nothing is written over"
    files = [pydicom.dcmread(path) for path in sorted(folders[0].iterdir())]
    assert len(files) == 5 and {file.SyntheticData for file in files} == {"YES"}


def test_export_into_a_folder_that_is_not_there(a_panel: Clicked, tmp_path: Path) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.make()
    a_panel.open_section("exportSection")
    a_panel.ui.exportFolder.setCurrentPath(str(tmp_path / "nowhere"))
    a_panel.click("exportButton")
    assert "is not there" in a_panel.said and not list(tmp_path.iterdir())


def test_an_earlier_result_can_be_chosen(a_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    first = a_panel.make()
    second = a_panel.make()
    assert a_panel.parameters.result is second
    a_panel.choose("resultSelector", first.GetName())
    assert a_panel.parameters.result is first
    box = a_panel.ui.resultSelector
    assert box.nodeCount() == 2, "only what is synthetic is offered"


def test_numbers_and_tags_of_another_result_are_not_shown(a_panel: Clicked) -> None:
    """The person goes on to another result before the answer is there."""
    a_ct(a_t1(slicer.mrmlScene, "T1 axial"))
    first = a_panel.make()
    a_panel.make()
    for name in ("compareSection", "exportSection"):
        a_panel.open_section(name)
    a_panel.panel.export.show_tags()
    a_panel.panel.compare.compare()
    a_panel.choose("resultSelector", first.GetName())
    a_panel.idle()
    a_panel.until(lambda: a_panel.ui.tagsButton.isEnabled())
    assert not a_panel.ui.metricsTable.isVisible() and not a_panel.ui.tagsTable.isVisible()
    a_panel.click("compareButton")
    a_panel.idle()
    assert a_panel.ui.metricsTable.isVisible()
    slicer.mrmlScene.RemoveNode(first)
    a_panel.spin(0.1)
    assert not a_panel.ui.metricsTable.isVisible(), "it was about what is gone"


@pytest.mark.parametrize("text", ["no JSON", "[1, 2]", '{"checks":[{"value":"x"},3],"warnings":5}'])
def test_a_record_that_cannot_be_read_leaves_a_working_panel(a_panel: Clicked, text: str) -> None:
    """A scene may come from anywhere."""
    from SlicerSynthLib.attributes import CARD, RECORD

    a_t1(slicer.mrmlScene, "T1 axial")
    odd, whole = a_panel.make(), a_panel.make()
    odd.SetAttribute(RECORD, text)
    odd.SetAttribute(CARD, text)
    a_panel.choose("resultSelector", odd.GetName())
    a_panel.open_section("exportSection")
    a_panel.click("tagsButton")
    assert "record" in a_panel.said
    a_panel.choose("resultSelector", whole.GetName())
    assert a_panel.parameters.result is whole and a_panel.ui.checksLabel.text()
