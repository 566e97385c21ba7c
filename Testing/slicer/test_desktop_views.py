"""The views: real MRML slices in Qt, answering mouse and keys, arranged by Slicer's layouts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("PyQt5", reason="PyQt5 is missing")
pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")

import slicer
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtGui import QImage, QMouseEvent, QWheelEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QSlider

from Testing.slicer.mrml_fixtures import pixels
from Testing.slicer.window_fixtures import *  # noqa: F403 (fixtures are found by their names)
from Testing.slicer.window_fixtures import settle, wait_for


@pytest.fixture
def a_volume(the_window: Any) -> Any:
    """A bright box in the dark, shown in every slice view."""
    from Desktop.window.show import show_volume

    voxels = np.zeros((40, 50, 60), np.int16)
    voxels[10:30, 10:40, 10:50] = 1000
    node = slicer.util.addVolumeFromArray(voxels, name="box")
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetAutoWindowLevel(False)
    node.GetDisplayNode().SetWindowLevel(1000, 500)
    show_volume(node)
    settle(0.3)
    return node


@pytest.fixture
def red(the_window: Any, a_volume: Any) -> Any:
    return the_window.layoutManager().sliceWidget("Red")


def shown(picture: QImage) -> np.ndarray:
    """The pixels of a picture of Qt's, (rows, columns, 3)."""
    plain = picture.convertToFormat(QImage.Format_RGB888)
    bits = plain.constBits().asarray(plain.bytesPerLine() * plain.height())
    rows = np.frombuffer(bits, np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).copy()


def mouse(widget: Any, kind: Any, place: tuple[int, int], button: Any, keys: Any = None) -> None:
    position = QPoint(*place)
    held = Qt.NoButton if kind == QEvent.MouseButtonRelease else button
    pressed = Qt.NoButton if kind == QEvent.MouseMove else button
    event = QMouseEvent(
        kind,
        QPointF(position),
        QPointF(widget.mapToGlobal(position)),
        pressed,
        held,
        keys or Qt.NoModifier,
    )
    QApplication.sendEvent(widget, event)


def drag(widget: Any, start: tuple[int, int], end: tuple[int, int], button: Any) -> None:
    mouse(widget, QEvent.MouseMove, start, Qt.NoButton)
    mouse(widget, QEvent.MouseButtonPress, start, button)
    for part in np.linspace(0.1, 1, 10):
        place = tuple(round(a + part * (b - a)) for a, b in zip(start, end, strict=True))
        mouse(widget, QEvent.MouseMove, place, button)
    mouse(widget, QEvent.MouseButtonRelease, end, button)
    settle()


def wheel(widget: Any, steps: int) -> None:
    place = QPoint(widget.width() // 2, widget.height() // 2)
    event = QWheelEvent(
        QPointF(place),
        QPointF(widget.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.NoButton,
        Qt.NoModifier,
        Qt.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    settle()


def test_qt_shows_exactly_what_vtk_draws(red: Any) -> None:
    view = red.sliceView()
    view.forceRender()
    picture = shown(view.grab().toImage())
    drawn = pixels(view.renderWindow())
    assert picture.shape == drawn.shape
    assert picture.max() == 255
    np.testing.assert_array_equal(picture, drawn)


def test_letters_say_where_a_view_looks(red: Any) -> None:
    from Desktop.views.annotation import letters

    assert [letters(v) for v in ((1, 0, 0), (-2, 0, 0), (0, 1, 0), (0, 0, -1))] == list("RLAI")
    assert letters((-0.9, 0.2, 0.0)) == "L" and letters((-0.8, 0.6, 0.1)) == "LA"

    def written(x: float, y: float) -> str:
        renderer = red._view.first_renderer()
        texts = [p for p in renderer.GetViewProps() if p.IsA("vtkTextActor")]
        place = min(texts, key=lambda t: np.hypot(*np.subtract(t.GetPosition(), (x, y))))
        return place.GetInput() if place.GetVisibility() else ""

    edges = ((0.985, 0.5), (0.015, 0.5), (0.5, 0.985), (0.5, 0.05))  # right, left, top, bottom
    red.sliceView().forceRender()
    assert [written(*edge) for edge in edges] == ["L", "R", "A", "P"], "axial, from below"
    assert written(0.015, 0.015) == "B: box"
    node = red.mrmlSliceNode()
    node.SetOrientation("Sagittal")
    red.sliceView().forceRender()
    assert [written(*edge) for edge in edges] == ["P", "A", "S", "I"]
    node.SetOrientation("Axial")
    composite = red.mrmlSliceCompositeNode()
    over = slicer.modules.volumes.logic().CloneVolume(slicer.util.getNode("box"), "x" * 90)
    composite.SetForegroundVolumeID(over.GetID())
    composite.SetForegroundOpacity(0.4)
    red.sliceView().forceRender()
    top, bottom = written(0.015, 0.015).splitlines()
    assert top.startswith("F: xxx") and "..." in top and top.endswith("(40%)") and len(top) < 60
    assert bottom == "B: box"
    composite.SetForegroundVolumeID(None)
    composite.SetBackgroundVolumeID(None)
    red.sliceView().forceRender()
    assert [written(*edge) for edge in edges] == [""] * 4


def test_a_view_fits_its_size(red: Any, the_window: Any) -> None:
    viewport = the_window.layoutManager().viewport()
    viewport.resize(700, 500)
    settle(0.2)
    view = red.sliceView()
    assert tuple(view.renderWindow().GetSize()) == (view.width(), view.height())
    assert red.mrmlSliceNode().GetDimensions()[:2] == (view.width(), view.height())
    viewport.resize(900, 600)


def test_the_wheel_and_the_slider_move_the_slice(red: Any) -> None:
    logic = red.sliceLogic()
    before = logic.GetSliceOffset()
    wheel(red.sliceView(), 3)
    assert logic.GetSliceOffset() == pytest.approx(before + 3)
    slider = red.sliceController().sliceOffsetSlider()
    assert slider.property("value") == pytest.approx(logic.GetSliceOffset())
    slider.findChild(QSlider).setValue(2)
    assert logic.GetSliceOffset() == pytest.approx(slider.property("minimum") + 2)


def test_keys_move_the_slice(red: Any) -> None:
    before = red.sliceLogic().GetSliceOffset()
    view = red.sliceView()
    mouse(view, QEvent.MouseMove, (50, 50), Qt.NoButton)
    QTest.keyClick(view, Qt.Key_Up)
    settle()
    assert red.sliceLogic().GetSliceOffset() == pytest.approx(before + 1)


def test_a_drag_changes_window_and_level_only_when_asked(red: Any, a_volume: Any) -> None:
    from Desktop.window.tools import window_level

    display = a_volume.GetDisplayNode()
    window_level(False)
    drag(red.sliceView(), (100, 100), (160, 130), Qt.LeftButton)
    assert (display.GetWindow(), display.GetLevel()) == (1000, 500)
    window_level(True)
    drag(red.sliceView(), (100, 100), (160, 130), Qt.LeftButton)
    assert display.GetWindow() > 1000
    assert display.GetLevel() != 500


def test_drags_zoom_and_pan_and_let_go_of_the_mouse(red: Any, the_window: Any) -> None:
    from Desktop.window.tools import cross

    node = red.mrmlSliceNode()
    field = node.GetFieldOfView()[0]
    drag(red.sliceView(), (100, 80), (100, 130), Qt.RightButton)
    zoomed = node.GetFieldOfView()[0]
    assert zoomed != pytest.approx(field)
    origin = node.GetXYZOrigin()
    drag(red.sliceView(), (100, 80), (140, 80), Qt.MiddleButton)
    assert node.GetXYZOrigin() != pytest.approx(origin)
    assert node.GetFieldOfView()[0] == pytest.approx(zoomed)
    cross(True)
    green = the_window.layoutManager().sliceWidget("Green").sliceLogic()
    before = green.GetSliceOffset()
    mouse(red.sliceView(), QEvent.MouseMove, (120, 40), Qt.NoButton, Qt.ShiftModifier)
    cross(False)
    assert green.GetSliceOffset() != pytest.approx(before)


def test_the_crosshair_takes_the_other_slices_along(red: Any, the_window: Any) -> None:
    from Desktop.window.tools import cross

    cross(True)
    green = the_window.layoutManager().sliceWidget("Green").sliceLogic()
    before = green.GetSliceOffset()
    for step in range(5):
        place = (100 + 6 * step, 80 + 6 * step)
        mouse(red.sliceView(), QEvent.MouseMove, place, Qt.NoButton, Qt.ShiftModifier)
    cross(False)
    assert green.GetSliceOffset() != pytest.approx(before)


def test_linked_views_scroll_together(red: Any, the_window: Any) -> None:
    from Desktop.window.tools import link_views

    manager = the_window.layoutManager()
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutSideBySideView)
    yellow = manager.sliceWidget("Yellow")
    yellow.mrmlSliceNode().SetOrientation("Axial")
    link_views(True)
    settle(0.2)
    red.sliceController().setSliceOffsetValue(red.sliceLogic().GetSliceOffset() + 4)
    link_views(False)
    assert yellow.sliceLogic().GetSliceOffset() == pytest.approx(red.sliceLogic().GetSliceOffset())


def test_a_drag_turns_the_3d_view(a_volume: Any, the_window: Any) -> None:
    view = the_window.layoutManager().threeDWidget(0).threeDView()
    before = view.cameraNode().GetPosition()
    drag(view, (100, 100), (160, 130), Qt.LeftButton)
    assert np.linalg.norm(np.subtract(view.cameraNode().GetPosition(), before)) > 10


def test_layouts_are_slicers_own(a_volume: Any, the_window: Any) -> None:
    manager = the_window.layoutManager()
    layouts = slicer.vtkMRMLLayoutNode
    told: list[int] = []
    manager.layoutChanged.connect(told.append)
    assert manager.sliceViewNames()[:3] == ["Red", "Green", "Yellow"]
    for layout, seen in (
        (layouts.SlicerLayoutSideBySideView, {"Red", "Yellow"}),
        (layouts.SlicerLayoutOneUpRedSliceView, {"Red"}),
        (layouts.SlicerLayoutCompareView, {"Red", "Compare1"}),
        (layouts.SlicerLayoutFourUpView, {"Red", "Green", "Yellow"}),
    ):
        manager.setLayout(layout)
        settle(0.2)
        names = {name for name in manager.sliceViewNames() if manager.sliceWidget(name).isVisible()}
        assert names == seen
        assert manager.layout == layout
        for name in manager.sliceViewNames():
            node = manager.sliceWidget(name).mrmlSliceNode()
            assert bool(node.IsMappedInLayout()) == (name in seen)
    assert len(told) == 4
    manager.layoutChanged.disconnect(told.append)


def test_a_layout_of_the_modules_own_is_arranged(a_volume: Any, the_window: Any) -> None:
    manager = the_window.layoutManager()
    view = '<view class="vtkMRMLSliceNode" singletontag="{0}"/>'
    description = (
        '<layout type="grid"><item row="0" column="0">'
        + view.format("Red")
        + '</item><item row="1" column="0">'
        + view.format("Green")
        + "</item></layout>"
    )
    node = manager.layoutLogic().GetLayoutNode()
    if not node.IsLayoutDescription(901):
        node.AddLayoutDescription(901, description)
    manager.setLayout(901)
    settle(0.2)
    red, green = (manager.sliceWidget(name) for name in ("Red", "Green"))
    viewport = manager.viewport()
    assert red.mapTo(viewport, QPoint()).x() == green.mapTo(viewport, QPoint()).x()
    assert red.mapTo(viewport, QPoint()).y() < green.mapTo(viewport, QPoint()).y()


def test_views_outlive_a_closed_scene(red: Any, the_window: Any) -> None:
    slicer.mrmlScene.Clear(0)
    settle(0.2)
    assert red.mrmlSliceNode().GetScene() is slicer.mrmlScene
    assert red.mrmlSliceNode().GetOrientation() == "Axial"
    assert red.mrmlSliceCompositeNode().GetBackgroundVolumeID() is None


def test_nothing_is_drawn_while_rendering_is_paused(red: Any) -> None:
    view, drawn = red.sliceView(), []
    tag = view.renderWindow().AddObserver("EndEvent", lambda *_: drawn.append(1))
    settle(0.3)
    drawn.clear()
    with slicer.util.RenderBlocker():
        red.sliceLogic().SetSliceOffset(red.sliceLogic().GetSliceOffset() + 2)
        settle(0.2)
        assert drawn == []
    assert wait_for(lambda: bool(drawn), 5)
    view.renderWindow().RemoveObserver(tag)


def test_many_changes_make_few_pictures(red: Any) -> None:
    view, drawn = red.sliceView(), []
    settle(0.3)
    tag = view.renderWindow().AddObserver("EndEvent", lambda *_: drawn.append(1))
    for _ in range(50):
        view.scheduleRender()
    assert wait_for(lambda: bool(drawn), 5)
    settle(0.2)
    view.renderWindow().RemoveObserver(tag)
    assert len(drawn) == 1


def test_a_chart_is_drawn(the_window: Any) -> None:
    import vtk

    manager = the_window.layoutManager()
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpPlotView)
    settle(0.2)
    assert manager.plotViewCount == 1
    widget = manager.plotWidget(0)
    before = shown(widget.plotView().grab().toImage())
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    for name in ("x", "y"):
        column = vtk.vtkDoubleArray()
        column.SetName(name)
        for value in range(10):
            column.InsertNextValue(value**2 if name == "y" else value)
        table.AddColumn(column)
    series = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", "curve")
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName("x")
    series.SetYColumnName("y")
    series.SetPlotType(series.PlotTypeScatter)
    series.SetColor(1, 0, 0)
    chart = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotChartNode", "chart")
    chart.AddAndObservePlotSeriesNodeID(series.GetID())
    widget.mrmlPlotViewNode().SetPlotChartNodeID(chart.GetID())
    settle(0.3)
    after = shown(widget.plotView().grab().toImage())
    reds = (after[..., 0] > 200) & (after[..., 1] < 80)
    assert reds.sum() > 100
    assert not ((before[..., 0] > 200) & (before[..., 1] < 80)).any()
