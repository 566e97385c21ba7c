"""The word SYNTHETIC in the corner of every view that shows a synthetic node.

Whether a view shows one is asked anew at the start of each picture: whatever changed since the
last one, no picture is drawn, or captured, without the word. It has a renderer of its own, above
all others of the view.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import vtk

from SlicerSynthLib.attributes import PREFIX
from SlicerSynthLib.shown import slice_shows_synthetic, solid_shows_synthetic

_YELLOW = (1.0, 1.0, 0.0)
_POINTS = 16
_CORNER = (0.012, 0.985)
"""Parts of the view's width and height, from the lower left."""


class ViewMark:
    """The word in one render window, there whenever `is_needed` says so.

    Parameters
    ----------
    render_window : vtkRenderWindow
        Of any view.
    is_needed : callable
        Asked before each picture.
    """

    def __init__(self, render_window: Any, is_needed: Callable[[], bool]) -> None:
        self._window = render_window
        self._is_needed = is_needed
        self._word = _word()
        self._renderer = vtk.vtkRenderer()
        self._renderer.InteractiveOff()
        self._renderer.AddViewProp(self._word)
        self._observer = render_window.AddObserver(
            vtk.vtkCommand.StartEvent, _weakly(self._before_picture)
        )

    @property
    def render_window(self) -> Any:
        """The window it is in, None once released."""
        return self._window

    def release(self) -> None:
        """Take the word and everything that belongs to it out of the window."""
        if self._window is None:
            return
        self._window.RemoveObserver(self._observer)
        self._window.RemoveRenderer(self._renderer)
        self._word.SetVisibility(False)
        self._window = None

    def _before_picture(self) -> None:
        if self._window is None:
            return
        needed = self._is_needed()
        self._word.SetVisibility(needed)
        if needed:
            self._stay_on_top()

    def _stay_on_top(self) -> None:
        renderers = self._window.GetRenderers()
        highest = -1
        for index in range(renderers.GetNumberOfItems()):
            renderer = renderers.GetItemAsObject(index)
            if renderer is not self._renderer:
                highest = max(highest, renderer.GetLayer())
        if not self._window.HasRenderer(self._renderer):
            self._window.AddRenderer(self._renderer)
        if self._renderer.GetLayer() <= highest:
            self._renderer.SetLayer(highest + 1)
        if self._window.GetNumberOfLayers() <= self._renderer.GetLayer():
            self._window.SetNumberOfLayers(self._renderer.GetLayer() + 1)


class CornerMark(ViewMark):
    """The word in a slice view, while one of the layers that are seen in it is synthetic."""

    def __init__(self, render_window: Any, composite_node: Any, scene: Any) -> None:
        super().__init__(render_window, lambda: slice_shows_synthetic(composite_node, scene))


class SolidMark(ViewMark):
    """The word in a 3D view, while a synthetic volume or a slice of one is seen in it."""

    def __init__(self, render_window: Any, view_node: Any, scene: Any) -> None:
        super().__init__(render_window, lambda: solid_shows_synthetic(view_node, scene))


class CornerMarks:
    """Marks in all views of a layout manager, those of later layouts included.

    Parameters
    ----------
    layout_manager : qMRMLLayoutManager
        `slicer.app.layoutManager()`.
    scene : vtkMRMLScene
        `slicer.mrmlScene`.
    """

    def __init__(self, layout_manager: Any, scene: Any) -> None:
        self._layout_manager = layout_manager
        self._scene = scene
        self._marks: dict[str, ViewMark] = {}
        layout_manager.layoutChanged.connect(self.update)
        self.update()

    def update(self, *_: Any) -> None:
        """Mark views that are new, and forget those that are gone."""
        manager = self._layout_manager
        found: dict[str, tuple[type[CornerMark | SolidMark], Any, Any]] = {}
        for name in manager.sliceViewNames():
            widget = manager.sliceWidget(name)
            window = widget.sliceView().renderWindow()
            composite = widget.sliceLogic().GetSliceCompositeNode()
            if composite is not None:
                found[composite.GetID()] = (CornerMark, window, composite)
        for index in range(manager.threeDViewCount):
            view = manager.threeDWidget(index).threeDView()
            node = view.mrmlViewNode()
            if node is not None:
                found[node.GetID()] = (SolidMark, view.renderWindow(), node)
        for key in list(self._marks):
            if key not in found or self._marks[key].render_window is not found[key][1]:
                self._marks.pop(key).release()
        for key, (kind, window, node) in found.items():
            if key not in self._marks:
                self._marks[key] = kind(window, node, self._scene)

    def release(self) -> None:
        """Take all marks out of the views."""
        if self._layout_manager is not None:
            self._layout_manager.layoutChanged.disconnect(self.update)
        self._layout_manager = None
        for mark in self._marks.values():
            mark.release()
        self._marks.clear()


def _word() -> Any:
    actor = vtk.vtkTextActor()
    actor.SetInput(PREFIX)
    actor.SetVisibility(False)
    actor.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
    actor.SetPosition(*_CORNER)
    text = actor.GetTextProperty()
    text.SetColor(*_YELLOW)
    text.SetFontFamilyToArial()
    text.SetFontSize(_POINTS)
    text.BoldOn()
    text.SetVerticalJustificationToTop()
    # legible over bone and over other annotations
    text.SetBackgroundColor(0.0, 0.0, 0.0)
    text.SetBackgroundOpacity(0.6)
    return actor


def _weakly(method: Callable[[], None]) -> Callable[..., None]:
    """`method` as an observer that does not keep its object alive."""
    reference = weakref.WeakMethod(method)

    def call(*_: Any) -> None:
        bound = reference()
        if bound is not None:
            bound()

    return call
