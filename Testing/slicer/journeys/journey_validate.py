"""A CT made from the MR of a phantom limb, checked for planning: alone, then with all there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer

from SlicerSynthLib.nodes import grid_of
from SynthCore.image import Image
from Testing.cli.studies import hounsfield, limb, write_nifti
from Testing.slicer.journeys.journey_tasks import open_file
from Testing.slicer.journeys.look import made, marked, shown_in, wait_until_idle
from Testing.slicer.journeys.person import Person
from Testing.slicer.rt_files import write_rt_dose, write_rt_plan

SHAPE, SPACING = (10, 64, 64), (3.0, 3.0, 3.0)
KEPT = (
    "checkSyntheticSelector", "checkMrSelector", "checkReferenceSelector",
    "checkStructuresSelector", "checkTargetCombo",
)  # fmt: skip
"""What the section shows of the scene's parameters while its inner part is folded."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MR, CT and a target of one limb."""
    made = tmp_path_factory.mktemp("limb")
    target = np.zeros(SHAPE, np.uint8)
    target[3:7, 26:36, 38:46] = 1
    write_nifti(made / "T1.nii.gz", limb(SHAPE), SPACING)
    write_nifti(made / "planning CT.nii.gz", hounsfield(SHAPE), SPACING)
    write_nifti(made / "PTV label.nii.gz", target, SPACING)
    return made


def a_dose(like: Any, most: float) -> Image:
    """A ball of dose around the target, on a coarse grid of its own."""
    affine = grid_of(like)[1] @ np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = (grid_of(like)[1] @ (33.0, 22.0, 0.5, 1.0))[:3]
    _, j, i = np.indices((5, 10, 9), dtype=float)
    ball = np.exp(-((((j - 4) / 5) ** 2 + ((i - 4) / 5) ** 2) ** 2))
    return Image((most * ball).astype(np.float32), affine, "", "Gy")


def check(person: Person) -> list[tuple[str, str, str]]:
    """Click on Check, and read what it found: sign, title, value."""
    person.click("validateButton")
    person.wait(lambda: person.find("validateCancelButton").isEnabled(), "the start", 5)
    person.wait(lambda: not person.find("validateCancelButton").isEnabled(), "the check", 200)
    assert person.read("messageLabel") == ""
    assert person.read("validateStageLabel").startswith("Checked in")
    rows = person.find("findingsTable")
    assert rows.isVisible() and person.read("verdictLabel")
    return [tuple(rows.item(r, c).text() for c in range(3)) for r in range(0, rows.rowCount(), 2)]


def test_a_ct_is_made(person: Person, folder: Path) -> None:
    for name in ("T1", "planning CT", "PTV label"):
        open_file(person, folder / f"{name}.nii.gz")
    person.wait(lambda: person.read("volumeT1Selector") == "T1", "the MR")
    person.wait(lambda: "(" in person.read("modelCombo"), "the models")
    person.choose("modelCombo", "bulk-density")
    person.click("synthesizeButton")
    wait_until_idle(person, "the CT")
    assert person.read("messageLabel") == "" and len(made()) == 1


def test_the_first_click_needs_nothing_else(person: Person) -> None:
    person.unfold("validateSection")
    assert person.read("checkSyntheticSelector") == made()[0].GetName()
    assert (person.read("checkMrSelector"), person.read("checkReferenceSelector")) == ("T1", "None")
    found = check(person)
    assert any("outlines of MR" in title for _, title, _ in found)
    assert "nobody has signed" in person.read("verdictLabel")
    assert "not cleared for clinical use" in person.read("checkResearchLabel")


def test_with_a_real_ct_a_target_a_plan_and_its_doses(person: Person, folder: Path) -> None:
    pytest.importorskip("pymedphys", reason="gamma needs pymedphys")
    (node,) = made()
    plan = write_rt_plan(folder / "plan.dcm")
    person.choose("checkReferenceSelector", "planning CT")
    person.choose("checkStructuresSelector", "PTV label")
    person.choose("checkTargetCombo", "target: PTV")
    person.unfold("checkMoreButton")
    person.wait(lambda: person.find("doseReferenceButton").height() > 10, "its rows", 10)
    for name, most in (("Reference", 60.0), ("Synthetic", 57.0)):
        path = write_rt_dose(folder / f"{name} dose.dcm", a_dose(node, most), plan=plan)
        person.answer_file_dialog(path)
        person.click(f"dose{name}Button")
        selector = f"dose{name}Selector"
        person.wait(lambda s=selector, p=path: person.read(s) == p.stem, "the dose")  # type: ignore[misc]
    person.type("checkPlanPath", str(folder / "plan.dcm"))
    found = {title: (sign, value) for sign, title, value in check(person)}
    (d50,) = [found[title] for title in found if title.startswith("D50 of PTV")]
    assert d50[0] and d50[1].startswith("-5.0"), d50
    assert {title.rpartition(", ")[2] for title in found if title.startswith("Path length to")} >= {
        "gantry 0", "gantry 90",
    }  # fmt: skip
    assert person.read("verdictLabel").startswith("Not accepted")


def test_the_dose_lies_over_its_ct(person: Person) -> None:
    person.click("doseShownButton")
    person.wait(lambda: shown_in("Red")[0] is made()[0], "the CT", 5)
    assert shown_in("Red")[1].GetName() == "Synthetic dose"
    person.wait(lambda: marked(person, "Red"), "the mark of what is synthetic", 10)
    picture = person.see(slicer.app.layoutManager().sliceWidget("Red").sliceView()).astype(int)
    assert (np.ptp(picture, axis=2) > 60).mean() > 0.02, "no color of a dose is to be seen"


def test_the_histograms_are_in_a_plot_view(person: Person) -> None:
    person.click("dvhButton")
    manager = slicer.app.layoutManager()
    chart = manager.plotWidget(0).mrmlPlotViewNode().GetPlotChartNode()
    assert chart.GetNthPlotSeriesNode(1).GetName().endswith("synthetic CT")

    def drawn() -> bool:
        picture = person.see(manager.plotWidget(0)).astype(int)
        return int((np.ptp(picture, axis=2) > 80).sum()) > 100

    person.wait(drawn, "the lines", 10)


def test_the_report_is_saved(person: Person, tmp_path: Path) -> None:
    person.answer_file_dialog(tmp_path / "check.html")
    person.click("saveReportButton")
    person.wait((tmp_path / "check.html").is_file, "the file")
    assert "D50 of PTV" in (tmp_path / "check.html").read_text("utf-8")
    assert person.read("messageLabel") == ""


def test_a_saved_scene_comes_back(person: Person, tmp_path: Path) -> None:
    kept = {name: person.read(name) for name in KEPT}
    plan = person.read("checkPlanPath")
    person.answer_file_dialog(tmp_path / "limb.mrb")
    person.tool("Save scene")
    person.wait((tmp_path / "limb.mrb").is_file, "the file")
    slicer.mrmlScene.Clear(0)
    person.wait(lambda: person.read("checkSyntheticSelector") == "None", "an empty panel")
    person.wait(lambda: not person.find("findingsTable").isVisible(), "no table", 5)
    person.answer_file_dialog(tmp_path / "limb.mrb")
    person.tool("Open file")
    person.wait(lambda: person.read("checkMrSelector") == "T1", "the scene")
    assert {name: person.read(name) for name in KEPT} == kept
    assert person.read("checkPlanPath") == plan
    assert person.read("doseSyntheticSelector") == "Synthetic dose"
    assert slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLPlotChartNode") is not None
