"""What a plan check is given, out of a scene: nodes, masks, doses, a plan and typed words."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer
import vtk

from SlicerSynthLib.attributes import mark
from SlicerSynthLib.doses import DOSE, highest, is_dose, open_dose, show_as_dose
from SlicerSynthLib.dvh_plot import dvh_chart
from SlicerSynthLib.nodes import grid_of, node_from_image
from SlicerSynthLib.plan_answers import about, lines_of
from SlicerSynthLib.plan_beams import beams_in, prescription_in, text_of_file
from SlicerSynthLib.plan_order import PlanOrder, missing_in, request_of
from SlicerSynthLib.plan_structures import structures_in
from SlicerSynthLib.report_file import keep_report, temporary_report
from SynthCore.dicom.header_files import read_header
from SynthCore.dicom.stated import stated
from SynthCore.errors import InputError
from SynthCore.image import Image
from Testing.dicom.results import headers
from Testing.slicer.mrml_fixtures import Files, an_affine, node_ids
from Testing.slicer.rt_files import write_rt_dose, write_rt_plan
from Testing.slicer.test_nodes_dicom import AFFINE, SHAPE, a_node, write_headers

RECORD = '{"task": "mr-to-ct", "target": "CT", "model": "m", "model_version": "1.2", "inputs": {}}'


@pytest.fixture
def a_series(tmp_path: Path) -> Files:
    """Five oblique MR slices."""
    return Files(write_headers(headers(SHAPE, AFFINE), tmp_path / "series"))


def a_ct(scene: Any, name: str = "CT", affine: np.ndarray | None = None) -> Any:
    voxels = np.full(SHAPE, -1000.0, np.float32)
    voxels[:, 1:5, 1:6] = 40.0
    return node_from_image(scene, Image(voxels, AFFINE if affine is None else affine), name)


def a_dose(most: float = 60.0) -> Image:
    k, j, i = np.indices((4, 6, 5), dtype=float)
    return Image((most * (k + j + i) / 12).astype(np.float32), an_affine(), "", "Gy")


def segments(scene: Any, like: Any) -> Any:
    """A segmentation of two boxes, PTV and heart."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[1:3, 2:4, 2:4], labels[3:5, 1:3, 3:5] = 1, 2
    label_map = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "labels")
    slicer.util.updateVolumeFromArray(label_map, labels)
    label_map.CopyOrientation(like)
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "RTSTRUCT")
    slicer.vtkSlicerSegmentationsModuleLogic.ImportLabelmapToSegmentationNode(label_map, node)
    for number, name in enumerate(("PTV", "heart")):
        node.GetSegmentation().GetNthSegment(number).SetName(name)
    return node


def test_a_whole_request(a_scene: Any, tmp_path: Path) -> None:
    ct, real = a_ct(a_scene, "SYNTHETIC CT"), a_ct(a_scene, "planning CT")
    mark(ct, record=RECORD)
    node = segments(a_scene, ct)
    uid = write_rt_plan(tmp_path / "plan.dcm")
    doses = [open_dose(a_scene, write_rt_dose(tmp_path / f"{n}.dcm", a_dose(60 - n), plan=uid))
             for n in range(2)]  # fmt: skip
    curve = tmp_path / "curve.csv"
    curve.write_text("\ufeffHU,RED\n-1000,0\n0,1\n", encoding="utf-8")
    before = node_ids(a_scene)
    names = dict(structures_in(node))
    order = PlanOrder(
        ct, real, None, node, names["heart"], doses[0], doses[1], str(tmp_path / "plan.dcm"),
        curve=str(curve), curve_kind="red",
    )  # fmt: skip
    body, volumes = request_of(order)
    assert node_ids(a_scene) == before, "nothing in the scene has changed"
    assert set(volumes) == {"synthetic", "reference", "dose-reference", "dose-synthetic",
                            "structure 0", "structure 1"}  # fmt: skip
    assert body["structures"] == [
        {"volume": "structure 0", "name": "PTV", "target": False},
        {"volume": "structure 1", "name": "heart", "target": True},
    ]
    assert int(volumes["structure 1"].voxels.sum()) == 8
    assert all(volumes[name].same_grid(volumes["synthetic"]) for name in volumes if "uct" in name)
    assert body["beams"] == [[0.0, 0.0, "HFS"], [90.0, 0.0, "HFS"]]
    assert any("does not say how the patient lies" in n for n in volumes["synthetic"].notes)
    assert body["prescription_gy"] == 60.0
    assert body["curve"] == {"name": "curve.csv", "text": "HU,RED\n-1000,0\n0,1\n", "kind": "red"}
    assert body["thresholds"] is None and body["model"] == "m 1.2"
    assert volumes["dose-synthetic"].voxels.max() == pytest.approx(59, rel=1e-6)
    typed = request_of(replace(order, beams="180/10; 45", prescription="50 Gy"))[0]
    assert typed["beams"] == [[180.0, 10.0], [45.0, 0.0]] and typed["prescription_gy"] == 50.0


def test_a_structure_that_nobody_drew_is_left_out_and_told(a_scene: Any) -> None:
    """As the command line does; where it is the target, nothing would be checked in it."""
    ct = a_ct(a_scene)
    node = segments(a_scene, ct)
    node.GetSegmentation().AddEmptySegment("couch", "Couch")
    body, volumes = request_of(PlanOrder(ct, structures=node))
    assert [one["name"] for one in body["structures"]] == ["PTV", "heart"]
    assert {one["volume"] for one in body["structures"]} <= set(volumes)
    note = "The structure Couch is empty and is left out."
    assert note in volumes["synthetic"].notes
    with pytest.raises(InputError, match="target Couch is empty"):
        request_of(PlanOrder(ct, structures=node, target="couch"))
    node.GetSegmentation().AddEmptySegment("boost", "PTV boost")
    with pytest.raises(InputError, match="target PTV boost is empty"):
        request_of(PlanOrder(ct, structures=node))
    named = PlanOrder(ct, structures=node, target=dict(structures_in(node))["PTV"])
    assert [one["target"] for one in request_of(named)[0]["structures"]] == [True, False]


def test_a_structure_outside_the_synthetic_ct_is_left_out_and_told(a_scene: Any) -> None:
    """As a planning CT's are, of which an MR shows a part."""
    ct = a_ct(a_scene)
    node = segments(a_scene, ct)
    away = slicer.vtkMRMLLinearTransformNode()
    a_scene.AddNode(away)
    far = segments(a_scene, a_ct(a_scene, "elsewhere"))
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(2, 3, 5000.0)
    away.SetMatrixTransformToParent(matrix)
    half = segments(a_scene, ct)
    some = slicer.vtkMRMLLinearTransformNode()
    a_scene.AddNode(some)
    matrix.SetElement(2, 3, float(AFFINE[2, 2]) * 4)
    some.SetMatrixTransformToParent(matrix)
    half.SetAndObserveTransformNodeID(some.GetID())
    with pytest.raises(InputError, match="outside the image"):
        request_of(PlanOrder(ct, structures=half))
    far.SetAndObserveTransformNodeID(away.GetID())
    body, volumes = request_of(PlanOrder(ct, structures=node))
    assert len(body["structures"]) == 2
    with pytest.raises(InputError, match="PTV lies outside the image"):
        request_of(PlanOrder(ct, structures=far))
    heart = dict(structures_in(far))["heart"]
    with pytest.raises(InputError, match="heart lies outside the image"):
        request_of(PlanOrder(ct, structures=far, target=heart))
    far.GetSegmentation().RemoveSegment(dict(structures_in(far))["PTV"])
    body, volumes = request_of(PlanOrder(ct, structures=far))
    assert body["structures"] == []
    note = "The structure heart does not lie in the synthetic CT and is left out."
    assert note in volumes["synthetic"].notes


def test_contours_that_nobody_drew_are_empty_too(a_scene: Any) -> None:
    ct = a_ct(a_scene)
    node = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "RTSTRUCT")
    segmentation, couch = slicer.vtkSegmentation(), slicer.vtkSegment()
    segmentation.SetSourceRepresentationName("Planar contour")  # as SlicerRT imports it
    couch.SetName("Couch")
    couch.AddRepresentation("Planar contour", vtk.vtkPolyData())
    segmentation.AddSegment(couch, "couch")
    node.SetAndObserveSegmentation(segmentation)
    body, volumes = request_of(PlanOrder(ct, structures=node))
    assert body["structures"] == []
    assert any("Couch is empty" in note for note in volumes["synthetic"].notes)


def test_frame_and_patient_come_from_the_mr_it_was_made_from(
    a_scene: Any, a_series: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slicer, "dicomDatabase", a_series)
    mr, ct = a_node(a_scene, a_series), a_ct(a_scene)
    mark(ct, record=RECORD, sources={"T1": mr})
    header = read_header(next(iter(a_series.paths.values())), "a slice")
    sent = request_of(PlanOrder(ct, mr=mr))[1]["synthetic"]
    told = stated(sent.source.headers[0])
    assert told["FrameOfReferenceUID"] == header.FrameOfReferenceUID
    moved = a_ct(a_scene, "moved", AFFINE + 0.5 * np.eye(4, k=3))
    mark(moved, record=RECORD, sources={"T1": mr})
    assert not request_of(PlanOrder(moved))[1]["synthetic"].source.headers, "it lies elsewhere"
    write_rt_plan(tmp_path / "other.dcm", patient="someone else")
    with pytest.raises(InputError, match="another patient"):
        request_of(PlanOrder(ct, plan=str(tmp_path / "other.dcm")))
    write_rt_dose(tmp_path / "dose.dcm", a_dose(), patient="someone else")
    with pytest.raises(InputError, match="another patient"):
        open_dose(a_scene, tmp_path / "dose.dcm", str(header.PatientID))


def test_what_is_missing_is_said(a_scene: Any, tmp_path: Path) -> None:
    ct = a_ct(a_scene)
    dose = open_dose(a_scene, write_rt_dose(tmp_path / "dose.dcm", a_dose(), plan="1.2.3"))
    for order, why in (
        (PlanOrder(None), "No synthetic CT"),
        (PlanOrder(ct, ct), "is the synthetic CT itself"),
        (PlanOrder(ct, dose_reference=dose), "Two doses"),
        (PlanOrder(ct, dose_reference=dose, dose_synthetic=dose), "the same volume"),
    ):
        assert why in missing_in(order)
        with pytest.raises(InputError, match=why):
            request_of(order)
    other = open_dose(a_scene, tmp_path / "dose.dcm")
    write_rt_plan(tmp_path / "plan.dcm")
    with pytest.raises(InputError, match="another plan"):
        request_of(
            PlanOrder(
                ct, dose_reference=dose, dose_synthetic=other, plan=str(tmp_path / "plan.dcm")
            )
        )
    with pytest.raises(InputError, match="does not say that it is a dose in Gy"):
        request_of(PlanOrder(ct, dose_reference=ct, dose_synthetic=dose))
    with pytest.raises(InputError, match=r"dose\.dcm is a dose, not a plan"):
        request_of(PlanOrder(ct, plan=str(tmp_path / "dose.dcm")))
    with pytest.raises(InputError, match=r"plan\.dcm is a plan, not a dose"):
        open_dose(a_scene, tmp_path / "plan.dcm")
    with pytest.raises(InputError, match="nowhere"):
        request_of(PlanOrder(ct, thresholds="nowhere.toml"))


def test_what_is_typed() -> None:
    assert beams_in(" 0, 90;180/10 ,") == [[0.0, 0.0], [90.0, 0.0], [180.0, 10.0]]
    assert beams_in("") == [] and prescription_in(" ") is None
    assert prescription_in("60 Gy") == 60.0
    for wrong in ("north", "0/0/0", "1e9", "nan"):
        with pytest.raises(InputError, match="not an angle"):
            beams_in(wrong)
    for wrong in ("much", "0", "-2", "inf"):
        with pytest.raises(InputError, match="not a dose"):
            prescription_in(wrong)
    assert text_of_file(" ", "curve") == {}


def test_a_dose_lies_where_it_was_computed_and_has_its_colors(a_scene: Any, tmp_path: Path) -> None:
    image = a_dose()
    node = open_dose(a_scene, write_rt_dose(tmp_path / "plan A.dcm", image, frame="1.2.3"))
    voxels, affine = grid_of(node)
    np.testing.assert_allclose(voxels, image.voxels, atol=1e-4)
    np.testing.assert_allclose(affine, image.affine, atol=1e-4)
    assert is_dose(node) and node.GetName() == "plan A" and node.GetAttribute(DOSE) == "1"
    hotter = open_dose(a_scene, write_rt_dose(tmp_path / "b.dcm", a_dose(80)))
    show_as_dose(node, like=hotter)
    display = node.GetDisplayNode()
    assert highest(hotter) == pytest.approx(80 * 12 / 12, rel=1e-6)
    assert (display.GetWindow(), display.GetLevel()) == pytest.approx((80, 40))
    assert display.GetApplyThreshold() and display.GetLowerThreshold() == pytest.approx(8)
    colors = [0.0] * 4
    assert display.GetColorNode() is hotter.GetDisplayNode().GetColorNode()
    display.GetColorNode().GetColor(255, colors)
    assert colors[0] > 0.5 > colors[2], "the highest dose is red"


def test_histograms_are_one_table_and_two_lines_for_each_structure(
    a_scene: Any, reopened: Any, a_slicer_app: Any
) -> None:
    def dvh(*names: str) -> dict[str, Any]:
        lines = {"reference": [100.0, 80.0, 0.0], "synthetic": [100.0, 60.0, 0.0]}
        return {"name": "", "dose_gy": [0.0, 30.0, 60.0],
                "structures": [{"name": name, **lines} for name in names]}  # fmt: skip

    dvh_chart(a_scene, dvh("PTV", "heart", "lung"))
    chart = dvh_chart(a_scene, dvh("PTV", "cord"))
    assert chart.GetNumberOfPlotSeriesNodes() == 4
    assert a_scene.GetNumberOfNodesByClass("vtkMRMLPlotSeriesNode") == 4, "two went with the lung"
    assert a_scene.GetNumberOfNodesByClass("vtkMRMLTableNode") == 1
    real, made = chart.GetNthPlotSeriesNode(2), chart.GetNthPlotSeriesNode(3)
    assert [one.GetName() for one in (real, made)] == ["cord, real CT", "cord, synthetic CT"]
    assert real.GetColor() == made.GetColor() != chart.GetNthPlotSeriesNode(0).GetColor()
    kind = slicer.vtkMRMLPlotSeriesNode
    assert [one.GetLineStyle() for one in (real, made)] == [kind.LineStyleSolid, kind.LineStyleDash]
    column = made.GetTableNode().GetTable().GetColumnByName(made.GetYColumnName())
    assert [column.GetValue(row) for row in range(3)] == [100.0, 60.0, 0.0]
    other = reopened(a_slicer_app, ".mrb")
    kept = other.scene.GetFirstNodeByClass("vtkMRMLPlotChartNode")
    assert kept.GetNumberOfPlotSeriesNodes() == 4 and kept.GetXAxisTitle() == "Dose (Gy)"
    table = kept.GetNthPlotSeriesNode(3).GetTableNode().GetTable()
    assert table.GetNumberOfRows() == 3


def test_an_answer_in_words_the_worst_first() -> None:
    def finding(light: str, title: str, **more: Any) -> dict[str, Any]:
        return {"light": light, "title": title, "text": "1.0 %", "limit": "within \u00b12", **more}

    answer = {
        "findings": [
            finding("shown", "MAE", limit=""),
            finding("pass", "Dice", reason="Dice is 1.0 %, within all (within \u00b12)."),
            finding("fail", "D95", reason="D95 is 1.0 %, outside all (within \u00b12). Why."),
            finding("unheard of", "X"),
        ],
        "thresholds": {"source": "site.toml", "signed_by": "P", "signed_on": "2026-01-02"},
        "curve": {"name": "ours.csv"}, "notes": ["A note."],
    }  # fmt: skip
    lines = lines_of(answer)
    assert [line[:2] for line in lines] == [
        ("fail", "D95"), ("pass", "Dice"), ("shown", "MAE"), ("shown", "X"),
    ]  # fmt: skip
    assert lines[0][2:] == ("Outside all. Why.", "1.0 %", "within \u00b12")
    assert lines[1][2] == "Within all." and lines[2][2] == "Not judged."
    said = about(answer)
    assert said.startswith("1 outside, 1 within, 2 not judged. Thresholds: site.toml, signed by P")
    assert "ours.csv" in said and said.endswith("A note.")
    assert lines_of({}) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_temporary_report_is_its_owners_alone(tmp_path: Path) -> None:
    path = temporary_report("<html>1</html>", str(tmp_path), "check")
    assert path.read_text("utf-8") == "<html>1</html>"
    assert path.stat().st_mode & 0o777 == 0o600
    keep_report("<html>2</html>", tmp_path / "kept.html")
    before = os.umask(0)
    os.umask(before)
    assert (tmp_path / "kept.html").stat().st_mode & 0o777 == 0o666 & ~before


def test_a_report_is_written_once(tmp_path: Path) -> None:
    keep_report("<html>1</html>", tmp_path / "check")
    with pytest.raises(InputError, match="nothing is written over"):
        keep_report("<html>2</html>", tmp_path / "check.html")
    with pytest.raises(InputError, match="cannot be written"):
        keep_report("", tmp_path / "no folder" / "check.html")
    assert [p.name for p in tmp_path.iterdir()] == ["check.html"]
    assert (tmp_path / "check.html").read_text("utf-8") == "<html>1</html>"
