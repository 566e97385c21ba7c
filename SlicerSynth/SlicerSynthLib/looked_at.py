"""Where a person looks: on the Red slice, under the crosshair if there is one.

The crosshair stays behind when a view is scrolled, so it says where in the slice, never which.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from SlicerSynthLib.layouts import composite_of, slice_widgets

Point = tuple[float, float, float]


def point_looked_at(scene: Any) -> Point | None:
    """RAS millimeters, None where the scene has no slice view."""
    node = scene.GetSingletonNode("Red", "vtkMRMLSliceNode")
    if node is None:
        node = scene.GetFirstNodeByClass("vtkMRMLSliceNode")
    if node is None:
        return None
    matrix = node.GetSliceToRAS()
    middle = np.array([matrix.GetElement(row, 3) for row in range(3)])
    normal = np.array([matrix.GetElement(row, 2) for row in range(3)])
    point = _crosshair(scene)
    if point is None:
        point = middle
    else:
        point = point - np.dot(point - middle, normal) * normal / np.dot(normal, normal)
    x, y, z = (float(value) for value in point)
    return x, y, z


def show_in_place(layout_manager: Any, preview: Any, source: Any) -> None:
    """Show a preview over its source in every slice view, each as it is turned and scrolled."""
    for widget in slice_widgets(layout_manager).values():
        composite = composite_of(widget)
        modifying = composite.StartModify()
        if source is not None:
            composite.SetBackgroundVolumeID(source.GetID())
        composite.SetForegroundVolumeID(preview.GetID())
        composite.SetForegroundOpacity(1.0)
        composite.EndModify(modifying)


def _crosshair(scene: Any) -> Any:
    """Where the crosshair is shown, None where it is not."""
    node = scene.GetSingletonNode("default", "vtkMRMLCrosshairNode")
    if node is None or node.GetCrosshairMode() == node.NoCrosshair:
        return None
    return np.array(node.GetCrosshairRAS())
