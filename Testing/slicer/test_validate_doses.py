"""Doses that a check computes: asked for in the panel, delivered as nodes, shown, and replaced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SynthCore.image import Image
from SynthCore.planning.engine.environment import HOME_VARIABLE, status
from SynthCore.protocol import Message, pack
from Testing.slicer.panel_fixtures import Clicked
from Testing.slicer.test_validate import findings, make_scene, target_in

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")

GRID = np.diag([4.0, 4.0, 4.0, 1.0])


def a_result(*names: str) -> Message:
    """What the engine sends back: a dose under each name, each of its own height."""
    doses = {
        name: Image(np.full((3, 4, 5), 10.0 + n, np.float32), GRID, "", "Gy")
        for n, name in enumerate(names)
    }
    entries, payload = pack(doses)
    return Message("result", 1, {"volumes": entries}, b"".join(map(bytes, payload)))


def computed() -> dict[str, float]:
    """Part and height of every dose that a check put into the scene."""
    from SlicerSynthLib.computed_doses import COMPUTED

    nodes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    return {
        node.GetAttribute(COMPUTED): float(slicer.util.arrayFromVolume(node).max())
        for node in nodes
        if node.GetAttribute(COMPUTED)
    }


def test_a_new_check_takes_the_place_of_the_last(a_panel: Clicked) -> None:
    from SlicerSynthLib.attributes import is_synthetic
    from SlicerSynthLib.computed_doses import COMPUTED, deliver_doses, doses_to_show

    _, real, made = make_scene()
    scene = slicer.mrmlScene
    deliver_doses(
        scene,
        a_result("dose-photons-reference", "dose-photons-synthetic", "dose-protons-synthetic"),
        made,
        real,
    )
    assert computed() == {
        "photons reference": 10.0, "photons synthetic": 11.0, "protons synthetic": 12.0,
    }  # fmt: skip
    nodes = {n.GetAttribute(COMPUTED): n for n in slicer.util.getNodesByClass(
        "vtkMRMLScalarVolumeNode") if n.GetAttribute(COMPUTED)}  # fmt: skip
    assert is_synthetic(nodes["photons synthetic"]) and not is_synthetic(nodes["photons reference"])
    a_panel.spin(0.1)
    p = a_panel.parameters
    p.checkReference = real
    shown = doses_to_show(scene, p)
    assert [one.words for one in shown] == [
        "photons, on the synthetic CT", "photons, on the real CT", "protons, on the synthetic CT",
    ]  # fmt: skip
    assert [one.below for one in shown] == [made, real, made]
    deliver_doses(scene, a_result("dose-photons-synthetic", "dose-photons-reference"), made)
    assert computed() == {"photons reference": 11.0, "photons synthetic": 10.0}
    deliver_doses(scene, a_result(), made)
    assert computed() == {}
    scene.RemoveNode(made)  # while the check ran
    deliver_doses(scene, a_result("dose-photons-reference", "dose-photons-synthetic"), made)
    nodes = {n.GetAttribute(COMPUTED): n for n in slicer.util.getNodesByClass(
        "vtkMRMLScalarVolumeNode") if n.GetAttribute(COMPUTED)}  # fmt: skip
    assert is_synthetic(nodes["photons synthetic"]) and not is_synthetic(nodes["photons reference"])


def test_a_dose_lies_over_the_ct_it_was_computed_on_and_no_other(a_panel: Clicked) -> None:
    """Of two patients in one scene, whichever is chosen now."""
    from SlicerSynthLib.computed_doses import deliver_doses, doses_to_show
    from SlicerSynthLib.plan_order import PlanOrder

    _, real, made = make_scene()
    _, other_real, other_made = make_scene()
    a_panel.spin(0.1)
    a_panel.open_section("validateSection")
    p, scene = a_panel.parameters, slicer.mrmlScene
    p.checkSynthetic, p.checkReference = made, real
    both = a_result("dose-photons-reference", "dose-photons-synthetic")
    deliver_doses(scene, both, made, real)
    a_panel.panel.refresh()
    combo = a_panel.ui.doseShownCombo
    assert combo.count() == 2 and a_panel.ui.doseShownButton.isEnabled()
    p.checkSynthetic, p.checkReference = other_made, other_real
    a_panel.panel.refresh()
    assert combo.count() == 0 and not a_panel.ui.doseShownButton.isEnabled()
    p.checkReference = real
    assert [one.below for one in doses_to_show(scene, p)] == [real]
    p.checkSynthetic = made
    scene.RemoveNode(real)
    assert [one.below for one in doses_to_show(scene, p)] == [made], "the real CT is gone"
    deliver_doses(scene, both, other_made, other_real)
    assert doses_to_show(scene, p) == [], "the next check's nodes say nothing of the last one's CT"
    assert PlanOrder(made, other_real).below_real is other_real
    moved = PlanOrder(made, other_real, register="rigid")
    assert moved.below_real is made, "a real CT that was moved lies where the synthetic one does"


def test_a_dose_needs_a_real_ct(a_panel: Clicked) -> None:
    make_scene()
    a_panel.spin(0.1)
    a_panel.open_section("validateSection")
    a_panel.open_section("checkMoreButton")
    a_panel.choose("checkDoseCombo", "photons")
    a_panel.click("validateButton")
    assert "A dose is planned on the real CT" in a_panel.said
    assert not a_panel.panel.logic.jobs, "nothing is sent"
    a_panel.choose("checkDoseCombo", "no dose")
    a_panel.choose("checkRegisterCombo", "register rigidly")
    a_panel.click("validateButton")
    assert "It is the real CT that is registered" in a_panel.said


@pytest.fixture
def no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the panel starts its worker, which inherits the environment."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "none"))


def test_without_the_dose_engine_it_says_how_to_get_it(no_engine: None, a_panel: Clicked) -> None:
    make_scene()
    a_panel.spin(0.1)
    a_panel.open_section("validateSection")
    a_panel.open_section("checkMoreButton")
    a_panel.choose("checkReferenceSelector", "planning CT")
    a_panel.choose("checkDoseCombo", "photons")
    a_panel.click("validateButton")
    a_panel.idle()
    assert "synthcore dose-engine install" in a_panel.said
    assert not a_panel.ui.findingsTable.isVisible() and not computed()


@pytest.mark.skipif(not status().current, reason="the dose engine is not installed")
def test_photons_from_the_panel(a_panel: Clicked) -> None:
    pytest.importorskip("pymedphys", reason="gamma needs pymedphys")
    _, _, made = make_scene()
    target_in(made)
    a_panel.spin(0.1)
    a_panel.open_section("validateSection")
    a_panel.open_section("checkMoreButton")
    a_panel.choose("checkReferenceSelector", "planning CT")
    a_panel.choose("checkStructuresSelector", "PTV-label")
    a_panel.choose("checkTargetCombo", "target: PTV-label")
    a_panel.choose("checkDoseCombo", "photons")
    a_panel.ui.checkBeamsLine.setText("0, 120, 240")
    a_panel.ui.checkBeamsLine.textEdited.emit("0, 120, 240")
    a_panel.click("validateButton")
    a_panel.idle()
    assert not a_panel.said, a_panel.said
    assert any("photons" in title for _, title, _ in findings(a_panel))
    assert set(computed()) == {"photons reference", "photons synthetic"}
    a_panel.choose("doseShownCombo", "photons, on the synthetic CT")
    a_panel.click("doseShownButton")
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    assert composite.GetBackgroundVolumeID() == made.GetID()
    assert (
        "Dose of photons"
        in slicer.mrmlScene.GetNodeByID(composite.GetForegroundVolumeID()).GetName()
    )
    a_panel.click("dvhButton")
    chart = slicer.app.layoutManager().plotWidget(0).mrmlPlotViewNode().GetPlotChartNode()
    assert chart.GetNumberOfPlotSeriesNodes() == 2
