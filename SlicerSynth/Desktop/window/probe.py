"""What lies under the mouse: place and values, for the status bar."""

from __future__ import annotations

from typing import Any

import slicer
import vtk
from PyQt5.QtWidgets import QLabel, QWidget


class Probe(QLabel):
    """Place in the patient (RAS, mm) and the values of the volumes shown there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._crosshair = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
        self._tag = self._crosshair.AddObserver(
            slicer.vtkMRMLCrosshairNode.CursorPositionModifiedEvent, self._moved
        )

    def stop(self) -> None:
        """Leave the crosshair alone."""
        self._crosshair.RemoveObserver(self._tag)

    def _moved(self, *_: Any) -> None:
        ras = [0.0, 0.0, 0.0]
        inside = self._crosshair.GetCursorPositionRAS(ras)
        place = [0.0, 0.0, 0.0]
        node = self._crosshair.GetCursorPositionXYZ(place) if inside else None
        if node is None:
            self.setText("")
            return
        widget = slicer.app.layoutManager().viewWidget(node)
        shown = widget.mrmlSliceCompositeNode() if widget is not None else None
        values = [text for layer in _LAYERS if shown and (text := _value(shown, layer, ras))]
        where = "{0} {3:.0f}, {1} {4:.0f}, {2} {5:.0f}".format(
            "R" if ras[0] >= 0 else "L",
            "A" if ras[1] >= 0 else "P",
            "S" if ras[2] >= 0 else "I",
            *(abs(value) for value in ras),
        )
        self.setText("   ".join([where, *values]))


_LAYERS = ("Background", "Foreground")


def _value(shown: Any, layer: str, ras: list[float]) -> str:
    """`name: value` of one layer at a place, empty outside of it."""
    volume = slicer.mrmlScene.GetNodeByID(getattr(shown, f"Get{layer}VolumeID")() or "")
    if volume is None or volume.GetImageData() is None:
        return ""
    matrix = vtk.vtkMatrix4x4()
    volume.GetRASToIJKMatrix(matrix)
    local = [0.0, 0.0, 0.0]
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(
        None, volume.GetParentTransformNode(), to_local := vtk.vtkGeneralTransform()
    )
    to_local.TransformPoint(ras, local)
    index = [round(value) for value in matrix.MultiplyPoint([*local, 1.0])[:3]]
    image = volume.GetImageData()
    if any(not 0 <= i < size for i, size in zip(index, image.GetDimensions(), strict=True)):
        return ""
    return f"{volume.GetName()}: {image.GetScalarComponentAsDouble(*index, 0):.4g}"
