"""A lesion that grows, from the click to studies in the scene and in DICOM."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.slicer.panel_fixtures import Clicked
from Testing.slicer.test_lesions_panel import AT_RAS, a_brain, a_point, array, mask_on

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")

DATES = ("2024-01-10", "2024-07-08")


def test_dates_and_volumes_follow_from_the_doubling_time() -> None:
    from SlicerSynthLib.growth import Growth
    from SynthCore.errors import InputError

    growth = Growth(date(2024, 1, 31), 3, 30, 60.0)
    assert [day.isoformat() for day in growth.dates] == ["2024-01-31", "2024-03-01", "2024-03-31"]
    assert growth.volumes_ml(2.0) == pytest.approx((2.0, 2.0 * 2**0.5, 4.0))
    assert Growth(growth.first, 2, 3650, 1.0).volumes_ml(2.0) == (2.0, float("inf"))
    with pytest.raises(InputError, match="too far"):
        _ = Growth(date(9999, 1, 1), 12, 3650, 60.0).dates


def grown(panel: Clicked) -> dict[str, Any]:
    """Two dates of a glioma of 2 ml that doubles from one to the other."""
    nodes = a_brain(panel)
    a_point(AT_RAS)
    panel.spin(0.1)
    panel.choose("lesionPlaceCombo", "at a point")
    panel.ui.lesionVolumeSpin.setValue(2.0)
    panel.open_section("growthSection")
    assert not panel.ui.growthDoublingSpin.isEnabled() and not panel.ui.growthLabel.isVisible()
    panel.ui.growthDatesSpin.setValue(2)
    panel.ui.growthIntervalSpin.setValue(180)
    panel.ui.growthFirstEdit.setDate(date(2024, 1, 10))
    panel.spin(0.02)
    assert panel.ui.growthSection.text() == "Growth: 2 dates"
    assert panel.ui.growthLabel.text().startswith("2 \u2192 4 ml, from 2024-01-10 to 2024-07-08")
    panel.click("lesionButton")
    panel.idle()
    assert not panel.said, panel.said
    return nodes


def by_name() -> dict[str, Any]:
    kinds = ("vtkMRMLScalarVolumeNode", "vtkMRMLSegmentationNode")
    return {node.GetName(): node for kind in kinds for node in slicer.util.getNodesByClass(kind)}


def study_of(node: Any) -> tuple[str, str]:
    """Name and level of what a node lies in."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    parent = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node))
    return hierarchy.GetItemName(parent), hierarchy.GetItemLevel(parent)


def outlines_shown() -> list[bool]:
    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    return [bool(node.GetDisplayNode().GetVisibility()) for node in nodes]


def test_every_date_is_a_study_and_the_files_say_so(a_panel: Clicked, tmp_path: Path) -> None:
    import pydicom

    from SynthCore.files.verify import verify_folder

    nodes = grown(a_panel)
    assert "2 to 4 ml on 2 dates at -3" in a_panel.ui.lesionStageLabel.text()
    shown, masks = by_name(), []
    for day in DATES:
        for role in nodes:
            node = shown[f"SYNTHETIC {role} with lesion {day} of {role} axial"]
            assert study_of(node) == (f"SYNTHETIC study {day}", "Study")
        outlines = shown[f"SYNTHETIC lesion {day} of T1 axial"]
        assert study_of(outlines) == (f"SYNTHETIC study {day}", "Study")
        whole = outlines.GetSegmentation().GetNthSegmentID(0)
        masks.append(mask_on(nodes["T1"], outlines, whole))
    volumes = [mask.sum() * 0.036 for mask in masks]
    assert volumes == pytest.approx([2.0, 4.0], rel=0.02)
    assert not np.any(masks[0] & ~masks[1]), "what it held it holds"
    last = shown[f"SYNTHETIC FLAIR with lesion {DATES[1]} of FLAIR axial"]
    assert a_panel.parameters.result is last
    assert outlines_shown() == [False, True], "those of the date that is looked at"
    a_panel.choose("resultSelector", f"SYNTHETIC T1 with lesion {DATES[0]} of T1 axial")
    assert outlines_shown() == [True, False]

    a_panel.open_section("exportSection")
    assert a_panel.ui.exportWhatRow.isVisible()
    a_panel.ui.exportFolder.setCurrentPath(str(tmp_path))
    a_panel.choose("exportWhatCombo", "2 dates, outlines, reports")
    a_panel.click("exportButton")
    a_panel.until(lambda: "marked as synthetic" in a_panel.ui.exportLabel.text() or a_panel.said)
    assert not a_panel.said, a_panel.said
    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("SYNTHETIC_lesion_")
    assert sorted(path.name for path in folder.iterdir()) == list(DATES)
    assert verify_folder(folder).ok
    studies = {}
    for day in DATES:
        files = [pydicom.dcmread(path) for path in sorted((folder / day).rglob("*.dcm"))]
        assert {file.Modality for file in files} == {"MR", "SEG", "SR"}
        assert {file.StudyDate for file in files} == {day.replace("-", "")}
        assert len({file.StudyInstanceUID for file in files}) == 1
        studies[files[0].StudyInstanceUID] = {(file.PatientID) for file in files}
        (report,) = (file for file in files if file.Modality == "SR")
        assert "glioma" in str(report).lower()
    assert len(studies) == 2, "a study for each date"
    assert len(set.union(*studies.values())) == 1, "of one patient"


def test_changed_outlines_are_not_told_of_as_the_engines(a_panel: Clicked, tmp_path: Path) -> None:
    from SlicerSynthLib.export import new_study, take
    from SlicerSynthLib.export_lesion import take_lesion
    from SynthCore.errors import InputError

    grown(a_panel)
    shown = by_name()
    first = shown[f"SYNTHETIC T1 with lesion {DATES[0]} of T1 axial"]
    package = take(first)
    study = new_study(package)
    assert study is not None and study.date == "20240110", "also where it is exported alone"
    assert len(take_lesion(slicer.mrmlScene, first)) == 2
    assert slicer.util.saveScene(str(tmp_path / "grown.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "grown.mrb"))
    a_panel.spin(0.2)
    shown = by_name()
    first = shown[f"SYNTHETIC T1 with lesion {DATES[0]} of T1 axial"]
    assert len(take_lesion(slicer.mrmlScene, first)) == 2, "a scene that is saved keeps it whole"
    assert a_panel.ui.growthDatesSpin.value() == 2
    slicer.mrmlScene.RemoveNode(shown[f"SYNTHETIC T1 with lesion {DATES[1]} of T1 axial"])
    with pytest.raises(InputError, match="image that the outlines"):
        take_lesion(slicer.mrmlScene, first)
    slicer.mrmlScene.RemoveNode(shown[f"SYNTHETIC FLAIR with lesion {DATES[1]} of FLAIR axial"])
    assert len(take_lesion(slicer.mrmlScene, first)) == 1, "what is still there"
    outlines = shown[f"SYNTHETIC lesion {DATES[0]} of T1 axial"]
    segmentation = outlines.GetSegmentation()
    name = slicer.vtkSegmentationConverter.GetBinaryLabelmapRepresentationName()
    labels = segmentation.GetNthSegment(0).GetRepresentation(name)
    center = [round(v / 2) for v in np.add(labels.GetExtent()[::2], labels.GetExtent()[1::2])]
    labels.SetScalarComponentFromDouble(*center, 0, 0.0)
    with pytest.raises(InputError, match="outlines of this lesion were changed"):
        take_lesion(slicer.mrmlScene, first)
    slicer.mrmlScene.RemoveNode(outlines)
    with pytest.raises(InputError, match="no longer in the scene"):
        take_lesion(slicer.mrmlScene, first)
    first.SetAttribute("SynthCore.Lesion", '{"group": "../x", "number": 0}')
    a_panel.spin(0.05)
    assert take(first).study is None, "what a scene says is checked"
    assert array(first).any()
