"""Side by side, overlaid, subtracted: what the views of a real layout manager show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import slicer

from SlicerSynthLib import application_marks
from SlicerSynthLib.attributes import mark
from SlicerSynthLib.corner_mark import CornerMarks
from SlicerSynthLib.difference import difference_node
from SlicerSynthLib.display import UNCERTAINTY, apply_display
from SlicerSynthLib.nodes import node_from_image
from SynthCore.image import Image, make_affine
from Testing.dicom.results import an_image, result_of
from Testing.slicer.mrml_fixtures import pixels, yellow

AFFINE = make_affine((3.0, 3.0, 5.0), (-60.0, -70.0, 20.0))


def a_volume(scene: Any, name: str, value: float = 0.0, affine: np.ndarray = AFFINE) -> Any:
    """A block of 40 x 40 mm in an even surrounding."""
    voxels = np.full((30, 40, 40), value, np.float32)
    voxels[10:20, 15:28, 15:28] += 300
    node = node_from_image(scene, Image(voxels, affine), name)
    apply_display(node, "CT")
    return node


def a_synthetic(scene: Any, name: str, value: float = 100.0) -> Any:
    node = a_volume(scene, name, value)
    mark(node, record=result_of(an_image()).record.to_json())
    return node


class Window:
    """The views, by name."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.manager = app.layoutManager()
        self.scene = slicer.mrmlScene

    def settle(self) -> None:
        """Let Qt lay out, and what waits for it happen."""
        import time

        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            self.app.processEvents()

    def node(self, name: str) -> Any:
        return self.manager.sliceWidget(name).mrmlSliceNode()

    def layers(self, name: str) -> tuple[str | None, str | None]:
        composite = self.manager.sliceWidget(name).sliceLogic().GetSliceCompositeNode()
        found = [
            self.scene.GetNodeByID(volume) if volume else None
            for volume in (composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID())
        ]
        return tuple(one.GetName() if one else None for one in found)  # type: ignore[return-value]

    def opacity(self, name: str) -> float:
        composite = self.manager.sliceWidget(name).sliceLogic().GetSliceCompositeNode()
        return float(composite.GetForegroundOpacity())

    def picture(self, name: str) -> np.ndarray:
        return pixels(self.manager.sliceWidget(name).sliceView().renderWindow())

    def to_ras(self, name: str) -> np.ndarray:
        return np.asarray(slicer.util.arrayFromVTKMatrix(self.node(name).GetXYToRAS()))


@pytest.fixture
def window(the_window: Any) -> Window:
    return Window(the_window)


@pytest.fixture
def views(window: Window) -> Any:
    """The module under test, which needs Slicer's `qt`."""
    from SlicerSynthLib import views

    return views


def test_side_by_side_shows_one_place_in_both_views(window: Window, views: Any) -> None:
    source, synthetic = a_volume(window.scene, "T1"), a_synthetic(window.scene, "made")
    views.show_side_by_side(source, synthetic)
    window.settle()
    assert window.manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutSideBySideView
    assert window.layers("Red") == ("T1", None)
    assert window.layers("Yellow") == ("made", None)
    assert window.node("Red").GetOrientation() == window.node("Yellow").GetOrientation() == "Axial"
    assert np.allclose(window.to_ras("Red"), window.to_ras("Yellow"), atol=0.5)
    left, right = window.picture("Red"), window.picture("Yellow")
    assert np.abs(left.shape[0] - right.shape[0]) <= 1
    # the block of 39 mm takes a third of the 120 mm that fit into the width
    for picture in (left, right):
        row = picture[int(0.45 * picture.shape[0]), :, 2]
        assert np.count_nonzero(row > 230) / row.size == pytest.approx(0.325, abs=0.02)


def test_side_by_side_views_are_scrolled_together(window: Window, views: Any) -> None:
    views.show_side_by_side(a_volume(window.scene, "T1"), a_synthetic(window.scene, "made"))
    window.settle()
    for name in ("Red", "Yellow"):
        composite = window.manager.sliceWidget(name).sliceLogic().GetSliceCompositeNode()
        assert composite.GetLinkedControl()
        assert composite.GetHotLinkedControl()
    logic = window.manager.sliceWidget("Red").sliceLogic()
    logic.StartSliceNodeInteraction(window.node("Red").SliceToRASFlag)
    logic.SetSliceOffset(logic.GetSliceOffset() + 10)
    logic.EndSliceNodeInteraction()
    assert window.node("Yellow").GetSliceOffset() == pytest.approx(
        window.node("Red").GetSliceOffset()
    )


def test_the_cursor_of_one_view_is_seen_in_the_other(window: Window, views: Any) -> None:
    crosshair = window.scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
    crosshair.SetCrosshairMode(crosshair.NoCrosshair)
    views.show_side_by_side(a_volume(window.scene, "T1"), a_synthetic(window.scene, "made"))
    window.settle()
    assert crosshair.GetCrosshairMode() == crosshair.ShowBasic
    x, y, z = crosshair.GetCrosshairRAS()
    assert z == pytest.approx(window.node("Red").GetSliceOffset(), abs=0.01)
    before = {name: window.picture(name) for name in ("Red", "Yellow")}
    crosshair.SetCrosshairRAS(x + 20, y - 15, z)
    for name, picture in before.items():
        assert (window.picture(name) != picture).any()
    views.show_single(window.scene.GetFirstNodeByName("T1"))
    assert crosshair.GetCrosshairMode() == crosshair.NoCrosshair


def test_the_slice_that_is_looked_at_stays(window: Window, views: Any) -> None:
    source, synthetic = a_volume(window.scene, "T1"), a_synthetic(window.scene, "made")
    views.show_single(source)
    window.settle()
    window.manager.sliceWidget("Red").sliceLogic().SetSliceOffset(57.5)
    for show in (
        lambda: views.show_side_by_side(source, synthetic),
        lambda: views.show_overlay(source, synthetic),
        lambda: views.show_single(synthetic),
    ):
        show()
        window.settle()
        assert window.node("Red").GetSliceOffset() == pytest.approx(57.5)


def test_a_volume_elsewhere_is_looked_for(window: Window, views: Any) -> None:
    views.show_single(a_volume(window.scene, "T1"))
    window.settle()
    far = AFFINE.copy()
    far[:3, 3] += (500.0, 0.0, 800.0)
    views.show_single(a_volume(window.scene, "other study", affine=far))
    window.settle()
    assert window.picture("Red").max() > 100
    assert 820 < window.node("Red").GetSliceOffset() < 970


def test_the_right_view_is_turned_back_whoever_changes_the_layout(
    window: Window, views: Any
) -> None:
    source, synthetic = a_volume(window.scene, "T1"), a_synthetic(window.scene, "made")
    four_up = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
    for leave in (
        lambda: views.show_overlay(source, synthetic),
        lambda: window.manager.setLayout(four_up),
    ):
        for _ in range(2):
            views.show_side_by_side(source, synthetic)
            window.settle()
        assert window.node("Yellow").GetOrientation() == "Axial"
        leave()
        window.settle()
        assert window.node("Yellow").GetOrientation() == "Sagittal"
        assert window.manager.layout == four_up


def test_labels_and_links_are_given_back_whoever_changes_the_layout(
    window: Window, views: Any
) -> None:
    """They are the person's; the views were linked, and the label map hidden, to compare."""
    source, synthetic = a_volume(window.scene, "T1"), a_synthetic(window.scene, "made")
    labels = window.scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "outline")
    other = window.scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "other")
    four_up = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView

    def composite(name: str) -> Any:
        return window.manager.sliceWidget(name).mrmlSliceCompositeNode()

    def state(name: str) -> tuple[Any, ...]:
        one = composite(name)
        return one.GetLabelVolumeID(), one.GetLinkedControl(), one.GetHotLinkedControl()

    for name, link in (("Red", 0), ("Yellow", 1)):
        composite(name).SetLabelVolumeID(labels.GetID())
        composite(name).SetLinkedControl(link)
        composite(name).SetHotLinkedControl(0)
    before = [state("Red"), state("Yellow")]
    for _ in range(2):
        views.show_side_by_side(source, synthetic)
        window.settle()
        assert state("Red") == state("Yellow") == (None, 1, 1)
    window.manager.setLayout(four_up)
    window.settle()
    assert [state("Red"), state("Yellow")] == before
    views.show_side_by_side(source, synthetic)
    composite("Red").SetLabelVolumeID(other.GetID())
    window.scene.RemoveNode(labels)
    window.manager.setLayout(four_up)
    window.settle()
    assert state("Red") == (other.GetID(), 0, 0), "what was chosen meanwhile stays"
    assert state("Yellow") == (None, 1, 0), "and what is gone is gone"


def test_an_overlay_fades(window: Window, views: Any) -> None:
    source = a_volume(window.scene, "T1", -160.0)
    synthetic = a_synthetic(window.scene, "made", 240.0)
    views.show_overlay(source, synthetic, 0.25)
    window.settle()
    assert set(window.manager.sliceViewNames()) >= {"Red", "Green", "Yellow"}
    gray = []
    for opacity in (0.25, 0.5, 1.0, 7.0):
        views.set_overlay_opacity(opacity)
        for name in ("Red", "Green", "Yellow"):
            assert window.layers(name) == ("T1", "made")
            assert window.opacity(name) == min(opacity, 1.0)
        picture = window.picture("Red")
        gray.append(int(picture[picture.shape[0] // 2 - 70, picture.shape[1] // 2, 0]))
    # black below, white above
    assert gray == pytest.approx([64, 128, 255, 255], abs=8)


def test_a_difference_and_an_uncertainty_are_shown_in_color(window: Window, views: Any) -> None:
    reference, synthetic = a_volume(window.scene, "CT"), a_synthetic(window.scene, "made", 100.0)
    difference = difference_node(window.scene, synthetic, reference)
    marks = CornerMarks(window.manager, window.scene)
    views.show_difference(reference, difference)
    window.settle()
    picture = window.picture("Red").astype(int)
    middle = picture[picture.shape[0] // 2, picture.shape[1] // 2]
    assert middle[0] > middle[2] + 30  # higher is red
    assert yellow(window.picture("Red")).any()
    voxels = np.zeros((30, 40, 40), np.float32)
    voxels[10:20, 15:28, 15:28] = 80
    uncertainty = node_from_image(window.scene, Image(voxels, AFFINE), "SYNTHETIC CT uncertainty")
    apply_display(uncertainty, UNCERTAINTY)
    views.show_uncertainty(synthetic, uncertainty, 1.0)
    window.settle()
    picture = window.picture("Green").astype(int)
    row, column = picture.shape[0] // 2, picture.shape[1] // 2
    colored = np.ptp(picture, axis=-1) > 60
    assert colored[row, column]
    assert not colored[30:, column - 80].any()  # the certain shows the gray below
    marks.release()


def test_a_single_volume_has_nothing_over_it(window: Window, views: Any) -> None:
    source, synthetic = a_volume(window.scene, "T1"), a_synthetic(window.scene, "made")
    views.show_overlay(source, synthetic)
    views.show_single(source)
    window.settle()
    assert window.layers("Red") == ("T1", None)
    assert window.opacity("Red") == 0


def test_views_are_marked_from_the_start_without_the_panel(window: Window, views: Any) -> None:
    slicer.app._at_start.clear()
    application_marks.mark_from_start()
    views.show_single(a_synthetic(window.scene, "made"))
    window.settle()
    assert not yellow(window.picture("Red")).any()
    slicer.app._started()
    try:
        window.settle()
        assert yellow(window.picture("Red")).any()
        assert application_marks.own_marks() is None, "the panel adds no second word"
    finally:
        application_marks._marks.pop().release()
