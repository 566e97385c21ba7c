"""Views of the view nodes that a layout made, and the factory that keeps them."""

from __future__ import annotations

from typing import Any

from trame_slicer.views import (
    AbstractView,
    IViewFactory,
    SliceView,
    ThreeDView,
    ViewLayoutDefinition,
    ViewProps,
    ViewType,
)

from ..application.quiet import quiet
from .annotation import SliceAnnotation
from .render_loop import QtRendering


class NodeSliceView(SliceView):
    """A slice view of the slice node that is already in the scene under the view's name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._annotation = SliceAnnotation(self)

    def set_scene(self, scene: Any) -> None:
        AbstractView.set_scene(self, scene)
        self._logic.SetMRMLScene(scene)
        node = scene.GetSingletonNode(self.name, "vtkMRMLSliceNode")
        if node is None:
            node = self._logic.AddSliceNode(self.name)
        self._logic.SetSliceNode(node)
        self.set_view_node(node)

    def _reset_node_view_properties(self) -> None:
        """Leave the node as the layout made it."""

    def fit_view_to_content(self) -> None:
        self._update_slice_size()
        self._logic.FitSliceToBackground()
        self._logic.SnapSliceOffsetToIJK()

    @property
    def logic(self) -> Any:
        return self._logic


class NodeThreeDView(ThreeDView):
    """A 3D view of the view node that is already in the scene under the view's name."""

    def set_scene(self, scene: Any) -> None:
        AbstractView.set_scene(self, scene)
        self._logic.SetMRMLScene(scene)
        node = scene.GetSingletonNode(self.name, "vtkMRMLViewNode")
        if node is None:
            node = self._logic.AddViewNode(self.name)
        self.set_view_node(node)

    def _reset_node_view_properties(self) -> None:
        """Leave the node as the layout made it."""

    @property
    def logic(self) -> Any:
        return self._logic


class NodeViewFactory(IViewFactory):
    """Makes a view for a slice node or a 3D view node."""

    def can_create_view(self, view: ViewLayoutDefinition) -> bool:
        return view.view_type in ViewType

    def _create_view(self, view: ViewLayoutDefinition, scene: Any, app_logic: Any) -> Any:
        kind = NodeSliceView if view.view_type is ViewType.SLICE_VIEW else NodeThreeDView
        with quiet():  # of an event that VTK 9.6 renamed, unused here
            made = kind(
                scene, app_logic, view.singleton_tag, scheduled_render_strategy=QtRendering()
            )
        # smooth edges triple the time of a picture where there is no graphics card
        made.render_window().SetMultiSamples(0)
        return made

    def _get_slicer_view(self, view: Any) -> Any:
        return view


def view_of(view_manager: Any, node: Any) -> Any:
    """The view of a view node, made if there is none; None for a kind that is not shown here."""
    kinds = {kind.value: kind for kind in ViewType}
    if node.GetClassName() not in kinds:
        return None
    definition = ViewLayoutDefinition(
        node.GetSingletonTag(), kinds[node.GetClassName()], ViewProps()
    )
    return view_manager.create_view(definition)
