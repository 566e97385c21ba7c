"""Where a node stands in the subject hierarchy: beside what it was made from."""

from __future__ import annotations

from typing import Any

import slicer
import vtk

STUDY = "Study"
"""Level of a study, as Slicer calls it."""


def place_beside(scene: Any, node: Any, source: Any) -> None:
    """Put `node` right after `source`, in the same study or folder.

    Parameters
    ----------
    scene : vtkMRMLScene
        Holds both nodes.
    node : vtkMRMLVolumeNode
        What was made.
    source : vtkMRMLVolumeNode
        What it was made from.
    """
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    beside = hierarchy.GetItemByDataNode(source)
    parent = hierarchy.GetItemParent(beside) if beside else hierarchy.GetSceneItemID()
    # an item that is there already is moved, not made twice
    item = hierarchy.CreateItem(parent, node)
    if beside:
        hierarchy.MoveItem(item, _after(hierarchy, parent, beside, item))


def _after(hierarchy: Any, parent: int, beside: int, item: int) -> int:
    """The item that follows `beside`; the invalid ID, which stands for the end, if none does."""
    children = vtk.vtkIdList()
    hierarchy.GetItemChildren(parent, children)
    ids = [children.GetId(index) for index in range(children.GetNumberOfIds())]
    following = [child for child in ids[ids.index(beside) + 1 :] if child != item]
    return following[0] if following else int(hierarchy.GetInvalidItemID())


def make_study_beside(scene: Any, source: Any, name: str) -> tuple[Any, int]:
    """A new study of the same patient as `source`, at the end; the hierarchy and the study's item.

    Where `source` is None or in no study, it stands where `source` does.
    """
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item = hierarchy.GetItemByDataNode(source) if source is not None else 0
    parent = hierarchy.GetItemParent(item) if item else hierarchy.GetSceneItemID()
    if hierarchy.GetItemLevel(parent) == STUDY:
        parent = hierarchy.GetItemParent(parent)
    return hierarchy, int(hierarchy.CreateStudyItem(parent, name))


def place_in(scene: Any, node: Any, item: int) -> None:
    """Put `node` at the end of a study or folder."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    hierarchy.CreateItem(item, node)
