"""A synthetic node stands in the study of its source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import slicer
import vtk

from SlicerSynthLib.hierarchy import place_beside
from SlicerSynthLib.nodes import node_from_image
from SynthCore.image import Image


def a_volume(scene: Any, name: str) -> Any:
    return node_from_image(scene, Image(np.zeros((2, 2, 2), np.int16), np.eye(4)), name)


def hierarchy_of(scene: Any) -> Any:
    return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)


def names_under(scene: Any, parent: int) -> list[str]:
    hierarchy, children = hierarchy_of(scene), vtk.vtkIdList()
    hierarchy.GetItemChildren(parent, children)
    return [hierarchy.GetItemName(children.GetId(n)) for n in range(children.GetNumberOfIds())]


@pytest.fixture
def a_study(a_scene: Any) -> dict[str, Any]:
    """A patient with a study of two series, as the DICOM module makes them."""
    hierarchy = hierarchy_of(a_scene)
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "patient")
    study = hierarchy.CreateStudyItem(patient, "study")
    found = {"scene": a_scene, "study": study}
    for name in ("T1", "T2"):
        found[name] = a_volume(a_scene, name)
        hierarchy.CreateItem(study, found[name])
    return found


def test_a_new_node_follows_its_source_in_the_study(a_study: dict[str, Any]) -> None:
    scene = a_study["scene"]
    place_beside(scene, a_volume(scene, "SYNTHETIC CT of T1"), a_study["T1"])
    place_beside(scene, a_volume(scene, "SYNTHETIC CT of T2"), a_study["T2"])
    assert names_under(scene, a_study["study"]) == [
        "T1", "SYNTHETIC CT of T1", "T2", "SYNTHETIC CT of T2",
    ]  # fmt: skip


def test_a_node_that_has_an_item_already_is_moved(a_study: dict[str, Any]) -> None:
    scene = a_study["scene"]
    hierarchy = hierarchy_of(scene)
    node = a_volume(scene, "SYNTHETIC CT of T1")
    item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
    place_beside(scene, node, a_study["T1"])
    place_beside(scene, node, a_study["T1"])
    assert hierarchy.GetItemByDataNode(node) == item
    assert names_under(scene, a_study["study"]) == ["T1", "SYNTHETIC CT of T1", "T2"]


def test_a_source_without_an_item_is_no_error(a_scene: Any) -> None:
    node = a_volume(a_scene, "SYNTHETIC CT of T1")
    place_beside(a_scene, node, a_volume(a_scene, "T1"))
    hierarchy = hierarchy_of(a_scene)
    assert names_under(a_scene, hierarchy.GetSceneItemID()) == ["SYNTHETIC CT of T1"]


def test_a_saved_scene_keeps_the_place(
    a_slicer_app: Any, a_study: dict[str, Any], reopened: Callable[[Any, str], Any]
) -> None:
    scene = a_study["scene"]
    place_beside(scene, a_volume(scene, "SYNTHETIC CT of T1"), a_study["T1"])
    other = reopened(a_slicer_app, ".mrb").scene
    study = hierarchy_of(other).GetItemByName("study")
    assert names_under(other, study) == ["T1", "SYNTHETIC CT of T1", "T2"]
