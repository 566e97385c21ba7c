"""The tool bar: open, save, layouts, mouse, crosshair, link, screenshot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
import vtk
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QActionGroup, QStyle, QToolBar, QWidget

_LAYOUTS = (
    ("Four views", "SlicerLayoutFourUpView", "Three slice views and the 3D view"),
    ("Side by side", "SlicerLayoutSideBySideView", "Two slice views beside each other"),
    ("One view", "SlicerLayoutOneUpRedSliceView", "One large slice view"),
)


class Tools(QToolBar):
    """Buttons with words, for what has no place in the panel."""

    def __init__(self, actions: dict[str, Callable[[], None]], parent: QWidget) -> None:
        super().__init__("Tools", parent)
        self.setObjectName("tools")
        self.setMovable(False)
        icons = {
            "Open folder": QStyle.SP_DirOpenIcon,
            "Open file": QStyle.SP_FileIcon,
            "Save scene": QStyle.SP_DialogSaveButton,
            "Screenshot": QStyle.SP_DesktopIcon,
        }
        for text, slot in actions.items():
            action = QAction(self.style().standardIcon(icons[text]), text, self)
            action.setObjectName(text.replace(" ", ""))
            action.triggered.connect(lambda *_, s=slot: s())
            self.addAction(action)
        self.setToolButtonStyle(Qt.ToolButtonTextBesideIcon)
        self.addSeparator()
        self._layouts = QActionGroup(self)
        for text, name, tip in _LAYOUTS:
            self._add_layout(text, getattr(slicer.vtkMRMLLayoutNode, name), tip)
        self.addSeparator()
        self._toggle(
            "Brightness", "Drag in a slice view to change window and level", True, window_level
        )
        self._toggle("Crosshair", "Show the same place in all views; Shift and move", False, cross)
        self._toggle("Link views", "Scroll and zoom slice views together", False, link_views)
        self._follow()
        manager = slicer.app.layoutManager()
        manager.layoutChanged.connect(self._layout_changed)
        self._layout_changed(manager.layout)

    def _add_layout(self, text: str, layout: int, tip: str) -> None:
        action = QAction(text, self)
        action.setCheckable(True)
        action.setToolTip(tip)
        action.setData(layout)
        action.triggered.connect(lambda *_: slicer.app.layoutManager().setLayout(layout))
        self._layouts.addAction(action)
        self.addAction(action)

    def _toggle(self, text: str, tip: str, on: bool, apply: Callable[[bool], None]) -> None:
        action = QAction(text, self)
        action.setObjectName(text.replace(" ", ""))
        action.setCheckable(True)
        action.setToolTip(tip)
        action.toggled.connect(apply)
        action.setChecked(on)
        self.addAction(action)

    def _follow(self) -> None:
        """Show what others switched on or off, a panel or a scene that was opened."""
        crosshair = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
        interaction = slicer.app.applicationLogic().GetInteractionNode()
        self._watched = [
            (node, node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._nodes_changed))
            for node in (crosshair, interaction, *_composites())
        ]
        kind = slicer.vtkMRMLScene
        for event, slot in (
            (kind.StartCloseEvent, self._scene_changes),
            (kind.EndCloseEvent, self._scene_changed),
            (kind.StartImportEvent, self._scene_changes),
            (kind.EndImportEvent, self._scene_changed),
        ):
            scene = slicer.mrmlScene
            self._watched.append((scene, scene.AddObserver(event, slot)))

    def stop(self) -> None:
        """Leave the nodes alone."""
        for node, tag in self._watched:
            node.RemoveObserver(tag)
        self._watched = []

    def _nodes_changed(self, *_: Any) -> None:
        crosshair = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
        interaction = slicer.app.applicationLogic().GetInteractionNode()
        shown = {
            "Crosshair": crosshair.GetCrosshairMode() != crosshair.NoCrosshair,
            "Brightness": interaction.GetCurrentInteractionMode() == interaction.AdjustWindowLevel,
            "Linkviews": {bool(one.GetLinkedControl()) for one in _composites(True)} == {True},
        }
        for action in self.actions():
            if action.objectName() in shown:
                was = action.blockSignals(True)
                action.setChecked(shown[action.objectName()])
                action.blockSignals(was)

    def _scene_changes(self, *_: Any) -> None:
        self._brightness = self.findChild(QAction, "Brightness").isChecked()

    def _scene_changed(self, *_: Any) -> None:
        """What the mouse does stays: closing a scene resets it, and a file brings its own."""
        window_level(self._brightness)

    def _layout_changed(self, layout: int) -> None:
        for action in self._layouts.actions():
            action.setChecked(action.data() == layout)
        self._nodes_changed()


def window_level(on: bool) -> None:
    """Let a drag in a slice view change window and level, or leave it to the view."""
    node = slicer.app.applicationLogic().GetInteractionNode()
    kind = slicer.vtkMRMLInteractionNode
    node.SetCurrentInteractionMode(kind.AdjustWindowLevel if on else kind.ViewTransform)


def cross(on: bool) -> None:
    """Show the crosshair in every view and let it move the slices, or hide it."""
    node = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
    kind = slicer.vtkMRMLCrosshairNode
    node.SetCrosshairMode(kind.ShowBasic if on else kind.NoCrosshair)
    node.SetCrosshairBehavior(kind.OffsetJumpSlice)


def link_views(on: bool) -> None:
    """Couple the slice views, or let each go its own way."""
    for node in _composites():
        node.SetLinkedControl(on)
        node.SetHotLinkedControl(on)


def _composites(shown: bool = False) -> list[Any]:
    """What each slice view shows; of those in the layout alone, if asked."""
    manager = slicer.app.layoutManager()
    widgets = [manager.sliceWidget(name) for name in manager.sliceViewNames()]
    return [
        widget.mrmlSliceCompositeNode()
        for widget in widgets
        if not shown or widget.mrmlSliceNode().IsMappedInLayout()
    ]
