"""qMRMLSegmentSelectorWidget: choose a segmentation and one of its segments."""

from __future__ import annotations

from typing import Any

import vtk
from PyQt5 import sip
from PyQt5.QtCore import pyqtProperty, pyqtSignal
from PyQt5.QtWidgets import QBoxLayout, QComboBox, QWidget

from .mrml_widget import qMRMLWidget
from .node_combo_box import qMRMLNodeComboBox


class qMRMLSegmentSelectorWidget(qMRMLWidget):
    """Two combo boxes: the segmentation, and its segments by name."""

    currentNodeChanged = pyqtSignal(object)
    currentSegmentChanged = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None, *_: Any) -> None:
        super().__init__(parent)
        self._none_enabled = False
        self._segments: list[str] = []
        self._segment = ""
        self._observed: tuple[Any, int] | None = None
        self._nodes = qMRMLNodeComboBox(self)
        self._nodes.setProperty("nodeTypes", ["vtkMRMLSegmentationNode"])
        self._combo = QComboBox(self)
        self._combo.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self._combo.setMinimumContentsLength(8)
        self._layout = QBoxLayout(QBoxLayout.TopToBottom, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._nodes)
        self._layout.addWidget(self._combo)
        self.mrmlSceneChanged.connect(self._nodes.setMRMLScene)
        self._nodes.currentNodeChanged.connect(self._node_changed)
        self._combo.currentIndexChanged.connect(self._chosen)

    def currentNode(self) -> Any:
        return self._nodes.currentNode()

    def currentNodeID(self) -> str:
        return str(self._nodes.property("currentNodeID"))

    def setCurrentNode(self, node: Any) -> None:
        self._nodes.setCurrentNode(node)

    def setCurrentNodeID(self, node_id: str) -> None:
        self._nodes.setCurrentNodeID(node_id)

    def currentSegmentID(self) -> str:
        return self._segment

    def setCurrentSegmentID(self, segment_id: str) -> None:
        if segment_id in self._segments:
            self._combo.setCurrentIndex(self._offset() + self._segments.index(segment_id))
        elif not segment_id:
            self._combo.setCurrentIndex(self._offset() - 1)

    def segmentIDs(self) -> list[str]:
        return list(self._segments)

    def _get_none_enabled(self) -> bool:
        return self._none_enabled

    def _set_none_enabled(self, enabled: bool) -> None:
        self._none_enabled = enabled
        self._nodes.setProperty("noneEnabled", enabled)
        self._refresh()

    def _get_horizontal(self) -> bool:
        return self._layout.direction() == QBoxLayout.LeftToRight

    def _set_horizontal_layout(self, horizontal: bool) -> None:
        self._layout.setDirection(QBoxLayout.LeftToRight if horizontal else QBoxLayout.TopToBottom)

    def _get_selector_visible(self) -> bool:
        return not self._nodes.isHidden()

    def _set_segmentation_node_selector_visible(self, visible: bool) -> None:
        self._nodes.setVisible(visible)

    noneEnabled = pyqtProperty(bool, _get_none_enabled, _set_none_enabled)
    horizontalLayout = pyqtProperty(bool, _get_horizontal, _set_horizontal_layout)
    segmentationNodeSelectorVisible = pyqtProperty(
        bool, _get_selector_visible, _set_segmentation_node_selector_visible
    )

    def _offset(self) -> int:
        return 1 if self._none_enabled else 0

    def _node_changed(self, node: Any) -> None:
        if self._observed is not None:
            self._observed[0].RemoveObserver(self._observed[1])
        self._observed = (
            None
            if node is None
            else (node, node.AddObserver(vtk.vtkCommand.AnyEvent, self._changed))
        )
        self._refresh()
        self.currentNodeChanged.emit(node)

    def _changed(self, *_: Any) -> None:
        if not sip.isdeleted(self):
            self._refresh()

    def _refresh(self) -> None:
        node = self.currentNode()
        segmentation = node.GetSegmentation() if node is not None else None
        count = segmentation.GetNumberOfSegments() if segmentation is not None else 0
        ids = [segmentation.GetNthSegmentID(index) for index in range(count)]
        names = [segmentation.GetSegment(segment).GetName() or segment for segment in ids]
        entries = ["None", *names] if self._none_enabled else names
        wanted = self._segment
        if wanted not in ids:
            wanted = "" if self._none_enabled or not ids else ids[0]
        was = self._combo.blockSignals(True)
        if entries != [self._combo.itemText(i) for i in range(self._combo.count())]:
            self._combo.clear()
            self._combo.addItems(entries)
        self._segments = ids
        row = self._offset() + ids.index(wanted) if wanted else self._offset() - 1
        self._combo.setCurrentIndex(row)
        self._combo.blockSignals(was)
        self._set(wanted)

    def _chosen(self, row: int) -> None:
        index = row - self._offset()
        self._set(self._segments[index] if 0 <= index < len(self._segments) else "")

    def _set(self, segment: str) -> None:
        if segment != self._segment:
            self._segment = segment
            self.currentSegmentChanged.emit(segment)
