"""The Lesions section on real widgets and a real engine: a click, and a lesion is in the scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.slicer.panel_fixtures import Clicked

vtk = pytest.importorskip("vtk", reason="VTK is missing")
slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")

AT_RAS = (-34.0, 0.0, 6.0)


def a_brain(panel: Clicked) -> dict[str, Any]:
    """Two sequences of a brain of ellipsoids, FLAIR on a grid of its own."""
    from SlicerSynthLib.nodes import node_from_image
    from Testing.lesions.brain_phantom import brain

    images = {
        "T1": brain(("T1",), 3.0, 4.0)["T1"],
        "FLAIR": brain(("FLAIR",), 3.0, 5.0)["FLAIR"],
    }
    nodes = {
        role: node_from_image(slicer.mrmlScene, image, f"{role} axial")
        for role, image in images.items()
    }
    panel.panel.enter()
    panel.until(lambda: panel.ui.lesionKindCombo.count())
    panel.open_section("lesionsSection")
    return nodes


def a_point(*places: tuple[float, float, float]) -> Any:
    """Control points at these places of the world, under a transform."""
    scene = slicer.mrmlScene
    shift = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "shift")
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 3, 25.0)
    shift.SetMatrixTransformToParent(matrix)
    points = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "F")
    points.SetAndObserveTransformNodeID(shift.GetID())
    for place in places:
        points.AddControlPointWorld(place)
    return points


def made() -> dict[str, Any]:
    """Synthetic volumes of the scene by role."""
    from SlicerSynthLib.attributes import TARGET, record_of

    nodes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    return {node.GetAttribute(TARGET): node for node in nodes if record_of(node)}


def array(node: Any) -> Any:
    return slicer.util.arrayFromVolume(node).astype(float)


def test_a_lesion_at_a_point_is_in_every_sequence(a_panel: Clicked) -> None:
    from SlicerSynthLib.attributes import is_synthetic, sources_of
    from SlicerSynthLib.export import check_unchanged, take

    nodes = a_brain(a_panel)
    assert a_panel.ui.lesionVolumeSpin.value() == 9 and not a_panel.ui.lesionPointRow.isVisible()
    a_panel.choose("lesionPlaceCombo", "at a point")
    a_panel.click("lesionButton")
    assert "no point yet" in a_panel.said and not a_panel.panel.logic.jobs
    points = a_point(AT_RAS, (0.0, 0.0, 0.0))
    a_panel.spin(0.1)
    assert a_panel.parameters.lesionPoint is points, "the only ones"
    assert a_panel.ui.lesionPointRow.isVisible()
    a_panel.ui.lesionVolumeSpin.setValue(3.0)
    a_panel.click("lesionButton")
    assert not a_panel.said and a_panel.ui.lesionProgressBar.isVisible()
    assert not a_panel.ui.lesionButton.isEnabled()
    a_panel.until(lambda: "%" in a_panel.ui.lesionStageLabel.text())
    a_panel.idle()
    assert not a_panel.said, a_panel.said
    assert a_panel.ui.lesionButton.isEnabled() and not a_panel.ui.lesionProgressBar.isVisible()
    assert " ml at -3" in a_panel.ui.lesionStageLabel.text()
    found = made()
    assert set(found) == set(nodes)
    assert a_panel.parameters.result is found["FLAIR"], "where it is seen best"
    (outlines,) = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    assert a_panel.parameters.mask is None, "it is not in what is worked on"
    assert is_synthetic(outlines) and outlines.GetName().startswith("SYNTHETIC lesion of T1")
    segmentation = outlines.GetSegmentation()
    names = [segmentation.GetNthSegment(n).GetName() for n in range(4)]
    assert names[0].startswith("Glioma") and names[1:] == ["edema", "enhancing tumor", "necrosis"]
    mask = mask_on(nodes["T1"], outlines, segmentation.GetNthSegmentID(0))
    assert mask.sum() * 3 * 3 * 4 / 1000 == pytest.approx(3.0, rel=0.02)
    k, j, i = np.argwhere(mask).mean(axis=0)
    place = np.array((-64 + 3 * i, -78 + 3 * j, -62 + 4 * k)) * (-1, -1, 1)
    assert np.linalg.norm(place - AT_RAS) < 6
    assert array(found["T1"])[mask].mean() < 0.95 * array(nodes["T1"])[mask].mean()
    for role, node in found.items():
        assert node.GetName() == f"SYNTHETIC {role} with lesion of {role} axial"
        assert is_synthetic(node)
        assert sources_of(node) == nodes
        assert np.array_equal(array(node)[:2], array(nodes[role])[:2]), "far from it"
        package = take(node)
        check_unchanged(package)
        assert package.sources[0].place.shape == array(node).shape, "its own source comes first"


def mask_on(node: Any, outlines: Any, segment: str) -> Any:
    from SlicerSynthLib.masks import mask_image
    from SlicerSynthLib.nodes import image_from_node

    found = mask_image(outlines, segment, image_from_node(node, "T1"))
    assert not found.notes, "on the very grid of the first image"
    return found.voxels


def test_the_first_click_works_and_what_is_chosen_is_kept(a_panel: Clicked) -> None:
    nodes = a_brain(a_panel)
    a_panel.choose("lesionKindCombo", "Plaques of multiple sclerosis")
    assert a_panel.ui.lesionVolumeSpin.value() == pytest.approx(0.9)
    assert a_panel.ui.lesionPlaceCombo.currentText() == "periventricular"
    box = a_panel.ui.lesionImagesFrame.findChild(type(a_panel.ui.lesionImagesFrame), "lesionT1Box")
    assert box.isVisible() and box.isChecked()
    box.click()
    assert a_panel.parameters.lesionWithout == "T1"
    a_panel.click("lesionButton")
    a_panel.idle()
    assert not a_panel.said, a_panel.said
    assert set(made()) == {"FLAIR"} and "Plaques" in a_panel.ui.lesionStageLabel.text()
    (outlines,) = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    assert outlines.GetSegmentation().GetNumberOfSegments() == 1, "of one part"
    a_panel.choose("lesionKindCombo", "Solid lung nodule")
    a_panel.click("lesionButton")
    assert "No image is chosen" in a_panel.said, "there is no CT"
    assert array(nodes["T1"]).shape == (32, 53, 43)


def test_the_border_is_blended_only_if_that_is_ticked(a_panel: Clicked) -> None:
    from SlicerSynthLib.lesion_order import request_of
    from SlicerSynthLib.nodes import node_from_image
    from Testing.lesions.head_phantom import stripped_head

    node_from_image(slicer.mrmlScene, stripped_head(), "T1 axial")
    a_panel.panel.enter()
    a_panel.until(lambda: a_panel.ui.lesionKindCombo.count())
    a_panel.open_section("lesionsSection")
    box = a_panel.ui.lesionBlendCheck
    assert box.isVisible() and not box.isChecked() and "softer than real ones" in box.toolTip()
    a_panel.choose("lesionKindCombo", "Infarct, acute to subacute")
    a_panel.click("lesionButton")
    a_panel.idle()
    plain = array(made()["T1"])
    assert "blend" not in request_of(a_panel.panel.lesions.inputs.order)[0]
    box.click()
    assert a_panel.parameters.lesionBlend is True
    assert request_of(a_panel.panel.lesions.inputs.order)[0]["blend"] is True
    a_panel.click("lesionButton")
    a_panel.idle()
    assert not a_panel.said, a_panel.said
    changed = plain != array(a_panel.parameters.result)
    assert 0 < changed.mean() < 0.02, "a thin shell"
    a_panel.choose("lesionKindCombo", "Solid lung nodule")
    assert not box.isVisible() and not a_panel.panel.lesions.inputs.order.blend


def test_outside_the_body_it_is_refused_in_one_sentence(a_panel: Clicked) -> None:
    a_brain(a_panel)
    a_point((-62.0, -76.0, 58.0))
    a_panel.spin(0.1)
    a_panel.choose("lesionPlaceCombo", "at a point")
    a_panel.click("lesionButton")
    a_panel.idle()
    assert "does not lie in the brain" in a_panel.said and a_panel.said.count(". ") == 0
    assert not made() and not slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    a_panel.choose("lesionPlaceCombo", "deep white matter")
    a_panel.click("lesionButton")
    assert not a_panel.said
    a_panel.click("lesionCancelButton")
    a_panel.idle()
    assert "Cancelled" in a_panel.ui.lesionStageLabel.text() and not made()


def test_a_lesion_is_removed_from_every_sequence(a_panel: Clicked) -> None:
    from SlicerSynthLib.attributes import is_synthetic, record_of, sources_of
    from SlicerSynthLib.export import check_unchanged, take

    nodes = a_brain(a_panel)
    a_panel.click("removeButton")
    assert "No lesion is chosen" in a_panel.said and not a_panel.panel.logic.jobs
    label = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "lesion-label")
    drawn = np.zeros(array(nodes["T1"]).shape, np.uint8)
    drawn[15:19, 24:30, 30:35] = 1
    slicer.util.updateVolumeFromArray(label, drawn)
    label.CopyOrientation(nodes["T1"])
    voxels = slicer.util.arrayFromVolume(nodes["T1"]).copy()
    voxels[drawn > 0] = 1500
    slicer.util.updateVolumeFromArray(nodes["T1"], voxels)
    a_panel.spin(0.1)
    assert a_panel.parameters.mask is label, "the only one"
    assert not a_panel.said
    a_panel.ui.removeMarginSpin.setValue(3.0)
    a_panel.click("removeButton")
    assert not a_panel.ui.removeButton.isEnabled() and not a_panel.ui.lesionButton.isEnabled()
    a_panel.idle()
    assert not a_panel.said, a_panel.said
    assert a_panel.ui.lesionStageLabel.text().startswith("Filled by inpaint-")
    volumes = {n.GetName(): n for n in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")}
    for role in nodes:
        node = volumes[f"SYNTHETIC {role} without lesion of {role} axial"]
        assert sources_of(node) == {role: nodes[role]}
        assert '"margin_mm":3' in record_of(node)
        check_unchanged(take(node))
        assert np.array_equal(array(node)[:8], array(nodes[role])[:8]), "far from it"
        anomaly = volumes[f"SYNTHETIC {role} anomaly of {role} axial"]
        assert is_synthetic(anomaly) and not array(anomaly)[:8].any()
        assert anomaly.GetDisplayNode().GetLevel() == 0, "in the colors of a difference"
    assert array(volumes["SYNTHETIC T1 anomaly of T1 axial"])[drawn > 0].mean() > 3
    healed = array(volumes["SYNTHETIC T1 without lesion of T1 axial"])[drawn > 0]
    assert np.median(healed) == pytest.approx(1000, rel=0.1), "white matter again"
    assert a_panel.parameters.result is volumes["SYNTHETIC FLAIR without lesion of FLAIR axial"]


def test_a_copy_of_an_image_is_no_other_image_of_the_lesion(
    a_panel: Clicked, tmp_path: Path
) -> None:
    """The whole lesion has one image of each role: the one that is chosen, if it is a copy."""
    from SlicerSynthLib.export_lesion import take_lesion, write_lesion
    from SlicerSynthLib.lesion_marks import same_lesion
    from SynthCore.files.verify import verify_folder

    a_brain(a_panel)
    a_panel.click("lesionButton")
    a_panel.idle()
    assert not a_panel.said, a_panel.said
    scene, found = slicer.mrmlScene, made()
    copy = slicer.vtkSlicerVolumesLogic.CloneVolume(scene, found["T1"], "a copy")
    for node, images in (
        (found["FLAIR"], [found["T1"], found["FLAIR"]]),
        (found["T1"], [found["T1"], found["FLAIR"]]),
        (copy, [copy, found["FLAIR"]]),
    ):
        assert same_lesion(scene, node)[0][0] == images
    assert write_lesion(take_lesion(scene, copy), tmp_path / "out")[0] > 2
    assert verify_folder(tmp_path / "out").ok
