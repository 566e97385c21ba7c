"""qMRMLNodeComboBox: choose one node of the scene."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import Qt, pyqtProperty, pyqtSignal
from PyQt5.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from .scene_watch import SceneWatch


class qMRMLNodeComboBox(QWidget):
    """A combo box of the scene's nodes of given classes, kept up to date as the scene changes."""

    currentNodeChanged = pyqtSignal(object)
    currentNodeIDChanged = pyqtSignal(str)
    nodeActivated = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._types: list[str] = []
        self._attributes: list[tuple[str, str, str | None]] = []
        self._show_hidden = False
        self._show_children = True
        self._none_enabled = False
        self._none_display = "None"
        self._menu = {"add": True, "remove": True, "rename": False, "edit": False}
        self._ids: list[str] = []
        self._current: str = ""
        self._combo = QComboBox(self)
        self._combo.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self._combo.setMinimumContentsLength(8)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._combo)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setFocusProxy(self._combo)
        self._watch = SceneWatch(self, self._refresh)
        self._combo.currentIndexChanged.connect(self._chosen)
        self._combo.activated.connect(lambda _: self.nodeActivated.emit(self.currentNode()))

    def mrmlScene(self) -> Any:
        return self._watch.scene

    def setMRMLScene(self, scene: Any) -> None:
        if scene is not self._watch.scene:
            self._watch.set_scene(scene)
            self._refresh()

    def currentNode(self) -> Any:
        scene = self._watch.scene
        return scene.GetNodeByID(self._current) if scene is not None and self._current else None

    def setCurrentNode(self, node: Any) -> None:
        self.setCurrentNodeID(node.GetID() if node is not None else "")

    def _node_id(self) -> str:
        return self._current

    def setCurrentNodeID(self, node_id: str | None) -> None:
        wanted = node_id or ""
        if wanted in self._ids:
            self._combo.setCurrentIndex(self._offset() + self._ids.index(wanted))
        elif not wanted:
            self._combo.setCurrentIndex(0 if self._none_enabled else -1)

    def setCurrentNodeIndex(self, index: int) -> None:
        self._combo.setCurrentIndex(self._offset() + index)

    def nodeCount(self) -> int:
        return len(self._ids)

    def nodeFromIndex(self, index: int) -> Any:
        return (
            self._watch.scene.GetNodeByID(self._ids[index]) if 0 <= index < len(self._ids) else None
        )

    def addAttribute(self, node_type: str, name: str, value: Any = None) -> None:
        self._attributes.append((node_type, name, None if value is None else str(value)))
        self._refresh()

    def removeAttribute(self, node_type: str, name: str) -> None:
        self._attributes = [a for a in self._attributes if a[:2] != (node_type, name)]
        self._refresh()

    def _get_types(self) -> list[str]:
        return self._types

    def _set_node_types(self, types: list[str]) -> None:
        self._types = list(types)
        self._refresh()

    def _get_none_enabled(self) -> bool:
        return self._none_enabled

    def _set_none_enabled(self, enabled: bool) -> None:
        self._none_enabled = enabled
        self._refresh()

    def _get_none_display(self) -> str:
        return self._none_display

    def _set_none_display(self, text: str) -> None:
        self._none_display = text
        self._refresh()

    def _get_show_hidden(self) -> bool:
        return self._show_hidden

    def _set_show_hidden(self, show: bool) -> None:
        self._show_hidden = show
        self._refresh()

    def _get_show_children(self) -> bool:
        return self._show_children

    def _set_show_child_node_types(self, show: bool) -> None:
        self._show_children = show
        self._refresh()

    # The menu of the combo box (create, delete, rename, edit) is not shown here.
    def _set_add_enabled(self, enabled: bool) -> None:
        self._menu["add"] = enabled

    def _set_remove_enabled(self, enabled: bool) -> None:
        self._menu["remove"] = enabled

    def _set_rename_enabled(self, enabled: bool) -> None:
        self._menu["rename"] = enabled

    def _set_edit_enabled(self, enabled: bool) -> None:
        self._menu["edit"] = enabled

    currentNodeID = pyqtProperty(str, _node_id, setCurrentNodeID)
    nodeTypes = pyqtProperty("QStringList", _get_types, _set_node_types)
    noneEnabled = pyqtProperty(bool, _get_none_enabled, _set_none_enabled)
    noneDisplay = pyqtProperty(str, _get_none_display, _set_none_display)
    showHidden = pyqtProperty(bool, _get_show_hidden, _set_show_hidden)
    showChildNodeTypes = pyqtProperty(bool, _get_show_children, _set_show_child_node_types)
    addEnabled = pyqtProperty(bool, lambda self: self._menu["add"], _set_add_enabled)
    removeEnabled = pyqtProperty(bool, lambda self: self._menu["remove"], _set_remove_enabled)
    renameEnabled = pyqtProperty(bool, lambda self: self._menu["rename"], _set_rename_enabled)
    editEnabled = pyqtProperty(bool, lambda self: self._menu["edit"], _set_edit_enabled)

    def _offset(self) -> int:
        return 1 if self._none_enabled else 0

    def _candidates(self) -> list[Any]:
        """Every node of the wanted classes, in the scene's order, whatever its attributes."""
        scene = self._watch.scene
        found: dict[str, Any] = {}
        for kind in self._types if scene is not None else ():
            for index in range(scene.GetNumberOfNodesByClass(kind)):
                node = scene.GetNthNodeByClass(index, kind)
                if self._show_children or node.GetClassName() == kind:
                    found[node.GetID()] = node
        return list(found.values())

    def _wanted(self, node: Any) -> bool:
        if node.GetHideFromEditors() and not self._show_hidden:
            return False
        rules = [a for a in self._attributes if node.IsA(a[0])]
        return all(
            node.GetAttribute(name) is not None and value in (None, node.GetAttribute(name))
            for _, name, value in rules
        )

    def _refresh(self) -> None:
        candidates = self._candidates()
        self._watch.watch_nodes(candidates)  # a change of an attribute may bring one in
        nodes = [node for node in candidates if self._wanted(node)]
        ids = [node.GetID() for node in nodes]
        names = [node.GetName() or "" for node in nodes]
        wanted = self._current
        if wanted not in ids:
            wanted = "" if self._none_enabled or not ids else ids[0]
        entries = [self._none_display, *names] if self._none_enabled else names
        was = self._combo.blockSignals(True)
        if entries != [self._combo.itemText(i) for i in range(self._combo.count())]:
            self._combo.clear()
            self._combo.addItems(entries)
            for row, name in enumerate(entries):
                self._combo.setItemData(row, name, Qt.ToolTipRole)
        self._ids = ids
        row = self._offset() + ids.index(wanted) if wanted else self._offset() - 1
        self._combo.setCurrentIndex(row)
        self._combo.blockSignals(was)
        self._set(wanted)

    def _chosen(self, row: int) -> None:
        index = row - self._offset()
        self._set(self._ids[index] if 0 <= index < len(self._ids) else "")

    def _set(self, node_id: str) -> None:
        if node_id != self._current:
            self._current = node_id
            self.currentNodeChanged.emit(self.currentNode())
            self.currentNodeIDChanged.emit(node_id)
