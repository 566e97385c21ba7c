"""Slice views of the current layout: which there are, and how they go together."""

from __future__ import annotations

from typing import Any, ClassVar

import qt
import slicer
import vtk

SIDE_BY_SIDE = slicer.vtkMRMLLayoutNode.SlicerLayoutSideBySideView
FOUR_UP = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView

LEFT, RIGHT = "Red", "Yellow"
"""The slice views of Slicer's side-by-side layout."""

_BEFORE = "SynthCore.BeforeSideBySide"
_SIZED_MS = 50


def slice_widgets(manager: Any) -> dict[str, Any]:
    """The slice views that the current layout shows, by name."""
    widgets = {name: manager.sliceWidget(name) for name in manager.sliceViewNames()}
    return {
        name: widget
        for name, widget in widgets.items()
        if widget.mrmlSliceNode().IsMappedInLayout()
    }


def composite_of(widget: Any) -> Any:
    """The node that says which volumes a slice view shows."""
    return widget.sliceLogic().GetSliceCompositeNode()


def go_side_by_side(manager: Any) -> None:
    """Two slice views with one cursor, the right one turned as the left one.

    Orientation, cursor, label maps and links are as before once the layout is another one,
    whoever changed it.
    """
    if manager.layout != SIDE_BY_SIDE:
        manager.setLayout(SIDE_BY_SIDE)
        fit_once_sized(manager)
    right = manager.sliceWidget(RIGHT).mrmlSliceNode()
    if right.GetAttribute(_BEFORE) is None:
        right.SetAttribute(_BEFORE, right.GetOrientation())
        for name in (LEFT, RIGHT):
            _note(composite_of(manager.sliceWidget(name)))
        _Leaving(manager)
    _show_cursor(manager)


def leave_side_by_side(manager: Any) -> None:
    """Four views, where there were two side by side; any other layout stays."""
    if manager.layout == SIDE_BY_SIDE:
        manager.setLayout(FOUR_UP)
        fit_once_sized(manager)
    turn_back(manager)


def turn_back(manager: Any) -> None:
    """Give both views and the cursor what they had before they stood side by side."""
    widget = manager.sliceWidget(RIGHT)
    if widget is None:
        return
    node = widget.mrmlSliceNode()
    before = node.GetAttribute(_BEFORE)
    if before is None:
        return
    node.RemoveAttribute(_BEFORE)
    for name in (LEFT, RIGHT):
        _give_back(composite_of(manager.sliceWidget(name)))
    if node.HasSliceOrientationPreset(before):
        node.SetOrientation(before)
    else:
        node.SetOrientationToDefault()
    crosshair = _crosshair()
    if crosshair is not None and crosshair.GetAttribute(_BEFORE) is not None:
        crosshair.SetCrosshairMode(int(crosshair.GetAttribute(_BEFORE)))
        crosshair.RemoveAttribute(_BEFORE)


def _note(composite: Any) -> None:
    """Keep which label map a view shows, and whether it goes its own way."""
    composite.SetNodeReferenceID(_BEFORE, composite.GetLabelVolumeID())
    links = (composite.GetLinkedControl(), composite.GetHotLinkedControl())
    composite.SetAttribute(_BEFORE, " ".join(str(int(link)) for link in links))


def _give_back(composite: Any) -> None:
    """What was chosen meanwhile stays: another label map, and views that are not linked."""
    before = composite.GetAttribute(_BEFORE)
    if before is None:
        return
    linked, _, hot = before.partition(" ")
    labels = composite.GetNodeReference(_BEFORE)
    composite.RemoveAttribute(_BEFORE)
    composite.RemoveNodeReferenceIDs(_BEFORE)
    if labels is not None and composite.GetLabelVolumeID() is None:
        composite.SetLabelVolumeID(labels.GetID())
    composite.SetLinkedControl(bool(composite.GetLinkedControl()) and linked == "1")
    composite.SetHotLinkedControl(bool(composite.GetHotLinkedControl()) and hot == "1")


def _show_cursor(manager: Any) -> None:
    """The crosshair, in the middle of the left view if it was hidden; Shift moves it."""
    crosshair = _crosshair()
    if crosshair is None or crosshair.GetCrosshairMode() != crosshair.NoCrosshair:
        return
    crosshair.SetAttribute(_BEFORE, str(crosshair.GetCrosshairMode()))
    # it appears where one looks, not where it was last or never
    crosshair.SetCrosshairRAS(middle_of(manager.sliceWidget(LEFT).mrmlSliceNode()))
    crosshair.SetCrosshairMode(crosshair.ShowBasic)


def _crosshair() -> Any:
    return slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLCrosshairNode")


class _Leaving:
    """Turns the right view back once the layout is another one."""

    waiting: ClassVar[set[_Leaving]] = set()
    """A signal may not keep what it calls."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager
        self.waiting.add(self)
        manager.layoutChanged.connect(self._changed)

    def _changed(self, *_: Any) -> None:
        if self._manager.layout == SIDE_BY_SIDE:
            return
        self._manager.layoutChanged.disconnect(self._changed)
        self.waiting.discard(self)
        turn_back(self._manager)


def fit(widget: Any) -> None:
    """Show the whole of a slice view's volume, at the slice that is shown now."""
    offset = widget.sliceLogic().GetSliceOffset()
    widget.fitSliceToBackground()
    widget.sliceLogic().SetSliceOffset(offset)


def fit_once_sized(manager: Any) -> None:
    """Fit the views once Qt has given them the sizes of the new layout."""

    def fit_all() -> None:
        widgets = slice_widgets(manager)
        for widget in widgets.values():
            fit(widget)
        if manager.layout == SIDE_BY_SIDE:
            align(widgets[RIGHT], widgets[LEFT])

    qt.QTimer.singleShot(_SIZED_MS, fit_all)


def align(widget: Any, like: Any) -> None:
    """Show in one slice view the place, turn and magnification of another."""
    node, model = widget.mrmlSliceNode(), like.mrmlSliceNode()
    modifying = node.StartModify()
    node.SetDimensions(*model.GetDimensions())
    node.SetFieldOfView(*model.GetFieldOfView())
    node.SetXYZOrigin(*model.GetXYZOrigin())
    node.GetSliceToRAS().DeepCopy(model.GetSliceToRAS())
    node.UpdateMatrices()
    node.EndModify(modifying)


def link(manager: Any) -> None:
    """Scroll, zoom and fade all slice views of the layout by one of them."""
    for widget in slice_widgets(manager).values():
        composite = composite_of(widget)
        composite.SetLinkedControl(True)
        composite.SetHotLinkedControl(True)


def middle_of(slice_node: Any) -> tuple[float, float, float]:
    """RAS millimeters of the middle of a slice view."""
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(slice_node.GetSliceToRAS())
    return matrix.GetElement(0, 3), matrix.GetElement(1, 3), matrix.GetElement(2, 3)
