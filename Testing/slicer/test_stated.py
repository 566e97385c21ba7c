"""What the DICOM of a node says goes with it to the engine's checks, and nothing more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer

from SlicerSynthLib.dicom_headers import identity_of
from SlicerSynthLib.nodes import image_from_node
from SlicerSynthLib.orders import Order, volumes_of
from SynthCore.errors import InputError
from SynthCore.image import make_affine
from SynthCore.protocol import Message, pack, unpack
from Testing.dicom.results import headers
from Testing.slicer.logic_fixtures import Driven, a_t1
from Testing.slicer.mrml_fixtures import Files
from Testing.slicer.test_nodes_dicom import write_headers

SHAPE = (5, 48, 40)
AFFINE = make_affine((4.0, 4.0, 5.0), (-80.0, -96.0, 10.0))


class Both:
    """A database of several series."""

    def __init__(self, *series: Files) -> None:
        self.series = series

    def fileForInstance(self, uid: str) -> str:  # noqa: N802 (Slicer's name)
        return next((found for s in self.series if (found := s.fileForInstance(uid))), "")


@pytest.fixture
def two(a_scene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make two volumes of one study, after what is changed in the headers of the second."""

    def make(**changes: str) -> tuple[Any, Any]:
        nodes, series = [], []
        for name in ("T1", "T2"):
            made = headers(SHAPE, AFFINE)
            for header in made if name == "T2" else []:
                for keyword, value in changes.items():
                    setattr(header, keyword, value)
            files = Files(write_headers(made, tmp_path / name))
            node = a_t1(a_scene, f"{name} axial")
            node.SetAttribute("DICOM.instanceUIDs", " ".join(sorted(files.paths)))
            if name == "T2":  # one image in two roles is refused for another reason
                voxels = slicer.util.arrayFromVolume(node)
                slicer.util.updateVolumeFromArray(node, voxels[..., ::-1].copy())
            nodes.append(node)
            series.append(files)
        monkeypatch.setattr(slicer, "dicomDatabase", Both(*series), raising=False)
        return nodes[0], nodes[1]

    return make


def order(t1: Any, t2: Any) -> Order:
    return Order("mr-sequence", {"T1": t1, "T2": t2}, target="FLAIR")


def test_no_more_than_a_check_needs_leaves_the_module(two: Any) -> None:
    t1, _ = two()
    image = image_from_node(t1, "T1", identity_of(t1, slicer.dicomDatabase))
    entries, pieces = pack({"T1": image})
    assert set(entries[0]["stated"]) == {"Modality", "FrameOfReferenceUID", "SliceThickness"}
    text = str(entries)
    header = image.source.headers[0]
    assert header.PatientID not in text and header.StudyInstanceUID not in text
    came = unpack(Message("synthesize", 1, {"volumes": entries}, b"".join(pieces)))["T1"]
    assert came.source.headers[0].Modality == "MR"
    assert len(came.source.headers[0]) == 3
    assert float(came.source.headers[0].SliceThickness) == 2.5


@pytest.mark.parametrize("stated", [5, ["MR"], {"PatientName": "A"}, {"Modality": 5},
                                    {"Modality": "M" * 99},
                                    {"SliceThickness": "thin"}])  # fmt: skip
def test_other_attributes_are_not_taken(two: Any, stated: Any) -> None:
    t1, _ = two()
    entries, pieces = pack({"T1": image_from_node(t1, "T1")})
    entries[0]["stated"] = stated
    with pytest.raises(InputError, match="not described correctly"):
        unpack(Message("synthesize", 1, {"volumes": entries}, b"".join(pieces)))


def test_two_frames_of_reference_are_refused(a_logic: Driven, two: Any) -> None:
    t1, t2 = two(FrameOfReferenceUID="1.2.826.0.1.77")
    job = a_logic.finish(a_logic.logic.synthesize(order(t1, t2)))
    assert job.state == "refused"
    assert "different frames of reference" in job.message


def test_what_was_registered_since_is_not_refused_for_its_old_frame(
    a_logic: Driven, two: Any
) -> None:
    t1, t2 = two(FrameOfReferenceUID="1.2.826.0.1.77")
    above = a_logic.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "registered")
    matrix = np.eye(4)
    matrix[0, 3] = 3.0
    above.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    t2.SetAndObserveTransformNodeID(above.GetID())
    job = a_logic.finish(a_logic.logic.synthesize(order(t1, t2)))
    # the checks of the frames come first; then these limbs are no heads
    assert "unlike" in job.message and "frame" not in job.message


def test_two_patients_are_refused_before_anything_is_sent(two: Any) -> None:
    t1, t2 = two(PatientID="4712")
    with pytest.raises(InputError, match="one patient only"):
        volumes_of(order(t1, t2))


def test_a_ct_given_as_mr_is_refused_by_what_its_file_says(a_logic: Driven, two: Any) -> None:
    _, t2 = two(Modality="CT")
    job = a_logic.finish(a_logic.logic.synthesize(Order("mr-to-ct", {"T2": t2})))
    assert job.state == "refused"
    assert "modality is CT" in job.message
