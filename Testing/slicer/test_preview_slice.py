"""Which slice a preview makes: one through where one looks, in the view that faces it most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from SynthCore.image import make_affine
from Testing.slicer.logic_fixtures import a_t1
from Testing.slicer.mrml_fixtures import oblique
from Testing.slicer.panel_fixtures import Clicked

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")

X, Z = 0, 2
SAGITTAL = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
"""Directions (LPS, in columns) of slices that go from right to left."""


def a_sagittal_t1() -> Any:
    """Eight acquired slices 6 mm apart, from x = -21 to 21 mm."""
    affine = make_affine((4.0, 4.0, 6.0), (-21.0, -90.0, 90.0), SAGITTAL)
    node = a_t1(slicer.mrmlScene, "T1 sagittal", affine, (8, 48, 40))
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    return node


def view(name: str) -> Any:
    return slicer.app.layoutManager().sliceWidget(name)


def go(name: str, axis: int, to: float) -> None:
    """Scroll a view to a place, RAS millimeters along an axis of the patient."""
    view(name).mrmlSliceNode().JumpSliceByOffsetting(*(to * (n == axis) for n in range(3)))


def place_of(name: str, axis: int) -> float:
    return float(view(name).mrmlSliceNode().GetSliceToRAS().GetElement(axis, 3))


def preview_in(panel: Clicked) -> Any:
    """Click, wait, and give the node."""
    from SlicerSynthLib.results import preview_node

    panel.click("previewButton")
    panel.idle()
    assert not panel.said, panel.said
    node = preview_node(slicer.mrmlScene)
    assert node is not None and node.GetImageData().GetDimensions()[2] == 1
    return node


def middle_of(node: Any) -> Any:
    bounds = [0.0] * 6
    node.GetRASBounds(bounds)
    return np.reshape(bounds, (3, 2)).mean(axis=1)


def test_an_acquired_slice_is_taken_from_the_view_that_faces_it(a_panel: Clicked) -> None:
    a_sagittal_t1()
    a_panel.use("mr-to-ct-bulk-density")
    go("Yellow", X, 10.2)
    go("Red", Z, 40.0)
    node = preview_in(a_panel)
    assert middle_of(node)[0] == pytest.approx(9.0), "the acquired slice nearest to it"
    assert place_of("Yellow", X) == pytest.approx(9.0), "and it goes there"
    assert place_of("Red", Z) == pytest.approx(40.0)
    assert view("Yellow").mrmlSliceCompositeNode().GetForegroundVolumeID() == node.GetID()


def test_a_view_that_is_not_shown_says_nothing(a_panel: Clicked) -> None:
    """Red has the right turn and stands elsewhere, but the layout is one of Green alone."""
    a_sagittal_t1()
    a_panel.use("mr-to-ct-bulk-density")
    manager = slicer.app.layoutManager()
    red, green = view("Red").mrmlSliceNode(), view("Green").mrmlSliceNode()
    red.SetOrientation("Sagittal")
    go("Red", X, -15.0)
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpGreenSliceView)
    a_panel.spin(0.1)
    green.SetOrientation("Sagittal")
    go("Green", X, 16.0)
    try:
        assert middle_of(preview_in(a_panel))[0] == pytest.approx(15.0)
        assert place_of("Green", X) == pytest.approx(15.0)
        assert place_of("Red", X) == pytest.approx(-15.0)
    finally:
        red.SetOrientation("Axial")
        green.SetOrientation("Coronal")


def test_a_view_that_does_not_face_it_stays(a_panel: Clicked) -> None:
    a_sagittal_t1()
    a_panel.use("mr-to-ct-bulk-density")
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    a_panel.spin(0.1)
    go("Red", Z, 40.0)
    preview_in(a_panel)
    assert place_of("Red", Z) == pytest.approx(40.0)


@pytest.mark.parametrize("degrees", [0.0, 20.0])
def test_the_plane_is_the_acquired_one_or_near_axial(a_panel: Clicked, degrees: float) -> None:
    """By a method or a network; a task that makes slices thinner keeps to the acquired ones."""
    from SlicerSynthLib.looked_at import point_looked_at
    from SlicerSynthLib.orders import Order
    from SlicerSynthLib.preview_plane import normal_to_make
    from SynthCore.image import Image

    turn = oblique(degrees)
    place = make_affine((4.0, 4.0, 6.0), (-21.0, -90.0, 90.0), turn @ SAGITTAL)
    node = a_t1(slicer.mrmlScene, "T1 sagittal", place, (8, 48, 40))
    ras = np.diag((-1.0, -1.0, 1.0)) @ turn

    def facing(task: str, by_network: bool) -> Any:
        found = normal_to_make(Order(task, {"T1": node}, "T1"), by_network)
        assert found is not None
        return np.abs(ras.T @ found)

    assert facing("mr-to-ct", by_network=False) == pytest.approx([1, 0, 0], abs=1e-6)
    assert facing("mr-to-ct", by_network=True) == pytest.approx([0, 0, 1], abs=1e-6)
    assert facing("super-resolution", by_network=True) == pytest.approx([1, 0, 0], abs=1e-6)
    assert normal_to_make(Order("mr-to-ct", {}), by_network=True) is None
    if degrees == 0:
        from SynthCore.axes import toward_lps

        moved, _ = toward_lps(Image(np.zeros((8, 48, 40), np.float32), place))
        assert facing("mr-to-ct", by_network=True) == pytest.approx(np.abs(moved.direction[:, 2]))
        go("Red", Z, 33.0)
        go("Yellow", X, 7.0)
        at = point_looked_at(slicer.mrmlScene, np.array([0.0, 0.0, 1.0]))
        assert at is not None and at[2] == pytest.approx(33.0)
        at = point_looked_at(slicer.mrmlScene, np.array([1.0, 0.1, 0.0]))
        assert at is not None and at[0] == pytest.approx(7.0)
