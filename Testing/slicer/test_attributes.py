"""The marks of a synthetic node: everywhere the node goes, they go."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer
from pydicom.uid import generate_uid

from SlicerSynthLib.attributes import (
    card_of,
    is_synthetic,
    mark,
    mark_derived,
    record_of,
    sources_of,
    synthetic_name,
)
from SlicerSynthLib.nodes import image_from_node, node_from_image, update_node
from SynthCore.dicom.phantom import PhantomStudy, ct_header, write_series
from SynthCore.dicom.write import export_dicom
from SynthCore.files.write import write_nifti
from SynthCore.image import Image
from SynthCore.request import SynthesisRecord
from Testing.dicom.results import an_image, result_of
from Testing.slicer.mrml_fixtures import Files, an_affine, load_series

CARD = {"name": 'odd; "name": 50% & <more>', "licence": "CC BY\n4.0", "Ä": [1.5, None]}


def a_record() -> str:
    image = an_image()
    record = result_of(image, inputs={"T1": image, "T2": image}).record
    return record.to_json()


def a_volume(scene: Any, name: str) -> Any:
    voxels = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    return node_from_image(scene, Image(voxels, an_affine()), name)


@pytest.fixture
def synthetic(a_scene: Any) -> Any:
    """A marked CT of two sources."""
    t1, t2 = a_volume(a_scene, "T1 ax; 50%"), a_volume(a_scene, "T2:cor")
    node = a_volume(a_scene, synthetic_name("CT", t1.GetName()))
    mark(node, record=a_record(), card=CARD, sources={"T1": t1, "T2": t2})
    return node


def assert_whole(node: Any) -> None:
    assert is_synthetic(node)
    assert record_of(node) == a_record()
    assert SynthesisRecord.from_json(record_of(node) or "").to_json() == a_record()
    assert card_of(node) == CARD
    assert {role: source.GetName() for role, source in sources_of(node).items()} == {
        "T1": "T1 ax; 50%",
        "T2": "T2:cor",
    }
    assert node.GetAttribute("SynthCore.Task") == "mr-to-ct"
    assert node.GetAttribute("SynthCore.Target") == "CT"
    assert node.GetDescription().startswith("SYNTHETIC: CT computed by a-model 1.2.0")


def test_what_is_marked_says_how_it_was_made(synthetic: Any) -> None:
    assert synthetic.GetName() == "SYNTHETIC CT of T1 ax; 50%"
    assert_whole(synthetic)


@pytest.mark.parametrize("suffix", [".mrml", ".mrb"])
def test_a_saved_scene_keeps_every_mark(
    a_slicer_app: Any, synthetic: Any, reopened: Callable[[Any, str], Any], suffix: str
) -> None:
    synthetic.SetName("renamed")
    other = reopened(a_slicer_app, suffix)
    node = other.scene.GetFirstNodeByName("renamed")
    assert_whole(node)
    assert np.array_equal(
        image_from_node(node, "CT").voxels, image_from_node(synthetic, "CT").voxels
    )
    assert np.allclose(image_from_node(node, "CT").affine, an_affine(), atol=1e-6)


def test_a_scene_opened_into_a_scene_with_the_same_ids_keeps_its_references(
    a_slicer_app: Any, synthetic: Any, tmp_path: Path
) -> None:
    path = tmp_path / "one.mrb"
    assert a_slicer_app.io_manager.save_scene(path)
    a_slicer_app.scene.Clear(0)
    a_volume(a_slicer_app.scene, "another study")
    assert a_slicer_app.io_manager.load_scene(path)
    assert_whole(a_slicer_app.scene.GetFirstNodeByName(synthetic_name("CT", "T1 ax; 50%")))


def test_a_clone_is_synthetic_too(a_slicer_app: Any, synthetic: Any) -> None:
    clone = a_slicer_app.volumes_logic.CloneVolume(a_slicer_app.scene, synthetic, "clone")
    assert_whole(clone)
    copy = slicer.vtkMRMLScalarVolumeNode()
    copy.Copy(synthetic)
    copy.SetName("copy")
    a_slicer_app.scene.AddNode(copy)
    assert_whole(copy)


def test_new_voxels_do_not_lose_the_mark(synthetic: Any) -> None:
    update_node(synthetic, Image(np.zeros((2, 2, 2), np.float32), np.eye(4)))
    assert_whole(synthetic)


def test_an_acquired_volume_is_not_synthetic(a_scene: Any) -> None:
    node = a_volume(a_scene, "T1 ax")
    assert not is_synthetic(node)
    assert not is_synthetic(None)
    assert record_of(node) is None
    assert card_of(node) is None
    assert sources_of(node) == {}


def test_a_source_that_was_deleted_is_no_source_any_more(a_scene: Any, synthetic: Any) -> None:
    a_scene.RemoveNode(sources_of(synthetic)["T2"])
    assert set(sources_of(synthetic)) == {"T1"}
    assert is_synthetic(synthetic)


def test_a_node_that_shows_another_result_has_no_source_of_the_last(
    a_scene: Any, synthetic: Any
) -> None:
    t2 = sources_of(synthetic)["T2"]
    mark(synthetic, record=a_record(), sources={"T2": t2})
    assert sources_of(synthetic) == {"T2": t2}


def test_what_is_computed_from_a_synthetic_node_is_marked(a_scene: Any, synthetic: Any) -> None:
    node = a_volume(a_scene, "difference")
    mark_derived(node, synthetic)
    assert is_synthetic(node)
    assert record_of(node) == a_record()
    assert synthetic.GetName() in node.GetDescription()


def test_a_record_that_is_no_json_is_not_taken(a_scene: Any) -> None:
    node = a_volume(a_scene, "T1")
    with pytest.raises(json.JSONDecodeError):
        mark(node, record="made by hand")
    assert not is_synthetic(node)


def test_a_volume_loaded_from_synthetic_dicom_is_synthetic(
    a_slicer_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_dicom(result_of(an_image()), tmp_path / "ct")
    node = load_series(a_slicer_app, tmp_path / "ct")
    node.SetName("3: CT")
    assert not is_synthetic(node)  # there is no database yet
    monkeypatch.setattr(slicer, "dicomDatabase", Files(tmp_path / "ct"))
    assert is_synthetic(node)
    monkeypatch.setattr(slicer, "dicomDatabase", None)
    assert is_synthetic(node)  # noted on the node: the scene may be opened elsewhere


def test_the_engine_is_told_whether_a_volume_is_synthetic_or_a_phantom(
    a_slicer_app: Any, synthetic: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = PhantomStudy(0, generate_uid(), generate_uid(), datetime.now(UTC))
    scan = Image(np.arange(60, dtype=np.int16).reshape(3, 4, 5), np.eye(4), "CT", "HU")
    write_series(tmp_path / "ct", scan, ct_header("CT", 1.0), study, 1)
    node = load_series(a_slicer_app, tmp_path / "ct")
    node.SetName("3: CT")
    early = load_series(a_slicer_app, tmp_path / "ct")
    early.SetName("SYNTHETIC phantom CT")
    assert is_synthetic(early)  # by its name: there is no database yet
    monkeypatch.setattr(slicer, "dicomDatabase", Files(tmp_path / "ct"))
    assert image_from_node(node, "CT").synthetic == "PHANTOM"
    assert image_from_node(early, "CT").synthetic == "PHANTOM"
    monkeypatch.setattr(slicer, "dicomDatabase", None)
    assert image_from_node(node, "CT").synthetic == "PHANTOM"
    assert image_from_node(synthetic, "CT").synthetic == "YES"
    assert image_from_node(a_volume(a_slicer_app.scene, "T1"), "T1").synthetic == ""


@pytest.mark.data
def test_a_volume_loaded_from_acquired_dicom_is_not(
    a_slicer_app: Any, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = real_data / "dicom" / "pydicom_test_files"
    files = Files(folder)
    monkeypatch.setattr(slicer, "dicomDatabase", files)
    node = a_volume(a_slicer_app.scene, "CT")
    node.SetAttribute("DICOM.instanceUIDs", next(iter(files.paths)))
    assert not is_synthetic(node)


@pytest.mark.parametrize("name", ["made.nii.gz", "made.nii"])
def test_a_volume_loaded_from_a_marked_nifti_file_is_synthetic(
    a_slicer_app: Any, tmp_path: Path, name: str
) -> None:
    acquired = tmp_path / f"acquired-{name}"
    write_nifti(an_image(), tmp_path / name, record_json=a_record())
    write_nifti(an_image(), acquired, record_json=None)
    made, other = (
        a_slicer_app.io_manager.load_volumes(str(path))[0] for path in (tmp_path / name, acquired)
    )
    made.SetName("CT")
    assert is_synthetic(made)
    assert not is_synthetic(other)


def test_a_marked_file_that_takes_the_name_of_another_is_seen(
    a_slicer_app: Any, tmp_path: Path
) -> None:
    path = tmp_path / "a volume.nii.gz"
    write_nifti(an_image(), path, record_json=None)
    node = a_slicer_app.io_manager.load_volumes(str(path))[0]
    assert not is_synthetic(node)
    path.unlink()
    write_nifti(an_image(), path, record_json=a_record())
    node = a_slicer_app.io_manager.load_volumes(str(path))[0]
    assert is_synthetic(node)
    path.unlink()
    assert is_synthetic(node)  # what was loaded stays what it is


def test_a_result_that_is_saved_under_any_name_stays_marked(
    a_slicer_app: Any, synthetic: Any, tmp_path: Path
) -> None:
    """By its own storage, as Save Data does: mark and record are in the file itself."""
    from SynthCore.files.read import read

    path = tmp_path / "ct.nrrd"
    storage = synthetic.GetStorageNode()
    storage.SetFileName(str(path))
    assert storage.WriteData(synthetic)
    node = a_slicer_app.io_manager.load_volumes(str(path))[0]
    assert node.GetAttribute("SynthCore.SyntheticData") is None
    assert is_synthetic(node)
    assert read(path, modality="CT").synthetic == "YES"
    again = slicer.vtkMRMLNRRDStorageNode()
    again.SetFileName(str(path))
    whole = a_slicer_app.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "whole")
    assert again.ReadData(whole)
    assert record_of(whole) == record_of(synthetic)
    np.testing.assert_array_equal(
        slicer.util.arrayFromVolume(whole), slicer.util.arrayFromVolume(synthetic)
    )


def test_a_file_that_slicer_named_after_the_node_is_synthetic(
    a_slicer_app: Any, synthetic: Any, tmp_path: Path
) -> None:
    path = tmp_path / f"{synthetic.GetName()}.nrrd"
    a_slicer_app.io_manager.write_volume(synthetic, path)
    node = a_slicer_app.io_manager.load_volumes(str(path))[0]
    assert node.GetAttribute("SynthCore.SyntheticData") is None
    assert is_synthetic(node)
    node.SetName("renamed afterwards")
    assert is_synthetic(node)
