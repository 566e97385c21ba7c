"""No picture of a synthetic node without the word: looked for in the pixels of real views."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import vtk

from SlicerSynthLib.attributes import mark
from SlicerSynthLib.corner_mark import CornerMark, CornerMarks, SolidMark
from SlicerSynthLib.display import apply_display
from SlicerSynthLib.nodes import node_from_image
from SlicerSynthLib.scalars import image_data
from SynthCore.image import Image, make_affine
from Testing.dicom.results import an_image, result_of
from Testing.slicer.mrml_fixtures import pixels, yellow

SIZE = (320, 240)


def a_volume(scene: Any, name: str, *, synthetic: bool = False) -> Any:
    """A bright volume: yellow on black would be too easy."""
    voxels = np.full((20, 60, 60), 1500, np.int16)
    voxels[5:15, 20:40, 20:40] = -1000
    affine = make_affine((4.0, 4.0, 6.0), (-118.0, -118.0, -57.0))
    node = node_from_image(scene, Image(voxels, affine, "CT"), name)
    apply_display(node, "CT")
    if synthetic:
        mark(node, record=result_of(an_image()).record.to_json())
    return node


class AView:
    """A slice view with a CT, a synthetic CT to show, and its mark."""

    def __init__(self, app: Any, *, empty: bool = False) -> None:
        from trame_slicer.views import SliceView

        self.view = SliceView(app.scene, app.app_logic, "Red")
        self.window = self.view.render_window()
        self.window.SetSize(*SIZE)
        self.view.update_size(*SIZE)
        self.composite = self.view._logic.GetSliceCompositeNode()
        if not empty:
            self.acquired = a_volume(app.scene, "CT")
            self.synthetic = a_volume(app.scene, "made", synthetic=True)
            self.view.set_background_volume_id(self.acquired.GetID())
        self.view.fit_view_to_content()
        self.mark = CornerMark(self.window, self.composite, app.scene)

    def has_word(self) -> bool:
        """Whether the upper left of a screenshot shows the word, and nothing else is yellow."""
        picture = pixels(self.window)
        assert picture.max() > 250  # the volume is there
        rows, columns = np.nonzero(yellow(picture))
        if not rows.size:
            return False
        assert rows.max() < 0.15 * picture.shape[0]
        assert columns.max() < 0.5 * picture.shape[1]
        assert rows.size > 150
        return True


@pytest.fixture
def a_view(a_slicer_app: Any) -> Iterator[AView]:
    made = AView(a_slicer_app)
    yield made
    made.view.set_render_blocked(True)  # it would draw while its scene is taken away


def test_a_view_of_acquired_images_has_no_word(a_view: AView) -> None:
    assert not a_view.has_word()


def test_the_word_comes_and_goes_with_the_background(a_view: AView) -> None:
    a_view.composite.SetBackgroundVolumeID(a_view.synthetic.GetID())
    assert a_view.has_word()
    a_view.composite.SetBackgroundVolumeID(a_view.acquired.GetID())
    assert not a_view.has_word()


def test_the_word_is_there_while_a_foreground_is_seen(a_view: AView) -> None:
    a_view.composite.SetForegroundVolumeID(a_view.synthetic.GetID())
    a_view.composite.SetForegroundOpacity(0.0)
    assert not a_view.has_word()
    a_view.composite.SetForegroundOpacity(0.05)
    assert a_view.has_word()
    a_view.composite.SetForegroundVolumeID(None)
    assert not a_view.has_word()


def test_the_word_is_there_for_a_label_and_for_further_layers(
    a_slicer_app: Any, a_view: AView
) -> None:
    label = a_slicer_app.scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "made")
    label.SetAndObserveImageData(image_data(np.ones((2, 2, 2), np.uint8)))
    label.CreateDefaultDisplayNodes()
    mark(label, record=result_of(an_image()).record.to_json())
    a_view.composite.SetLabelVolumeID(label.GetID())
    assert a_view.has_word()
    a_view.composite.SetLabelOpacity(0.0)
    assert not a_view.has_word()
    number = a_view.composite.Layer_Last
    a_view.composite.SetNthLayerVolumeID(number, a_view.synthetic.GetID())
    assert a_view.has_word()
    a_view.composite.SetNthLayerVolumeID(number, None)
    assert not a_view.has_word()


def test_a_node_marked_while_it_is_shown_is_marked_in_the_next_picture(a_view: AView) -> None:
    assert not a_view.has_word()
    mark(a_view.acquired, record=result_of(an_image()).record.to_json())
    assert a_view.has_word()


def test_the_word_leaves_with_its_node(a_slicer_app: Any, a_view: AView) -> None:
    a_view.composite.SetForegroundVolumeID(a_view.synthetic.GetID())
    a_view.composite.SetForegroundOpacity(1.0)
    assert a_view.has_word()
    a_slicer_app.scene.RemoveNode(a_view.synthetic)
    assert not a_view.has_word()


def test_the_word_leaves_with_the_scene_and_comes_again(a_slicer_app: Any, a_view: AView) -> None:
    a_view.composite.SetBackgroundVolumeID(a_view.synthetic.GetID())
    assert a_view.has_word()
    a_slicer_app.scene.Clear(0)
    assert not yellow(pixels(a_view.window)).any()
    again = a_volume(a_slicer_app.scene, "made again", synthetic=True)
    a_view.composite.SetBackgroundVolumeID(again.GetID())
    a_view.view.fit_view_to_content()
    assert a_view.has_word()


def test_a_scene_opened_again_has_the_word(
    a_slicer_app: Any, a_view: AView, reopened: Callable[[Any, str], Any]
) -> None:
    a_view.synthetic.SetName("renamed")
    a_view.composite.SetBackgroundVolumeID(a_view.synthetic.GetID())
    other = reopened(a_slicer_app, ".mrb")
    again = AView(other, empty=True)
    shown = other.scene.GetNodeByID(again.composite.GetBackgroundVolumeID())
    assert shown.GetName() == "renamed"
    assert again.has_word()
    again.view.set_render_blocked(True)


@pytest.mark.parametrize("size", [(640, 480), (200, 500), (150, 100)])
def test_the_word_stays_in_the_corner_of_a_view_of_any_size(
    a_view: AView, size: tuple[int, int]
) -> None:
    a_view.composite.SetBackgroundVolumeID(a_view.synthetic.GetID())
    assert a_view.has_word()
    a_view.window.SetSize(*size)
    a_view.view.update_size(*size)
    a_view.view.fit_view_to_content()
    picture = pixels(a_view.window)
    assert picture.shape[:2] == size[::-1]
    rows, columns = np.nonzero(yellow(picture))
    assert rows.size > 150
    assert rows.max() < 30
    assert columns.max() < 110


def test_an_enlarged_screenshot_has_the_word_once(a_view: AView) -> None:
    a_view.composite.SetBackgroundVolumeID(a_view.synthetic.GetID())
    rows, columns = np.nonzero(yellow(pixels(a_view.window, scale=2)))
    assert rows.size > 150
    assert rows.max() < 40
    assert columns.max() < 200


def test_the_word_is_above_renderers_that_come_later(a_view: AView) -> None:
    a_view.composite.SetBackgroundVolumeID(a_view.synthetic.GetID())
    assert a_view.has_word()
    cover = vtk.vtkRenderer()
    cover.SetLayer(a_view.window.GetNumberOfLayers())
    a_view.window.SetNumberOfLayers(cover.GetLayer() + 1)
    plate = vtk.vtkTextActor()
    plate.SetInput("MMMMMMMMMMMMMMMMMM")
    plate.GetTextProperty().SetFontSize(60)
    plate.GetTextProperty().SetVerticalJustificationToTop()
    plate.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
    plate.SetPosition(0.0, 1.0)
    cover.AddViewProp(plate)
    a_view.window.AddRenderer(cover)
    assert a_view.has_word()
    a_view.window.SetNumberOfLayers(2)  # another part of the program counts its own layers only
    a_view.window.RemoveRenderer(cover)
    assert a_view.has_word()


def test_the_mouse_does_not_meet_the_word(a_view: AView) -> None:
    a_view.composite.SetBackgroundVolumeID(a_view.synthetic.GetID())
    before = a_view.view.interactor().FindPokedRenderer(20, SIZE[1] - 10)
    assert a_view.has_word()
    assert a_view.view.interactor().FindPokedRenderer(20, SIZE[1] - 10) is before


def test_a_released_mark_leaves_nothing_behind(a_view: AView) -> None:
    # one render first: views make observers of their own then
    a_view.composite.SetBackgroundVolumeID(a_view.synthetic.GetID())
    assert a_view.has_word()
    renderers = a_view.window.GetRenderers().GetNumberOfItems()
    a_view.mark.release()
    a_view.mark.release()
    assert a_view.window.GetRenderers().GetNumberOfItems() == renderers - 1
    assert not a_view.has_word()
    assert a_view.mark.render_window is None
    observer = a_view.window.AddObserver(vtk.vtkCommand.UserEvent, lambda *_: None)
    references = a_view.window.GetReferenceCount()
    for _ in range(20):
        other = CornerMark(a_view.window, a_view.composite, a_view.view._scene)
        assert a_view.has_word()
        other.release()
    del other
    gc.collect()
    assert a_view.window.GetReferenceCount() == references
    assert a_view.window.AddObserver(vtk.vtkCommand.UserEvent, lambda *_: None) > observer
    assert not a_view.window.HasObserver(vtk.vtkCommand.StartEvent)


def test_a_forgotten_mark_is_not_kept_alive_by_its_window(a_view: AView) -> None:
    forgotten = weakref.ref(CornerMark(a_view.window, a_view.composite, a_view.view._scene))
    gc.collect()
    assert forgotten() is None
    assert not a_view.has_word()


class ASolid:
    """A 3D view and its mark."""

    def __init__(self, app: Any) -> None:
        from trame_slicer.views import ThreeDView

        self.view = ThreeDView(app.scene, app.app_logic, "1")
        self.window = self.view.render_window()
        self.window.SetSize(*SIZE)
        self.view.update_size(*SIZE)
        self.mark = SolidMark(self.window, self.view.get_view_node(), app.scene)

    def has_word(self) -> bool:
        return bool(yellow(pixels(self.window))[:40, :120].sum() > 150)


def test_a_volume_rendering_has_the_word_in_the_views_that_show_it(a_slicer_app: Any) -> None:
    solid = ASolid(a_slicer_app)
    acquired = a_volume(a_slicer_app.scene, "CT")
    synthetic = a_volume(a_slicer_app.scene, "made", synthetic=True)
    rendering = a_slicer_app.volume_rendering
    rendering.create_display_node(acquired, "CT-AAA").SetVisibility(True)
    assert not solid.has_word()
    display = rendering.create_display_node(synthetic, "CT-AAA")
    display.SetVisibility(True)
    assert solid.has_word()
    display.SetVisibility(False)
    assert not solid.has_word()
    display.SetVisibility(True)
    display.SetViewNodeIDs(["vtkMRMLViewNodeElsewhere"])
    assert not solid.has_word()
    display.RemoveAllViewNodeIDs()
    assert solid.has_word()
    a_slicer_app.scene.RemoveNode(synthetic)
    assert not solid.has_word()


def test_a_slice_in_the_3d_view_has_the_word(a_slicer_app: Any, a_view: AView) -> None:
    solid = ASolid(a_slicer_app)
    a_view.composite.SetBackgroundVolumeID(a_view.synthetic.GetID())
    assert not solid.has_word()
    a_view.view.set_visible_in_3d(True)
    assert solid.has_word()
    a_view.composite.SetBackgroundVolumeID(a_view.acquired.GetID())
    assert not solid.has_word()


def words_of(app: Any) -> dict[str, bool]:
    """Slice views that show the word in a screenshot."""
    manager = app.layoutManager()
    return {
        name: bool(yellow(pixels(manager.sliceWidget(name).sliceView().renderWindow())).any())
        for name in manager.sliceViewNames()
    }


def test_all_views_of_every_layout_are_marked(the_window: Any) -> None:
    import slicer

    manager, scene = the_window.layoutManager(), slicer.mrmlScene
    synthetic, acquired = a_volume(scene, "made", synthetic=True), a_volume(scene, "CT")
    marks = CornerMarks(manager, scene)
    slicer.util.setSliceViewerLayers(background=synthetic, fit=True)
    manager.sliceWidget("Green").sliceLogic().GetSliceCompositeNode().SetBackgroundVolumeID(
        acquired.GetID()
    )
    assert words_of(the_window) == {"Red": True, "Green": False, "Yellow": True}
    node = slicer.vtkMRMLLayoutNode
    manager.setLayout(node.SlicerLayoutThreeOverThreeView)
    the_window.processEvents()
    assert len(manager.sliceViewNames()) > 3
    slicer.util.setSliceViewerLayers(background=synthetic, fit=True)
    assert all(words_of(the_window).values())
    renderings = slicer.app._core.volume_rendering
    renderings.create_display_node(synthetic, "CT-AAA").SetVisibility(True)
    manager.setLayout(node.SlicerLayoutOneUp3DView)
    the_window.processEvents()
    solid = manager.threeDWidget(0).threeDView().renderWindow()
    assert yellow(pixels(solid)).any()
    marks.release()
    assert not any(words_of(the_window).values())
    assert not yellow(pixels(solid)).any()


def test_released_marks_do_not_listen_to_layouts(the_window: Any) -> None:
    import slicer

    marks = CornerMarks(the_window.layoutManager(), slicer.mrmlScene)
    marks.release()
    marks.release()
    listening = weakref.ref(marks)
    del marks
    gc.collect()
    assert listening() is None
