"""Watch a scene for nodes that come, go or are renamed, while a widget lives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import vtk
from PyQt5 import sip
from PyQt5.QtWidgets import QWidget
from slicer import vtkMRMLNode, vtkMRMLScene

_SCENE_EVENTS = (
    vtkMRMLScene.NodeAddedEvent,
    vtkMRMLScene.NodeRemovedEvent,
    vtkMRMLScene.EndBatchProcessEvent,
    vtkMRMLScene.EndCloseEvent,
    vtkMRMLScene.EndImportEvent,
    vtkMRMLScene.EndRestoreEvent,
)


class SceneWatch:
    """Calls back once for each change; does nothing once the widget is gone."""

    def __init__(self, widget: QWidget, changed: Callable[[], None]) -> None:
        self._widget = widget
        self._changed = changed
        self._scene: Any = None
        self._tags: list[tuple[Any, int]] = []
        self._nodes: dict[Any, list[int]] = {}

    @property
    def scene(self) -> Any:
        return self._scene

    def set_scene(self, scene: Any) -> None:
        """Leave the old scene and watch this one; None watches nothing."""
        self.watch_nodes(())
        for thing, tag in self._tags:
            thing.RemoveObserver(tag)
        self._scene = scene
        self._tags = (
            [(scene, scene.AddObserver(event, self._event)) for event in _SCENE_EVENTS]
            if scene is not None
            else []
        )

    def watch_nodes(self, nodes: Any) -> None:
        """Watch these nodes' names, types and attributes instead of the ones before."""
        wanted = set(nodes)
        for node in [node for node in self._nodes if node not in wanted]:
            for tag in self._nodes.pop(node):
                node.RemoveObserver(tag)
        for node in wanted - set(self._nodes):
            self._nodes[node] = [
                node.AddObserver(event, self._event)
                for event in (vtk.vtkCommand.ModifiedEvent, vtkMRMLNode.HierarchyModifiedEvent)
            ]

    def _event(self, *_: Any) -> None:
        if sip.isdeleted(self._widget):
            self.set_scene(None)
            return
        if self._scene is not None and not self._scene.IsBatchProcessing():
            self._changed()
