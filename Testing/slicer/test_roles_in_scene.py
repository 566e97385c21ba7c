"""What the volumes of a scene seem to be, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
import slicer
import vtk

from SlicerSynthLib.attributes import mark, synthetic_name
from SlicerSynthLib.nodes import node_from_image
from SlicerSynthLib.volumes_roles import by_name_and_values, suggest_role_of, suggest_roles
from SynthCore.dicom.write import export_dicom
from SynthCore.image import Image
from Testing.dicom.results import an_image, result_of
from Testing.slicer.mrml_fixtures import Files, load_series


def a_volume(scene: Any, name: str, low: float = 0.0, high: float = 900.0) -> Any:
    voxels = np.linspace(low, high, 4**3, dtype=np.float32).reshape(4, 4, 4)
    return node_from_image(scene, Image(voxels, np.eye(4)), name)


@pytest.mark.parametrize(
    ("name", "air", "role", "certain"),
    [
        ("MR_T1_image", False, "T1", False),
        ("48044: t1_mpr_tra", False, "T1", False),
        ("T1 ax post Gd", False, "T1c", False),
        ("sub-01_t1ce", False, "T1c", False),
        ("T2 FLAIR 3D", False, "FLAIR", False),
        ("patient07_T2W", False, "T2", False),
        ("PD tse", False, "PD", False),
        ("CT_image", True, "CT", True),
        ("CT_image", False, "CT", False),
        ("kV CBCT fraction 3", True, "CBCT", True),
        ("PET FDG", False, "PET", False),
        ("MR_T1_image", True, "CT", False),
        ("CT registered to T1", True, "CT", False),
        ("CT registered to T1", False, None, False),
        ("Volume_3", True, "CT", False),
        ("Volume_3", False, None, False),
        ("actor", False, None, False),
        ("ADC map", False, None, False),
    ],
)
def test_names_and_values(name: str, air: bool, role: str | None, certain: bool) -> None:
    found = by_name_and_values(name, air)
    assert (found.role, found.certain) == (role, certain)
    assert found.reason


def test_a_reason_quotes_words_and_never_the_name() -> None:
    for air in (True, False):
        for kind in ("T1 post gd", "CT", "PET", "adc", ""):
            assert "Muster" not in by_name_and_values(f"Muster_Anne_{kind}", air).reason


def test_a_scene_is_looked_through(a_scene: Any) -> None:
    wanted = {
        "T1 ax": (a_volume(a_scene, "T1 ax"), "T1"),
        "CT thigh": (a_volume(a_scene, "CT thigh", -1024, 1500), "CT"),
        "Volume": (a_volume(a_scene, "Volume"), None),
    }
    a_scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "T1 labels")
    a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "T1 empty")
    a_volume(a_scene, "T1 hidden").SetHideFromEditors(True)
    color = a_scene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "T1 picture")
    picture = vtk.vtkImageData()
    picture.SetDimensions(2, 2, 2)
    picture.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 3)
    color.SetAndObserveImageData(picture)
    found = suggest_roles(a_scene)
    assert {key: one.role for key, one in found.items()} == {
        node.GetID(): role for node, role in wanted.values()
    }
    assert all(one.reason for one in found.values())


def test_a_few_voxels_at_minus_1000_do_not_make_a_ct(a_scene: Any) -> None:
    node = a_volume(a_scene, "Volume", -3.0, 900.0)
    slicer.util.arrayFromVolume(node)[0, 0, 0] = -1000
    voxels = np.zeros((20, 20, 20), np.float32)
    voxels[0, 0, :10] = -1000
    assert suggest_role_of(node_from_image(a_scene, Image(voxels, np.eye(4)), "V")).role is None


def test_a_synthetic_volume_is_never_certain(a_scene: Any) -> None:
    source = a_volume(a_scene, "T1 ax")
    node = a_volume(a_scene, synthetic_name("CT", "T1 ax"), -1024, 1500)
    mark(node, record=result_of(an_image()).record.to_json(), sources={"T1": source})
    found = suggest_role_of(node)
    assert (found.role, found.certain) == ("CT", False)
    assert "not acquired" in found.reason


@pytest.mark.data
def test_dicom_headers_come_before_the_name(
    a_slicer_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real_data: Path
) -> None:
    with ZipFile(real_data / "dicom" / "STS_010_CT_MR_PET_RTSTRUCT.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "STS_010"
    monkeypatch.setattr(slicer, "dicomDatabase", Files(folder))
    for inside, role in (("MR_T1", "T1"), ("CT", "CT"), ("PET", "PET")):
        node = load_series(a_slicer_app, folder / inside / "image")
        node.SetName("T2 tse")
        found = suggest_role_of(node)
        assert found.role == role
        assert "the name" not in found.reason
    assert len(suggest_roles(a_slicer_app.scene)) == 3


def test_a_damaged_dicom_file_leaves_name_and_values(
    a_slicer_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_dicom(result_of(an_image()), tmp_path / "ct")
    node = load_series(a_slicer_app, tmp_path / "ct")
    node.SetName("T1 ax")
    files = Files(tmp_path / "ct")
    for path in files.paths.values():
        path.write_bytes(b"damaged")
    monkeypatch.setattr(slicer, "dicomDatabase", files)
    assert suggest_role_of(node).reason.startswith(("the name", "by the name"))


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "role"),
    [
        ("mr_ct_pairs/STS_010/CT_image.nii.gz", "CT"),
        ("mr_ct_pairs/STS_010/MR_T1_image.nii.gz", "T1"),
        ("ct/LIDC-IDRI-0314_chest_3mm.nii.gz", "CT"),
        ("ct/totalsegmentator_example_ct.nii.gz", "CT"),
    ],
)
def test_real_files(a_slicer_app: Any, real_data: Path, file: str, role: str) -> None:
    node = a_slicer_app.io_manager.load_volumes(str(real_data / file))[0]
    assert suggest_role_of(node).role == role
