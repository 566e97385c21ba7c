"""Show a volume: in the slice views, fitted, with its slices in the 3D view."""

from __future__ import annotations

from typing import Any

import slicer

_LABEL_OPACITY = 0.4
"""What lies under a mask is to be seen."""


def show_volume(node: Any) -> None:
    """Put a volume into every slice view and fit the views to it."""
    manager = slicer.app.layoutManager()
    logic = slicer.app.applicationLogic()
    selection = logic.GetSelectionNode()
    if node.IsA("vtkMRMLLabelMapVolumeNode"):
        selection.SetActiveLabelVolumeID(node.GetID())
        logic.PropagateVolumeSelection(0)
        for name in manager.sliceViewNames():
            manager.sliceWidget(name).mrmlSliceCompositeNode().SetLabelOpacity(_LABEL_OPACITY)
        return
    selection.SetActiveVolumeID(node.GetID())
    logic.PropagateVolumeSelection(0)
    manager.resetSliceViews()
    for name in manager.sliceViewNames():
        manager.sliceWidget(name).mrmlSliceNode().SetSliceVisible(True)
    manager.resetThreeDViews()
    for index in range(manager.threeDViewCount):
        _look_from_aside(manager.threeDWidget(index).threeDView())


def _look_from_aside(view: Any) -> None:
    """Turn the camera so that all three slices can be seen."""
    camera = view.cameraNode().GetCamera()
    camera.Azimuth(-30)
    camera.Elevation(20)
    view.cameraNode().ResetClippingRange()


def is_empty() -> bool:
    """Whether the scene holds no volume."""
    return int(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLVolumeNode")) == 0
