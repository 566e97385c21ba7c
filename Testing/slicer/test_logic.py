"""Requests and their results in the scene: real MRML, a real engine, no Qt."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest

from Testing.slicer.logic_fixtures import Driven, a_label_map, a_t1
from Testing.slicer.mrml_fixtures import an_affine, node_ids

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")


def order(**changes: Any) -> Any:
    from SlicerSynthLib.orders import Order

    return Order(**{"task": "mr-to-ct", "model": "mr-to-ct-bulk-density", **changes})


def test_no_qt(a_logic: Driven) -> None:
    """The logic runs where there is no Qt at all, and loads no torch."""
    import subprocess

    folder = sys.path[0] if sys.path[0].endswith("SlicerSynth") else "SlicerSynth"
    code = (
        f"import sys; sys.path.insert(0, {folder!r}); sys.modules.update(qt=None, ctk=None, "
        "PyQt5=None); import SlicerSynthLib.logic; "
        "print(sorted({'torch', 'openvino', 'monai', 'skimage'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr


def test_questions(a_logic: Driven) -> None:
    hello = a_logic.ask(a_logic.logic.hello).body
    assert {device["name"] for device in hello["devices"]} >= {"cpu"}
    answer = a_logic.ask(a_logic.logic.models, "mr-to-ct", ("T1",), None)
    names = [model["id"] for model in answer.body["models"]]
    assert names.index("mr-to-ct-extremity") < names.index("mr-to-ct-bulk-density")


def test_a_result_is_whole_marked_and_in_its_place(a_logic: Driven) -> None:
    from SlicerSynthLib.attributes import card_of, is_synthetic, record_of, sources_of
    from SlicerSynthLib.nodes import grid_of

    source = a_t1(a_logic.scene, affine=an_affine(flip=True))
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_logic.scene)
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "a study")
    hierarchy.CreateItem(study, source)
    before = node_ids(a_logic.scene)

    job = a_logic.logic.synthesize(order(inputs={"T1": source}))

    def ended() -> bool:
        whole = "the scene changed before the result was complete"
        assert job.ended or node_ids(a_logic.scene) == before, whole
        return bool(job.ended)

    a_logic.until(ended)
    assert job.state == "done", job.message
    node = job.node
    assert node.GetName() == "SYNTHETIC CT of T1 axial"
    assert is_synthetic(node) and sources_of(node) == {"T1": source}
    assert json.loads(record_of(node))["model"] == "mr-to-ct-bulk-density"
    assert card_of(node)["task"] == "mr-to-ct"
    voxels, affine = grid_of(node)
    assert voxels.shape == grid_of(source)[0].shape and np.unique(voxels).size > 2
    np.testing.assert_allclose(affine, grid_of(source)[1], atol=1e-9)
    assert (node.GetDisplayNode().GetWindow(), node.GetDisplayNode().GetLevel()) == (400.0, 40.0)
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) == study
    assert a_logic.ended == [job] and not a_logic.logic.jobs
    assert ("running", 0.0) in a_logic.changes or len(a_logic.changes) > 2


def test_a_preview_is_one_slice_in_one_node(a_logic: Driven) -> None:
    from SlicerSynthLib.attributes import TARGET, is_synthetic
    from SlicerSynthLib.nodes import grid_of
    from SlicerSynthLib.results import preview_node, remove_preview

    source = a_t1(a_logic.scene)
    voxels, affine = grid_of(source)
    whole = a_logic.finish(a_logic.logic.synthesize(order(inputs={"T1": source})))
    before = node_ids(a_logic.scene)
    for k in (1, 3):
        x, y, z, _ = affine @ (20, 24, k, 1)
        job = a_logic.finish(a_logic.logic.preview(order(inputs={"T1": source}), (-x, -y, z)))
        assert job.state == "done", job.message
        shown, place = grid_of(job.node)
        assert shown.shape == (1, *voxels.shape[1:])
        assert is_synthetic(job.node) and not job.node.GetSaveWithScene()
        assert not job.node.GetAttribute(TARGET), "it is listed as a result"
        np.testing.assert_allclose(place @ (0, 0, 0, 1), affine @ (0, 0, k, 1), atol=1e-6)
    assert preview_node(a_logic.scene) is job.node
    assert sum(is_synthetic(node) for node in volumes_of(a_logic.scene)) == 2
    assert np.isfinite(grid_of(whole.node)[0]).all()
    remove_preview(a_logic.scene)
    assert preview_node(a_logic.scene) is None
    assert node_ids(a_logic.scene) == before


def test_several_requests_queue(a_logic: Driven) -> None:
    source = a_t1(a_logic.scene)
    jobs = [a_logic.logic.synthesize(order(inputs={"T1": source})) for _ in range(3)]
    assert a_logic.logic.jobs == jobs and a_logic.logic.running is jobs[0]
    a_logic.logic.cancel(jobs[1])
    for job in jobs:
        a_logic.finish(job)
    assert [job.state for job in jobs] == ["done", "cancelled", "done"]
    assert len({job.node.GetName() for job in jobs if job.node}) == 2


def test_a_mask_is_needed_and_used(a_logic: Driven) -> None:
    from SlicerSynthLib.nodes import grid_of

    source = a_t1(a_logic.scene)
    asked: dict[str, Any] = {"task": "inpaint", "model": None, "inputs": {"T1": source}}
    with pytest.raises(Exception, match="choose a segment or a label map"):
        a_logic.logic.synthesize(order(**asked))
    mask = a_label_map(a_logic.scene, source)
    job = a_logic.finish(a_logic.logic.synthesize(order(**asked, mask=mask)))
    assert job.state == "done", job.message
    changed = grid_of(job.node)[0] != grid_of(source)[0]
    inside = slicer.util.arrayFromVolume(mask) > 0
    assert changed[inside].any() and not changed[~inside].any()


def test_a_refusal_says_why(a_logic: Driven) -> None:
    """The learned model was made for thighs and calves, not for noise."""
    source = a_t1(a_logic.scene)
    before = node_ids(a_logic.scene)
    asked = order(inputs={"T1": source}, model="mr-to-ct-extremity")
    job = a_logic.finish(a_logic.logic.synthesize(asked))
    assert job.state == "refused" and job.message
    assert "Refused: " in job.details
    assert node_ids(a_logic.scene) == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"inputs": {}}, "No volume is chosen"),
        ({"task": "ct-denoise", "inputs": {}}, "needs a CT volume"),
        ({"task": "mr-sequence", "target": "T1"}, "T1 is given already"),
    ],
)
def test_what_is_missing_is_said_at_once(
    a_logic: Driven, changes: dict[str, Any], sentence: str
) -> None:
    source = a_t1(a_logic.scene)
    with pytest.raises(Exception, match=sentence):
        a_logic.logic.synthesize(order(**{"inputs": {"T1": source}, **changes}))
    assert not a_logic.logic.jobs


def test_an_evaluation_comes_with_all_it_depends_on(a_logic: Driven) -> None:
    from SlicerSynthLib.compare import histogram_chart, lines_about

    source = a_t1(a_logic.scene)
    made = a_logic.finish(a_logic.logic.synthesize(order(inputs={"T1": source})))
    other = a_logic.finish(a_logic.logic.synthesize(order(inputs={"T1": source})))
    before = node_ids(a_logic.scene)
    job = a_logic.finish(a_logic.logic.evaluate(made.node, other.node, "CT", task="mr-to-ct"))
    assert job.state == "done", job.message
    assert node_ids(a_logic.scene) == before
    assert ["MAE", "0.0 HU"] in job.answer["lines"]
    about = lines_about(job.answer["evaluation"])
    assert "synthrad2023" in about and "voxels" in about and "-1024 to 3000" in about
    for _ in range(2):
        chart = histogram_chart(a_logic.scene, job.answer["histogram"], "HU")
    assert chart.GetNumberOfPlotSeriesNodes() == 2
    assert a_logic.scene.GetNumberOfNodesByClass("vtkMRMLTableNode") == 1
    assert a_logic.scene.GetNumberOfNodesByClass("vtkMRMLPlotSeriesNode") == 2


def volumes_of(scene: Any) -> list[Any]:
    count = scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")
    return [scene.GetNthNodeByClass(number, "vtkMRMLScalarVolumeNode") for number in range(count)]
