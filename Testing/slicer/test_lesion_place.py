"""Where a lesion lies, chosen in the panel: a side, a part of the brain, an organ that is given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from Testing.slicer.panel_fixtures import Clicked
from Testing.slicer.test_lesions_panel import a_brain, array, made, mask_on

vtk = pytest.importorskip("vtk", reason="VTK is missing")
slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")

INSIDE = np.s_[8:24, 10:30, 12:34]


def a_piece_of_lung(panel: Clicked) -> Any:
    """A CT in which nothing tells a lung from the air around a body."""
    from SlicerSynthLib.nodes import node_from_image
    from SynthCore.image import Image, make_affine

    hu = np.random.default_rng(0).normal(-850, 15, (32, 40, 44))
    image = Image(np.rint(hu).astype(np.int16), make_affine((3.0, 3.0, 3.0), (5, 7, 9)), "CT", "HU")
    node = node_from_image(slicer.mrmlScene, image, "CT thorax")
    panel.panel.enter()
    panel.until(lambda: panel.ui.lesionKindCombo.count())
    panel.open_section("lesionsSection")
    panel.choose("lesionKindCombo", "Solid lung nodule")
    return node


def an_outline(node: Any) -> Any:
    """A segmentation with a segment of two voxels and the organ, in this order."""
    from SlicerSynthLib.lesion_segments import segmentation_node
    from SlicerSynthLib.nodes import grid_of

    organ, small = np.zeros((2, *array(node).shape), bool)
    organ[INSIDE], small[2, 2, 2:4] = True, True
    masks = {"small": small, "lung": organ}
    return segmentation_node(slicer.mrmlScene, "outlines", masks, grid_of(node)[1])


def placed_mask(node: Any) -> Any:
    outlines = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")[-1]
    return mask_on(node, outlines, outlines.GetSegmentation().GetNthSegmentID(0))


def test_an_organ_that_is_not_found_can_be_given(a_panel: Clicked) -> None:
    node = a_piece_of_lung(a_panel)
    outlines = an_outline(node)
    a_panel.spin(0.1)
    ui = a_panel.ui
    assert a_panel.parameters.lesionOrgan is None, "it is not taken unasked"
    assert not ui.lesionOrganCombo.isVisible() and not ui.lesionRegionRow.isVisible()
    a_panel.ui.lesionVolumeSpin.setValue(1.0)
    a_panel.click("lesionButton")
    a_panel.idle()
    assert "No lung was found" in a_panel.said and "--" not in a_panel.said and not made()
    a_panel.choose("lesionOrganSelector", "outlines")
    assert ui.lesionOrganCombo.isVisible() and ui.lesionOrganCombo.currentText() == "small"
    a_panel.choose("lesionOrganCombo", "lung")
    a_panel.click("lesionButton")
    a_panel.idle()
    assert not a_panel.said, a_panel.said
    mask = placed_mask(node)
    assert mask.sum() * 0.027 == pytest.approx(1.0, rel=0.03)
    assert mask[INSIDE].sum() == mask.sum()
    slicer.mrmlScene.RemoveNode(outlines)
    a_panel.spin(0.1)
    assert a_panel.parameters.lesionOrgan is None and not ui.lesionOrganCombo.isVisible()


def test_an_organ_elsewhere_is_told_and_one_that_is_given_brings_its_rules(
    a_panel: Clicked,
) -> None:
    node = a_piece_of_lung(a_panel)
    outlines = an_outline(node)
    a_panel.spin(0.1)
    a_panel.choose("lesionKindCombo", "Hypovascular liver lesion, portal venous phase")
    combo = a_panel.ui.lesionPlaceCombo
    assert combo.currentText() == "where you look", "a liver is found from a point"
    a_panel.choose("lesionOrganSelector", "outlines")
    assert combo.currentText() == "liver", "but not where it is given"
    a_panel.choose("lesionKindCombo", "Solid lung nodule")
    shift = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "shift")
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 3, 900.0)
    shift.SetMatrixTransformToParent(matrix)
    outlines.SetAndObserveTransformNodeID(shift.GetID())
    a_panel.click("lesionButton")
    assert "lies outside the image" in a_panel.said and not a_panel.panel.logic.jobs


def test_a_side_and_a_part_of_the_brain_are_chosen(a_panel: Clicked) -> None:
    nodes = a_brain(a_panel)
    ui = a_panel.ui
    assert ui.lesionRegionRow.isVisible()
    shown = [ui.lesionRegionCombo.itemText(n) for n in range(ui.lesionRegionCombo.count())]
    assert shown[:3] == ["anywhere", "frontal", "temporal"] and "cerebellum" in shown
    a_panel.choose("lesionKindCombo", "Metastasis of the brain")
    a_panel.ui.lesionVolumeSpin.setValue(2.0)
    a_panel.choose("lesionRegionCombo", "frontal")
    a_panel.choose("lesionSideCombo", "left")
    a_panel.choose("lesionPlaceCombo", "at a point")
    assert not ui.lesionRegionRow.isVisible(), "a point says all"
    assert a_panel.panel.lesions.inputs.order.place.region == ""
    a_panel.choose("lesionPlaceCombo", "deep white matter")
    assert ui.lesionRegionCombo.currentText() == "frontal", "what was chosen is kept"
    a_panel.click("lesionButton")
    a_panel.idle()
    assert not a_panel.said, a_panel.said
    _, j, i = np.argwhere(placed_mask(nodes["T1"])).mean(axis=0)
    x, y = -64 + 3 * i, -78 + 3 * j
    assert x > 5, "the patient's left"
    assert y < 10, "to the front"
    a_panel.choose("lesionRegionCombo", "cerebellum")
    a_panel.choose("lesionKindCombo", "Solid lung nodule")
    assert not ui.lesionRegionRow.isVisible(), "not in lungs"
