"""Whether a view shows a synthetic node at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SlicerSynthLib.attributes import is_synthetic


def slice_shows_synthetic(composite_node: Any, scene: Any) -> bool:
    """Whether a layer of a slice view that is not wholly transparent is synthetic."""
    return any(is_synthetic(scene.GetNodeByID(layer)) for layer in _layers(composite_node))


def solid_shows_synthetic(view_node: Any, scene: Any) -> bool:
    """Whether a 3D view shows a volume rendering of a synthetic node, or a slice through one."""
    return any(
        is_synthetic(display.GetDisplayableNode())
        for display in _nodes(scene, "vtkMRMLVolumeRenderingDisplayNode")
        if display.GetVisibility() and display.IsDisplayableInView(view_node.GetID())
    ) or any(
        slice_shows_synthetic(composite, scene)
        for node in _nodes(scene, "vtkMRMLSliceNode")
        if node.GetSliceVisible() and node.IsDisplayableInThreeDView(view_node.GetID())
        for composite in [scene.GetSingletonNode(node.GetLayoutName(), _COMPOSITE)]
        if composite is not None
    )


_COMPOSITE = "vtkMRMLSliceCompositeNode"


def _layers(composite: Any) -> Iterator[str]:
    """IDs of the volumes in a slice view that can be seen."""
    layers = [
        (composite.GetBackgroundVolumeID(), 1.0),
        (composite.GetForegroundVolumeID(), composite.GetForegroundOpacity()),
        (composite.GetLabelVolumeID(), composite.GetLabelOpacity()),
    ]
    for index in range(composite.GetNumberOfAdditionalLayers()):
        number = composite.Layer_Last + index
        layers.append((composite.GetNthLayerVolumeID(number), composite.GetNthLayerOpacity(number)))
    return (volume for volume, opacity in layers if volume and opacity > 0)


def _nodes(scene: Any, kind: str) -> Iterator[Any]:
    for index in range(scene.GetNumberOfNodesByClass(kind)):
        yield scene.GetNthNodeByClass(index, kind)
