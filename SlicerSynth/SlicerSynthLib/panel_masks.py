"""Choosing a mask: a label map, or a segmentation and one of its segments."""

from __future__ import annotations

from typing import Any

import slicer

from SlicerSynthLib.attributes import record_of
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.widgets import choose_node, chosen_in, fill_combo


class MaskChooser:
    """A node selector and a combo box of segments, kept in two parameters.

    Parameters
    ----------
    context : PanelContext
        The panel.
    selector, combo
        The widgets.
    node_name, segment_name : str
        The parameters.
    """

    def __init__(
        self, context: PanelContext, selector: Any, combo: Any, node_name: str, segment_name: str
    ) -> None:
        self._context, self._selector, self._combo = context, selector, combo
        self._names = (node_name, segment_name)
        self._shown: list[tuple[str, str]] | None = None
        self._visible = True
        selector.setMRMLScene(slicer.mrmlScene)
        selector.nodeActivated.connect(self._node_chosen)
        combo.activated.connect(self._segment_chosen)

    @property
    def node(self) -> Any:
        """The segmentation or label map, None where none is chosen."""
        return getattr(self._context.parameters, self._names[0])

    @property
    def segment(self) -> str | None:
        """Id of the segment, None for a label map."""
        segments = [name for _, name in self._segments()]
        chosen = str(getattr(self._context.parameters, self._names[1]))
        return chosen if chosen in segments else next(iter(segments), None)

    def suggest(self) -> None:
        """Choose the only mask of the scene, if none is chosen and there is but one.

        Not that of a lesion which was placed: it is not in the images that are worked on.
        """
        only = self._selector.nodeFromIndex(0) if self._selector.nodeCount() == 1 else None
        if self.node is None and only is not None and not record_of(only):
            setattr(self._context.parameters, self._names[0], only)

    def refresh(self, visible: bool = True) -> None:
        """Show what the parameters say."""
        self._visible = visible
        choose_node(self._selector, self.node)
        self._shown = self._segments()
        fill_combo(self._combo, self._shown, self.segment or "")
        self._combo.setVisible(visible and bool(self._shown))

    def tick(self) -> None:
        """Show segments that were added, renamed or removed meanwhile."""
        if self._visible and self._shown is not None and self._segments() != self._shown:
            self.refresh(self._visible)

    def _segments(self) -> list[tuple[str, str]]:
        node = self.node
        if node is None or not node.IsA("vtkMRMLSegmentationNode"):
            return []
        segmentation = node.GetSegmentation()
        count = segmentation.GetNumberOfSegments()
        ids = [segmentation.GetNthSegmentID(number) for number in range(count)]
        return [(segmentation.GetSegment(one).GetName() or one, one) for one in ids]

    def _node_chosen(self, *_args: Any) -> None:
        setattr(self._context.parameters, self._names[0], self._selector.currentNode())
        self._context.changed.emit()

    def _segment_chosen(self, *_args: Any) -> None:
        setattr(self._context.parameters, self._names[1], chosen_in(self._combo))
        self._context.changed.emit()
