"""Where a person looks: on a slice that is shown, under the crosshair if there is one.

The crosshair stays behind when a view is scrolled, so it says where in the slice, never which.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from SlicerSynthLib.layouts import composite_of, slice_widgets
from SlicerSynthLib.preview_plane import plane_of
from SynthCore.image import Array

Point = tuple[float, float, float]

FACES = 0.7
"""Cosine of the angle to a slice from which on a view shows it, and not a line where it cuts it."""


def point_looked_at(scene: Any, normal: Array | None = None) -> Point | None:
    """RAS millimeters, None where the scene has no slice view.

    The view is the one that faces `normal` most, of those in the layout; without a normal it is
    Red, or the first where Red is not shown.
    """
    node = _view(scene, normal)
    return None if node is None else _point_in(scene, node)


def show_in_place(layout_manager: Any, preview: Any, source: Any) -> None:
    """Show a preview over its source in every slice view, each as it is turned and scrolled.

    Only the view that faces it most goes to it, and takes along those that it is linked with.
    """
    widgets = slice_widgets(layout_manager)
    for widget in widgets.values():
        composite = composite_of(widget)
        modifying = composite.StartModify()
        if source is not None:
            composite.SetBackgroundVolumeID(source.GetID())
        composite.SetForegroundVolumeID(preview.GetID())
        composite.SetForegroundOpacity(1.0)
        composite.EndModify(modifying)
    middle, normal = plane_of(preview)
    facing = _view(preview.GetScene(), normal)
    for widget in widgets.values():
        if widget.mrmlSliceNode() is facing:
            _go_to(widget.sliceLogic(), _point_in(preview.GetScene(), facing), middle, normal)


def _go_to(logic: Any, point: Point, middle: Array, normal: Array) -> None:
    """Scroll until the plane goes through the point that is looked at."""
    across = _axis(logic.GetSliceNode(), 2)
    cosine = float(np.dot(across, normal))
    if abs(cosine) < FACES:
        return
    far = float(np.dot(middle - np.array(point), normal)) / cosine
    logic.StartSliceOffsetInteraction()
    logic.SetSliceOffset(logic.GetSliceOffset() + far)
    logic.EndSliceOffsetInteraction()


def _view(scene: Any, normal: Array | None) -> Any:
    """The slice node of the view that faces a direction most; the first of several that do."""
    count = scene.GetNumberOfNodesByClass("vtkMRMLSliceNode")
    nodes = [scene.GetNthNodeByClass(number, "vtkMRMLSliceNode") for number in range(count)]
    # Red first, and all of them where no slice view is in the layout
    nodes.sort(key=lambda node: (not node.IsMappedInLayout(), node.GetLayoutName() != "Red"))
    shown = [node for node in nodes if node.IsMappedInLayout()] or nodes
    if normal is None:
        return next(iter(shown), None)
    # rounded, so that of views turned alike it is always the first
    turned = [round(abs(float(np.dot(_axis(node, 2), normal))), 4) for node in shown]
    return shown[turned.index(max(turned))] if shown else None


def _axis(node: Any, column: int) -> Array:
    """A column of a view's slice-to-RAS matrix: 2 is the direction across it, 3 its middle."""
    matrix = node.GetSliceToRAS()
    return np.array([matrix.GetElement(row, column) for row in range(3)])


def _point_in(scene: Any, node: Any) -> Point:
    """The middle of a view, or the place in it that lies under the crosshair."""
    middle, across = _axis(node, 3), _axis(node, 2)
    point = _crosshair(scene)
    if point is None:
        point = middle
    else:
        point = point - np.dot(point - middle, across) * across / np.dot(across, across)
    x, y, z = (float(value) for value in point)
    return x, y, z


def _crosshair(scene: Any) -> Any:
    """Where the crosshair is shown, None where it is not."""
    node = scene.GetSingletonNode("default", "vtkMRMLCrosshairNode")
    if node is None or node.GetCrosshairMode() == node.NoCrosshair:
        return None
    return np.array(node.GetCrosshairRAS())
