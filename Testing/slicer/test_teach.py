"""The Teach section on real widgets and a real engine: from what lies in the scene to a page."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.slicer.logic_fixtures import a_t1
from Testing.slicer.panel_fixtures import Clicked

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")

SHAPE = (8, 48, 40)


def a_scene() -> tuple[Any, Any, Any]:
    """A T1 with a patient's name, the same marked as synthetic, and a label map on it."""
    from SlicerSynthLib.attributes import mark

    scene = slicer.mrmlScene
    first = a_t1(scene, "T1 Doe^Jane", shape=SHAPE)
    other = a_t1(scene, "T1 without", shape=SHAPE)
    record = {"task": "inpaint", "target": "T1", "model": "m", "inputs": {}}
    mark(other, record=json.dumps(record), sources={"T1": first})
    truth = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "lesion-label")
    voxels = np.zeros(SHAPE, np.uint8)
    voxels[3:5, 20:28, 24:30] = 1
    slicer.util.updateVolumeFromArray(truth, voxels)
    truth.CopyOrientation(first)
    return first, other, truth


def write(panel: Clicked, **texts: str) -> None:
    """Type into the fields."""
    from PyQt5.QtTest import QTest

    for name, text in texts.items():
        field = getattr(panel.ui, name)
        if name.endswith("Text"):
            field.setPlainText(text)
        else:
            field.clear()
            QTest.keyClicks(field, text)
    panel.spin(0.05)


def sealed_in(page: str) -> dict[str, Any]:
    found = re.search(r'"sealed": "([^"]+)"', page)
    assert found is not None
    return json.loads(base64.b64decode(found.group(1)))


def test_a_page_is_made_and_saved(
    a_panel: Clicked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import qt

    first, other, truth = a_scene()
    a_panel.spin(0.1)
    a_panel.open_section("teachSection")
    assert "not for diagnosis" in a_panel.ui.teachResearchLabel.text()
    assert not a_panel.ui.savePageButton.isEnabled()
    a_panel.click("teachButton")
    assert "No images are chosen" in a_panel.said and not a_panel.panel.logic.jobs
    a_panel.choose("teachFirstSelector", first.GetName())
    assert not a_panel.said, "that is no longer so"
    a_panel.choose("teachCompareSelector", other.GetName())
    a_panel.choose("teachTruthSelector", truth.GetName())
    a_panel.click("teachButton")
    assert "no title" in a_panel.said
    write(
        a_panel, teachTitleLine="Headache", teachQuestionLine="What is it?",
        teachChoicesText="Abscess\n\nGlioma\n", teachAnswerLine="Tumor",
        teachHistoryText="Headache <b>.", teachDiscussionText="A ring.",
    )  # fmt: skip
    a_panel.click("teachButton")
    assert "not one of the choices" in a_panel.said
    write(a_panel, teachAnswerLine="Glioma")
    assert not a_panel.said
    a_panel.click("teachButton")
    assert a_panel.ui.teachProgressBar.isVisible() and not a_panel.ui.teachButton.isEnabled()
    a_panel.idle()
    assert not a_panel.said, a_panel.said
    assert "MB" in a_panel.ui.teachStageLabel.text()
    target = tmp_path / "page.html"
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *_: str(target))
    a_panel.click("savePageButton")
    page = target.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and "Headache" in page and "<b>." not in page
    assert "Doe" not in page and "Jane" not in page, "names of nodes stay here"
    sealed = sealed_in(page)
    assert sealed["answer"] == "Glioma" and sealed["right"] == 1 and sealed["truth"] == "Finding"
    assert len(sealed["keys"]) == 1, "the slice through the middle of the truth"
    cases = json.loads(re.search(r'id="cases">(.*?)</script>', page, re.S).group(1))  # type: ignore[union-attr]
    (series,) = cases[0]["series"]
    assert series["name"] == "T1" and not series["synthetic"]
    assert series["compare"]["synthetic"] and series["compare"]["shown"] == "answer"
    assert sum(one is not None for one in series["truth"]) == 2
    a_panel.click("savePageButton")
    assert "nothing is written over" in a_panel.said


def test_a_page_goes_with_what_it_was_about(a_panel: Clicked) -> None:
    first, other, _ = a_scene()
    a_panel.spin(0.1)
    a_panel.open_section("teachSection")
    a_panel.choose("teachFirstSelector", first.GetName())
    a_panel.choose("teachSecondSelector", other.GetName())
    write(a_panel, teachTitleLine="A", teachQuestionLine="B", teachAnswerLine="C")
    a_panel.click("teachButton")
    a_panel.idle()
    assert a_panel.ui.openPageButton.isEnabled(), a_panel.said
    write(a_panel, teachTitleLine="Another")
    assert not a_panel.ui.openPageButton.isEnabled(), "that was another title"
    a_panel.click("teachButton")
    a_panel.idle()
    assert a_panel.ui.openPageButton.isEnabled()
    slicer.mrmlScene.RemoveNode(other)
    a_panel.spin(0.1)
    assert not a_panel.ui.openPageButton.isEnabled(), "that was with another series"
    assert a_panel.ui.teachTitleLine.text() == "Another", "what was written stays"
    a_panel.choose("teachSecondSelector", first.GetName())
    a_panel.click("teachButton")
    assert "twice" in a_panel.said
    slicer.mrmlScene.Clear(0)
    a_panel.spin(0.2)
    assert a_panel.ui.teachTitleLine.text() == ""


def test_it_can_be_cancelled(a_panel: Clicked) -> None:
    first, _, _ = a_scene()
    a_panel.spin(0.1)
    a_panel.open_section("teachSection")
    a_panel.choose("teachFirstSelector", first.GetName())
    write(a_panel, teachTitleLine="A", teachQuestionLine="B", teachAnswerLine="C")
    a_panel.click("teachButton")
    a_panel.click("teachCancelButton")
    a_panel.idle()
    assert "Cancelled" in a_panel.ui.teachStageLabel.text()
    assert not a_panel.ui.savePageButton.isEnabled() and a_panel.ui.teachButton.isEnabled()
