"""A real study of a thigh: CT made from its MR, looked at, cancelled, compared, exported, saved."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import slicer
from PyQt5.QtGui import QImage

import SynthCore
from SlicerSynthLib.attributes import record_of, sources_of
from SlicerSynthLib.nodes import grid_of
from SynthCore.files.verify import verify_folder
from Testing.slicer.heartbeat import LOOSE
from Testing.slicer.journeys.look import (
    is_whole,
    job_runs,
    made,
    marked,
    node_names,
    shown_in,
    synthetic,
    table,
    view,
    wait_until_idle,
)
from Testing.slicer.journeys.person import Person, pixels_of
from Testing.slicer.mrml_fixtures import yellow

CANCEL_LIMIT = 1.0
"""Seconds; a busy machine is given `LOOSE` times as much."""
KEPT = (
    "taskCombo", "volumeT1Selector", "volumeT1cSelector", "modelCombo", "deviceCombo",
    "resultSelector", "checksLabel", "referenceSelector", "presetCombo", "estimateLabel",
)  # fmt: skip
"""What the panel shows of the scene's parameters."""


def test_a_study_is_opened(person: Person, thigh: Path) -> None:
    person.answer_file_dialog(thigh)
    person.tool("Open folder")
    person.wait(person.find("seriesListView").isVisible, "the list of series")
    lines = [person.find("seriesListView").item(n).text() for n in range(3)]
    assert [line.split(":")[0] for line in lines] == ["CT", "PET", "T1?"]
    person.toggle("seriesListView", "PET")
    person.click("loadSeriesButton")
    person.wait(lambda: "MR_T1" in person.read("volumeT1Selector"), "the MR")
    assert [name.split("_STS_010_")[1] for name in node_names()] == ["CT_image", "MR_T1_image"]


def test_the_panel_is_filled_in(person: Person) -> None:
    person.wait(lambda: "Automatic (" in person.read("modelCombo"), "the models")
    assert person.read("taskCombo") == "CT numbers from MR"
    assert person.read("volumeT1cSelector") == person.read("volumeT2Selector") == "None"
    assert "T1 suggested: by words alone" in person.read("reasonLabel")
    assert "GB free" in person.read("deviceCombo")
    assert "depends on the model" in person.read("estimateLabel")


def test_a_preview_is_shown_in_place(person: Person) -> None:
    source, _ = shown_in("Red")
    offset = slicer.app.layoutManager().sliceWidget("Red").sliceLogic().GetSliceOffset()
    assert not marked(person, "Red")
    before = person.see(view("Red"))
    person.click("previewButton")
    wait_until_idle(person, "the preview")
    person.wait(lambda: marked(person, "Red"), "the mark", 5)
    background, preview = shown_in("Red")
    assert background is source and preview.GetName().startswith("SYNTHETIC CT preview")
    bounds = [0.0] * 6
    preview.GetRASBounds(bounds)
    assert bounds[4] < offset < bounds[5] and bounds[5] - bounds[4] < 4, "one slice, the one seen"
    assert np.abs(person.see(view("Red")).astype(int) - before).mean() > 5, "nothing to be seen"
    assert synthetic() == [preview]
    assert person.read("modelCombo") == "Automatic: mr-to-ct-extremity"
    assert "not measured yet on this machine" in person.read("estimateLabel")


def test_a_volume_is_made(person: Person) -> None:
    person.click("synthesizeButton")
    person.wait(lambda: "%" in person.read("stageLabel"), "progress")
    assert person.find("progressBar").isVisible() and job_runs(person)
    wait_until_idle(person, "the synthesis")
    (node,) = synthetic()
    assert person.read("messageLabel") == ""
    assert "Made by mr-to-ct-extremity on cpu" in person.read("stageLabel")
    assert person.read("resultSelector") == node.GetName()
    said = person.read("checksLabel")
    assert said.startswith("By mr-to-ct-extremity ") and ". All " in said
    assert "from 1 run on this machine" in person.read("estimateLabel")
    assert json.loads(record_of(node))["inputs"]["T1"]


def test_it_is_shown_beside_its_source(person: Person) -> None:
    (node,) = synthetic()
    assert (shown_in("Red")[0], shown_in("Yellow")[0]) == (sources_of(node)["T1"], node)
    person.wait(lambda: marked(person, "Yellow"), "the mark", 5)
    assert not marked(person, "Red"), "the real volume is not synthetic"
    person.wait(lambda: is_whole("Red") and is_whole("Yellow"), "the whole slice in both", 5)
    person.click("checksButton")
    assert "Passed: " in person.find("checksText").toPlainText()
    person.click("overlayButton")
    person.wait(lambda: marked(person, "Red") and marked(person, "Green"), "the marks", 5)
    assert "MR_T1" in shown_in("Red")[0].GetName() and shown_in("Red")[1] is node


def test_one_is_cancelled(person: Person) -> None:
    before = node_names()
    for _ in range(2):
        person.click("synthesizeButton")
    person.wait(lambda: "1 waiting" in person.read("stageLabel"), "the queue")
    person.click("cancelButton")
    unclear = ("waiting", "Stopping")
    waited = person.wait(
        lambda: not any(word in person.read("stageLabel") for word in unclear), "its end"
    )
    assert waited < LOOSE * CANCEL_LIMIT
    assert node_names() == before, "something was left behind"
    wait_until_idle(person, "the second")
    assert len(synthetic()) == 2, "the first was to be cancelled, the second to be made"
    first, second = synthetic()
    np.testing.assert_array_equal(grid_of(first)[0], grid_of(second)[0])


def test_it_is_compared(person: Person) -> None:
    person.unfold("compareSection")
    assert "CT_image" in person.read("referenceSelector")
    person.click("compareButton")
    person.wait(person.find("metricsTable").isVisible, "the metrics")
    metrics = {name: value for name, value, *_ in table(person, "metricsTable")}
    assert 30 < float(metrics["MAE"].removesuffix(" HU")) < 70, metrics
    assert "Preset synthrad2023. Mask: the body in the reference" in person.read("metricsLabel")
    assert not person.find("histogramLabel").pixmap().isNull()
    person.click("differenceButton")
    person.wait(lambda: marked(person, "Red"), "the mark", 5)
    assert "red is higher" in person.read("viewLabel")


def test_it_is_exported(person: Person, tmp_path: Path) -> None:
    person.unfold("exportSection")
    person.type("exportFolder", str(tmp_path))
    person.click("tagsButton")
    person.wait(person.find("tagsTable").isVisible, "the tags")
    tags = {name.strip(): value for _, name, value in table(person, "tagsTable")}
    assert tags["Image Type"].startswith("DERIVED") and "SYNTHETIC" in tags["Series Description"]
    person.click("exportButton")
    person.wait(lambda: "59 files, marked" in person.read("exportLabel"), "the files")
    (folder,) = tmp_path.iterdir()
    image = SynthCore.read(folder)
    voxels, affine = grid_of(made()[-1])
    np.testing.assert_array_equal(image.voxels, np.round(voxels).astype(image.voxels.dtype))
    np.testing.assert_allclose(image.affine, affine, atol=1e-3)
    assert verify_folder(folder).ok


def test_a_screenshot_is_marked(person: Person, tmp_path: Path) -> None:
    person.click("sideBySideButton")
    person.wait(lambda: marked(person, "Yellow"), "the mark", 5)
    person.answer_file_dialog(tmp_path / "window.png")
    person.tool("Screenshot")
    picture = pixels_of(QImage(str(tmp_path / "window.png")))
    assert picture.shape[:2] == (person.window.height(), person.window.width())
    assert int(yellow(picture).sum()) > 60


def test_a_saved_scene_comes_back(person: Person, tmp_path: Path) -> None:
    node = made()[-1]
    kept = {name: person.read(name) for name in KEPT}
    record, name = record_of(node), node.GetName()
    person.answer_file_dialog(tmp_path / "thigh.mrb")
    person.tool("Save scene")
    person.wait((tmp_path / "thigh.mrb").is_file, "the file")
    slicer.mrmlScene.Clear(0)
    person.wait(lambda: person.read("volumeT1Selector") == "None", "an empty panel")
    person.answer_file_dialog(tmp_path / "thigh.mrb")
    person.tool("Open file")
    person.wait(lambda: person.read("resultSelector") == name, "the scene")
    assert {name: person.read(name) for name in KEPT} == kept
    assert record_of(made()[-1]) == record
    person.wait(lambda: marked(person, "Yellow"), "the mark", 10)
    assert not marked(person, "Red")
