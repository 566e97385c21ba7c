"""Images from nodes and nodes from images: the same voxels at the same place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import slicer
import vtk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from SlicerSynthLib.geometry import RAS_TO_LPS, array_of
from SlicerSynthLib.nodes import image_from_node, node_from_image, update_node
from SlicerSynthLib.scalars import image_data
from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from Testing.slicer.mrml_fixtures import an_affine, node_ids, oblique

SCALAR_TYPES = [
    np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.float32, np.float64,
]  # fmt: skip


def some_voxels(dtype: Any = np.float32, shape: tuple[int, int, int] = (4, 5, 6)) -> np.ndarray:
    """Different values over the whole range of a type."""
    if np.dtype(dtype).kind == "f":
        return np.random.default_rng(1).normal(0, 1e3, shape).astype(dtype)
    limits = np.iinfo(dtype)
    return np.linspace(limits.min, limits.max, np.prod(shape)).astype(dtype).reshape(shape)


def assert_same(got: Image, expected: Image) -> None:
    assert got.voxels.dtype == expected.voxels.dtype
    assert got.voxels.tobytes() == expected.voxels.tobytes()
    scale = np.abs(expected.affine).max()
    assert np.abs(got.affine - expected.affine).max() <= 1e-9 * scale


@pytest.mark.parametrize("dtype", SCALAR_TYPES)
def test_every_scalar_type_comes_back_bit_for_bit(a_scene: Any, dtype: Any) -> None:
    image = Image(some_voxels(dtype), an_affine(), "T1")
    assert_same(image_from_node(node_from_image(a_scene, image, "T1"), "T1"), image)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    shape=st.tuples(*[st.integers(1, 5)] * 3),
    spacing=st.tuples(*[st.floats(0.01, 50)] * 3),
    origin=st.tuples(*[st.floats(-1e4, 1e4)] * 3),
    degrees=st.floats(-180, 180),
    flip=st.booleans(),
)
def test_any_geometry_comes_back(
    a_scene: Any, shape: Any, spacing: Any, origin: Any, degrees: float, flip: bool
) -> None:
    image = Image(some_voxels(shape=shape), make_affine(spacing, origin, oblique(degrees, flip)))
    node = node_from_image(a_scene, image, "any")
    assert_same(image_from_node(node, "T1"), image)
    a_scene.RemoveNode(node)


def test_a_voxel_lies_in_mrml_where_the_image_has_it(a_scene: Any) -> None:
    image = Image(some_voxels(), an_affine(flip=True))
    node = node_from_image(a_scene, image, "place")
    to_ras = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(to_ras)
    i, j, k = 5, 3, 2
    x, y, z = (image.affine @ (i, j, k, 1))[:3]
    assert np.allclose(to_ras.MultiplyPoint((i, j, k, 1))[:3], (-x, -y, z), atol=1e-9)
    assert node.GetImageData().GetScalarComponentAsDouble(i, j, k, 0) == image.voxels[k, j, i]


def transform(scene: Any, matrix: np.ndarray, parent: Any = None, name: str = "moved") -> Any:
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", name)
    node.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    if parent is not None:
        node.SetAndObserveTransformNodeID(parent.GetID())
    return node


def rigid(degrees: float, offset: tuple[float, float, float]) -> np.ndarray:
    return make_affine((1.0, 1.0, 1.0), offset, oblique(degrees))


def test_nested_linear_transforms_are_applied_as_slicer_hardens_them(a_scene: Any) -> None:
    node = node_from_image(a_scene, Image(some_voxels(), an_affine()), "under two")
    outer = transform(a_scene, rigid(33.0, (1.0, -20.0, 3.0)))
    inner = transform(a_scene, rigid(-71.0, (4.5, 0.0, 9.0)), outer)
    node.SetAndObserveTransformNodeID(inner.GetID())
    before, ids = array_of_ijk(node), node_ids(a_scene)

    image = image_from_node(node, "T2")

    assert node_ids(a_scene) == ids
    assert np.array_equal(array_of_ijk(node), before)
    assert node.GetParentTransformNode() is inner
    assert image.notes
    assert node.HardenTransform()
    assert_same(image, Image(some_voxels(), RAS_TO_LPS @ array_of_ijk(node)))
    assert np.abs(array_of_ijk(node) - before).max() > 1


def array_of_ijk(node: Any) -> np.ndarray:
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return array_of(matrix)


@pytest.mark.parametrize("kind", ["vtkMRMLGridTransformNode", "vtkMRMLBSplineTransformNode"])
def test_a_bent_transform_anywhere_above_is_refused_by_name(a_scene: Any, kind: str) -> None:
    node = node_from_image(a_scene, Image(some_voxels(), an_affine()), "T1 ax")
    bent = a_scene.AddNewNodeByClass(kind, "warped to atlas")
    node.SetAndObserveTransformNodeID(transform(a_scene, np.eye(4), bent, "straight").GetID())
    ids = node_ids(a_scene)
    with pytest.raises(InputError, match=r"T1 ax .* warped to atlas, .* harden it") as refused:
        image_from_node(node, "T1")
    assert "straight" not in str(refused.value)
    assert node_ids(a_scene) == ids


def test_a_transform_that_shears_is_refused_and_one_that_scales_is_not(a_scene: Any) -> None:
    node = node_from_image(a_scene, Image(some_voxels(), make_affine((1.0, 1.0, 2.0))), "leaning")
    sheared = np.eye(4)
    sheared[0, 2] = 0.5
    above = transform(a_scene, sheared)
    node.SetAndObserveTransformNodeID(above.GetID())
    with pytest.raises(InputError, match=r"leaning .* under its transform, not at right angles"):
        image_from_node(node, "T1")
    above.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(np.diag((2.0, -3.0, 1.0, 1.0))))
    assert image_from_node(node, "T1").spacing == pytest.approx((2.0, 3.0, 2.0), rel=1e-12)


def test_a_flat_transform_is_refused(a_scene: Any) -> None:
    node = node_from_image(a_scene, Image(some_voxels(), an_affine()), "flat")
    node.SetAndObserveTransformNodeID(transform(a_scene, np.diag((1.0, 0.0, 1.0, 1.0))).GetID())
    with pytest.raises(InputError, match="flattens space"):
        image_from_node(node, "T1")


def test_the_image_is_a_snapshot(a_scene: Any) -> None:
    image = Image(some_voxels(), an_affine())
    node = node_from_image(a_scene, image, "soon gone")
    taken = image_from_node(node, "T1")
    slicer.util.arrayFromVolume(node)[:] = 0
    a_scene.RemoveNode(node)
    assert_same(taken, image)


def test_a_node_does_not_share_memory_with_its_image(a_scene: Any) -> None:
    image = Image(some_voxels(), an_affine())
    node = node_from_image(a_scene, image, "own")
    kept = image.voxels.copy()
    image.voxels[:] = 0
    assert np.array_equal(image_from_node(node, "T1").voxels, kept)


def test_voxels_in_any_memory_order_arrive(a_scene: Any) -> None:
    voxels = some_voxels(np.int16, (6, 5, 4))
    for view in (voxels.T, voxels[::-1, ::2], voxels.astype(">i2")):
        node = node_from_image(a_scene, Image(view, an_affine()), "view")
        assert np.array_equal(image_from_node(node, "CT").voxels, view)


def test_types_that_slicer_does_not_show_become_ones_that_hold_the_values(a_scene: Any) -> None:
    for voxels, stored in [
        (np.arange(8) % 2 == 0, np.uint8),
        (np.arange(8, dtype=np.int64) - 2**31, np.int32),
        (np.arange(8, dtype=np.uint64) + 2**32 - 8, np.uint32),
        (np.arange(8, dtype=np.int64) - 2**40, np.float64),
        (np.arange(8, dtype=np.float16) / 3, np.float32),
    ]:
        shown = image_from_node(
            node_from_image(a_scene, Image(voxels.reshape(2, 2, 2), np.eye(4)), "other"), "T1"
        ).voxels
        assert shown.dtype == stored
        assert np.array_equal(shown.ravel(), voxels)
    with pytest.raises(InputError, match="2\\^53"):
        image_data(np.array([[[2**60 + 1]]]))


def test_update_replaces_voxels_and_place_in_one_event(a_scene: Any) -> None:
    node = node_from_image(a_scene, Image(some_voxels(), an_affine()), "preview")
    node.SetAndObserveTransformNodeID(transform(a_scene, rigid(10.0, (1.0, 2.0, 3.0))).GetID())
    events: list[str] = []
    node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: events.append("modified"))
    other = Image(some_voxels(np.int16, (1, 7, 3)), an_affine(-40.0, flip=True))
    update_node(node, other)
    assert_same(image_from_node(node, "T1"), other)
    assert len(events) == 1


def test_an_image_whose_extent_begins_elsewhere_keeps_its_place(a_scene: Any) -> None:
    image = Image(some_voxels(), an_affine())
    node = node_from_image(a_scene, image, "cropped")
    node.GetImageData().SetExtent(10, 15, -3, 1, 2, 5)
    moved = image_from_node(node, "T1")
    assert np.allclose(moved.origin, (image.affine @ (10, -3, 2, 1))[:3], atol=1e-9)
    assert np.array_equal(moved.voxels, image.voxels)


def test_what_is_no_single_volume_is_refused_with_a_sentence(a_scene: Any) -> None:
    label_map = a_scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "labels")
    label_map.SetAndObserveImageData(image_data(some_voxels(np.uint8)))
    empty = a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "nothing")
    hollow = a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "hollow")
    hollow.SetAndObserveImageData(vtk.vtkImageData())
    color = a_scene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "photo")
    picture = vtk.vtkImageData()
    picture.SetDimensions(4, 3, 2)
    picture.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 3)
    color.SetAndObserveImageData(picture)
    model = a_scene.AddNewNodeByClass("vtkMRMLModelNode", "surface")
    bits = a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "bits")
    bitmap = vtk.vtkImageData()
    bitmap.SetDimensions(8, 1, 1)
    bitmap.AllocateScalars(vtk.VTK_BIT, 1)
    bits.SetAndObserveImageData(bitmap)
    for node, words in [
        (label_map, "labels is a label map; .* mask"),
        (empty, "nothing holds no image"),
        (hollow, "hollow holds no image"),
        (color, "photo holds 3 values"),
        (model, "surface is not a volume"),
        (bits, "bits holds single bits"),
        (None, "No volume is chosen for FLAIR"),
    ]:
        with pytest.raises(InputError, match=words):
            image_from_node(node, "FLAIR")


def test_a_frame_of_a_sequence_is_refused(a_scene: Any) -> None:
    frame = node_from_image(a_scene, Image(some_voxels(), an_affine()), "perfusion [3]")
    browser, sequence = slicer.vtkMRMLSequenceBrowserNode(), slicer.vtkMRMLSequenceNode()
    sequence.SetName("perfusion")
    a_scene.AddNode(browser)
    a_scene.AddNode(sequence)
    browser.AddSynchronizedSequenceNodeID(sequence.GetID())
    browser.AddProxyNode(frame, sequence, False)
    with pytest.raises(InputError, match=r"one frame of the sequence perfusion; clone"):
        image_from_node(frame, "T1")
    bystander = node_from_image(a_scene, Image(some_voxels(), an_affine()), "T1")
    assert image_from_node(bystander, "T1").shape == (4, 5, 6)


def test_nan_is_refused_and_large_numbers_are_not(a_scene: Any) -> None:
    voxels = np.full((2, 2, 2), 3e38, np.float32)
    assert image_from_node(
        node_from_image(a_scene, Image(voxels, np.eye(4)), "large"), "T1"
    ).voxels.max() == np.float32(3e38)
    voxels[0, 1, 1], voxels[1, 1, 0] = np.nan, np.inf
    with pytest.raises(InputError, match="broken holds 2 NaN or infinite"):
        image_from_node(node_from_image(a_scene, Image(voxels, np.eye(4)), "broken"), "T1")


def test_role_and_unit_go_with_the_image(a_scene: Any) -> None:
    node = node_from_image(a_scene, Image(some_voxels(), an_affine()), "any")
    assert (image_from_node(node, "CT").modality, image_from_node(node, "CT").unit) == ("CT", "HU")
    assert image_from_node(node, "FLAIR").unit == "1"
