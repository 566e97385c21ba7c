"""The DICOM headers of a node belong to its slices, whatever order Slicer noted them in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pydicom
import pytest
import slicer
from pydicom.uid import ExplicitVRLittleEndian

from SlicerSynthLib.dicom_headers import first_header, identity_of, source_of
from SlicerSynthLib.nodes import image_from_node, node_from_image, update_node
from SynthCore.dicom.read import read_dicom
from SynthCore.dicom.tags_preview import preview_tags
from SynthCore.dicom.write import export_dicom
from SynthCore.errors import InputError
from SynthCore.files.verify import verify_folder
from SynthCore.image import Image, make_affine
from Testing.dicom.results import enhanced_header, headers, result_of
from Testing.slicer.mrml_fixtures import Files, load_series, oblique

SHAPE = (5, 6, 7)
AFFINE = make_affine((0.9, 1.1, 3.0), (-20.0, 10.0, 5.0), oblique())


def write_headers(made: list[Any], folder: Path) -> Path:
    """Header-only files in an order that says nothing of the slices."""
    folder.mkdir()
    for number, header in zip(np.random.default_rng(3).permutation(len(made)), made, strict=True):
        header.file_meta = pydicom.dataset.FileMetaDataset()
        header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        header.save_as(folder / f"MUSTER_{number}.dcm", enforce_file_format=True)
    return folder


@pytest.fixture
def a_series(tmp_path: Path) -> Files:
    """Five oblique MR slices."""
    return Files(write_headers(headers(SHAPE, AFFINE), tmp_path / "MUSTER^AENNE"))


def a_node(scene: Any, files: Files, affine: np.ndarray = AFFINE) -> Any:
    """A volume on the grid of the headers, its UIDs in the order of the file names."""
    voxels = np.arange(np.prod(SHAPE), dtype=np.float32).reshape(SHAPE)
    node = node_from_image(scene, Image(voxels, affine), "4: T1 ax")
    names = sorted(files.paths, key=lambda uid: files.paths[uid])
    node.SetAttribute("DICOM.instanceUIDs", " ".join(names))
    return node


def positions(source: Any) -> np.ndarray:
    return np.array([[float(v) for v in h.ImagePositionPatient] for h in source.headers])


def test_headers_come_in_the_order_of_the_slices(a_scene: Any, a_series: Files) -> None:
    source = source_of(a_node(a_scene, a_series), a_series)
    expected = [(AFFINE @ (0, 0, k, 1))[:3] for k in range(SHAPE[0])]
    assert np.allclose(positions(source), expected, atol=1e-4)
    assert source.instance_uids == tuple(h.SOPInstanceUID for h in source.headers)
    assert source.instance_uids != tuple(
        a_scene.GetFirstNodeByName("4: T1 ax").GetAttribute("DICOM.instanceUIDs").split()
    )
    assert source.kind == "dicom"
    assert source.series_uid == source.headers[0].SeriesInstanceUID
    assert source.path == ""
    assert all("PixelData" not in header for header in source.headers)


def test_a_volume_read_from_the_last_slice_to_the_first(a_scene: Any, a_series: Files) -> None:
    affine = AFFINE.copy()
    affine[:3, 3] += affine[:3, 2] * (SHAPE[0] - 1)
    affine[:3, 2] *= -1
    forward = source_of(a_node(a_scene, a_series), a_series)
    backward = source_of(a_node(a_scene, a_series, affine), a_series)
    assert backward.instance_uids == forward.instance_uids[::-1]


def test_part_of_the_slices_takes_part_of_the_headers(a_scene: Any, a_series: Files) -> None:
    node = a_node(a_scene, a_series)
    whole = source_of(node, a_series)
    affine = AFFINE.copy()
    affine[:3, 3] += affine[:3, 2]
    update_node(node, Image(np.zeros((3, 6, 7), np.float32), affine))
    assert source_of(node, a_series).instance_uids == whole.instance_uids[1:4]


def test_a_moved_volume_keeps_its_study_and_loses_its_frame_of_reference(
    a_scene: Any, a_series: Files
) -> None:
    node = a_node(a_scene, a_series)
    still = source_of(node, a_series)
    matrix = make_affine((1.0, 1.0, 1.0), (4.0, -3.0, 12.0), oblique(5.0))
    above = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "registered")
    above.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    node.SetAndObserveTransformNodeID(above.GetID())

    moved = source_of(node, a_series)

    assert moved.instance_uids == still.instance_uids
    assert {h.StudyInstanceUID for h in moved.headers} == {still.headers[0].StudyInstanceUID}
    assert all("FrameOfReferenceUID" in header for header in still.headers)
    assert not any("FrameOfReferenceUID" in header for header in moved.headers)


def test_a_multi_frame_object_has_one_header(a_scene: Any, tmp_path: Path) -> None:
    files = Files(write_headers([enhanced_header(SHAPE)], tmp_path / "enhanced"))
    node = a_node(a_scene, files, make_affine((0.9, 1.1, 3.0), (-20.0, 10.0, 5.0)))
    source = source_of(node, files)
    assert len(source.headers) == len(source.instance_uids) == 1
    assert "FrameOfReferenceUID" in source.headers[0]


def test_an_export_of_a_node_lies_where_its_source_lies(
    a_scene: Any, a_series: Files, tmp_path: Path
) -> None:
    node = a_node(a_scene, a_series)
    image = image_from_node(node, "T1", source_of(node, a_series))
    made = image.with_voxels(image.voxels - 900, modality="CT", unit="HU")
    record = export_dicom(result_of(made, inputs={"T1": image}), tmp_path / "ct")
    back = read_dicom(tmp_path / "ct")
    assert back.same_grid(image, tolerance_mm=1e-4)
    assert np.array_equal(back.voxels, made.voxels)
    for header in back.source.headers:
        (item,) = header.SourceImageSequence
        source = image.source.instance_uids.index(item.ReferencedSOPInstanceUID)
        assert header.ImagePositionPatient == image.source.headers[source].ImagePositionPatient
    assert record.output["dicom_notes"] == []
    shown = {line.name: line.value for line in preview_tags(result_of(made), source=image)}
    assert shown["Patient ID"] == "PID4711"
    assert shown["Synthetic Data"] == "YES"


def test_a_volume_without_headers_is_no_error(
    a_scene: Any, a_series: Files, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    node = a_node(a_scene, a_series)
    uids = tuple(node.GetAttribute("DICOM.instanceUIDs").split())
    for database in (None, Files(tmp_path / "empty")):
        source = source_of(node, database)
        assert (source.kind, source.headers, source.instance_uids) == ("dicom", (), uids)
        assert first_header(node, database) is None
    node.RemoveAttribute("DICOM.instanceUIDs")
    assert source_of(node, a_series) == identity_of(node, a_series)
    assert source_of(node, a_series).kind == "memory"


def test_identity_needs_one_file(a_scene: Any, a_series: Files) -> None:
    node = a_node(a_scene, a_series)
    for path in sorted(a_series.paths.values())[1:]:
        path.write_bytes(b"no longer DICOM")
    assert identity_of(node, a_series).series_uid.startswith("1.2.826")


def test_missing_files_are_an_error_without_a_path(a_scene: Any, a_series: Files) -> None:
    node = a_node(a_scene, a_series)
    for path in sorted(a_series.paths.values())[:2]:
        path.unlink()
    with pytest.raises(InputError, match=r"2 of the 5 DICOM files of 4: T1 ax .* import") as gone:
        source_of(node, a_series)
    assert "MUSTER" not in str(gone.value)


def test_a_damaged_file_is_an_error_without_a_path(a_scene: Any, a_series: Files) -> None:
    node = a_node(a_scene, a_series)
    next(iter(a_series.paths.values())).write_bytes(b"\x08\x00\x05\x00CS\xff\xff damaged")
    with pytest.raises(InputError, match="A DICOM file of 4: T1 ax has a damaged") as damaged:
        source_of(node, a_series)
    assert "MUSTER" not in str(damaged.value)


@pytest.mark.data
@pytest.mark.parametrize(("inside", "role"), [("MR_T1/image", "T1"), ("CT/image", "CT")])
def test_a_real_series_through_slicers_reader_and_back(
    a_slicer_app: Any, real_data: Path, tmp_path: Path, inside: str, role: str
) -> None:
    with ZipFile(real_data / "dicom" / "STS_010_CT_MR_PET_RTSTRUCT.zip") as archive:
        archive.extractall(tmp_path / "study")
    folder = tmp_path / "study" / "STS_010" / inside
    node = load_series(a_slicer_app, folder)
    uids = node.GetAttribute("DICOM.instanceUIDs").split()
    node.SetAttribute("DICOM.instanceUIDs", " ".join(uids[::2] + uids[1::2]))

    image = image_from_node(node, role, source_of(node, Files(folder)))

    read = read_dicom(folder, modality=role)
    assert len(image.source.headers) == image.shape[0] == len(uids)
    along = positions(image.source) @ image.direction[:, 2]
    assert np.allclose(np.diff(along), image.spacing[2], atol=0.02)
    assert np.allclose(along[0], np.dot(image.origin, image.direction[:, 2]), atol=0.02)
    assert image.same_grid(read, tolerance_mm=0.01) or image.same_grid(
        _backward(read), tolerance_mm=0.01
    )
    made = image.with_voxels(image.voxels.astype(np.float32), modality="CT", unit="HU")
    result = result_of(made, inputs={role: image})
    export_dicom(result, tmp_path / "out")
    assert verify_folder(tmp_path / "out").ok
    back = read_dicom(tmp_path / "out")
    assert back.same_grid(read, tolerance_mm=0.01)
    assert np.array_equal(back.voxels, read.voxels)
    first, source = back.source.headers[0], read.source.headers[0]
    for keyword in ("PatientID", "StudyInstanceUID", "FrameOfReferenceUID"):
        assert first[keyword].value == source[keyword].value
    assert preview_tags(replace(result, image=made))


def _backward(image: Image) -> Image:
    affine = image.affine.copy()
    affine[:3, 3] += affine[:3, 2] * (image.shape[0] - 1)
    affine[:3, 2] *= -1
    return Image(image.voxels[::-1], affine)
