"""Masks drawn in any geometry, on the grid of the image they belong to."""

from __future__ import annotations

import timeit
from typing import Any

import numpy as np
import pytest
import slicer
import vtk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import ndimage

from SlicerSynthLib.geometry import RAS_TO_LPS, matrix_of
from SlicerSynthLib.masks import RESAMPLED, mask_image
from SlicerSynthLib.sampling import nearest
from SlicerSynthLib.scalars import image_data
from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from Testing.slicer.mrml_fixtures import an_affine, node_ids, oblique

SHAPE = (8, 12, 10)


def an_image(affine: np.ndarray | None = None, shape: tuple[int, int, int] = SHAPE) -> Image:
    return Image(np.zeros(shape, np.float32), an_affine() if affine is None else affine)


def a_blob(shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    """An asymmetric shape: no flip or swap of axes leaves it as it is."""
    blob = np.zeros(shape, bool)
    blob[2:5, 3:9, 4:7] = True
    blob[2, 3, 4] = False
    blob[5, 4, 5] = True
    return blob


def label_map(scene: Any, labels: np.ndarray, affine: np.ndarray, name: str = "lesion") -> Any:
    node = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", name)
    node.SetAndObserveImageData(image_data(labels.astype(np.uint8)))
    node.SetIJKToRASMatrix(matrix_of(RAS_TO_LPS @ affine))
    return node


def segmentation(scene: Any, labels: np.ndarray, affine: np.ndarray) -> Any:
    """A segmentation as the segment editor keeps it: its segments share one cropped label map."""
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    source = label_map(scene, labels, affine)
    assert slicer.vtkSlicerSegmentationsModuleLogic.ImportLabelmapToSegmentationNode(source, node)
    scene.RemoveNode(source)
    return node


def under(scene: Any, node: Any, to_world: np.ndarray) -> Any:
    above = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "moved")
    above.SetMatrixTransformToParent(matrix_of(to_world))
    node.SetAndObserveTransformNodeID(above.GetID())
    return node


def test_a_label_map_on_the_images_grid_is_taken_as_it_is(a_scene: Any) -> None:
    image = an_image()
    mask = mask_image(label_map(a_scene, a_blob() * 3, image.affine), None, image)
    assert mask.voxels.dtype == bool
    assert np.array_equal(mask.voxels, a_blob())
    assert np.array_equal(mask.affine, image.affine)
    assert mask.notes == ()


def test_one_segment_of_several_in_a_shared_label_map(a_scene: Any) -> None:
    image = an_image()
    labels = a_blob() * 2
    labels[6:, 9:, 7:] = 1
    node = segmentation(a_scene, labels, image.affine)
    assert node.GetSegmentation().GetNumberOfLayers() == 1
    ids = [node.GetSegmentation().GetNthSegmentID(n) for n in range(2)]
    before = node_ids(a_scene)
    for segment_id, label in zip(ids, (1, 2), strict=True):
        mask = mask_image(node, segment_id, image)
        assert np.array_equal(mask.voxels, labels == label)
        assert mask.notes == ()
    assert node_ids(a_scene) == before


def test_a_segment_drawn_on_the_volume_before_it_was_cropped(a_scene: Any) -> None:
    node = segmentation(a_scene, a_blob(), an_affine())
    cropped = an_affine()
    cropped[:3, 3] = (cropped @ (3, 2, 1, 1))[:3]
    mask = mask_image(node, None, an_image(cropped, (6, 8, 5)))
    assert np.array_equal(mask.voxels, a_blob()[1:7, 2:10, 3:8])
    assert mask.notes == ()


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    first=st.tuples(*[st.integers(-14, 14)] * 3),
    shape=st.tuples(*[st.integers(1, 9)] * 3),
)
def test_grids_of_one_lattice_keep_every_voxel_they_share(first: Any, shape: Any) -> None:
    affine = an_affine(flip=True)
    affine[:3, 3] = (affine @ (*first, 1))[:3]
    onto = an_image(affine, shape)
    moved = nearest(a_blob(), an_affine(flip=True), onto)
    for k, j, i in np.ndindex(shape):
        at = (k + first[2], j + first[1], i + first[0])
        within = all(0 <= a < n for a, n in zip(at, SHAPE, strict=True))
        assert moved[k, j, i] == (within and a_blob()[at])


@pytest.mark.parametrize("kind", ["segment", "label map"])
def test_a_linear_transform_is_applied(a_scene: Any, kind: str) -> None:
    drawn_at = make_affine((0.8, 0.8, 2.0), (5.0, 6.0, 7.0))
    moved = make_affine((1.0, 1.0, 1.0), (14.0, -3.0, 8.0), oblique(25.0))
    make = segmentation if kind == "segment" else label_map
    node = under(a_scene, make(a_scene, a_blob(), drawn_at), moved)
    there = RAS_TO_LPS @ moved @ RAS_TO_LPS @ drawn_at
    assert np.array_equal(mask_image(node, None, an_image(there)).voxels, a_blob())
    with pytest.raises(InputError, match="lies outside the image"):
        mask_image(node, None, an_image(drawn_at @ np.diag((0.1, 0.1, 0.1, 1.0))))


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    spacing=st.tuples(*[st.floats(0.5, 4)] * 3),
    degrees=st.floats(-90, 90),
    offset=st.tuples(*[st.floats(-4, 4)] * 3),
    flip=st.booleans(),
)
def test_another_grid_gets_the_nearest_voxel(
    spacing: Any, degrees: float, offset: Any, flip: bool
) -> None:
    affine = make_affine(spacing, offset, oblique(degrees, flip))
    onto = an_image(make_affine((1.0, 1.2, 2.5), (-3.0, -3.0, -3.0)))
    place = np.linalg.inv(affine) @ onto.affine
    expected = ndimage.affine_transform(
        a_blob().astype(np.uint8),
        place[:3, :3][::-1, ::-1],
        place[:3, 3][::-1],
        output_shape=onto.shape,
        order=0,
        mode="grid-constant",
    )
    index = np.moveaxis(np.indices(onto.shape), 0, -1)[..., ::-1] @ place[:3, :3].T + place[:3, 3]
    tie = np.any(np.abs(np.abs(index - np.rint(index)) - 0.5) < 1e-5, axis=-1)
    differs = nearest(a_blob(), affine, onto) != expected.astype(bool)
    assert not np.any(differs & ~tie)


def test_a_resampled_mask_says_so_and_how_much_was_lost(a_scene: Any) -> None:
    image = an_image(make_affine((1.0, 1.0, 1.0)))
    finer = label_map(a_scene, a_blob((16, 24, 20)), make_affine((0.5, 0.5, 0.5), (0.1, 0.0, -1.5)))
    assert mask_image(finer, None, image).notes[0] == RESAMPLED
    half_out = np.zeros(SHAPE, bool)
    half_out[:4] = True
    node = label_map(a_scene, half_out, make_affine((1.0, 1.0, 1.0), (0.0, 0.0, -2.0)))
    mask = mask_image(node, None, image)
    assert mask.notes == ("50% of the mask lie outside the image and were left out.",)
    assert np.array_equal(mask.voxels, half_out & (np.arange(8) < 2)[:, None, None])


def a_ball(scene: Any, center_ras: tuple[float, float, float], radius: float) -> Any:
    """A segment that is a surface, as one read from an RT structure set or a model file."""
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "structures")
    sphere = vtk.vtkSphereSource()
    sphere.SetCenter(*center_ras)
    sphere.SetRadius(radius)
    sphere.SetThetaResolution(64)
    sphere.SetPhiResolution(64)
    sphere.Update()
    node.SetSourceRepresentationToClosedSurface()
    node.AddSegmentFromClosedSurfaceRepresentation(sphere.GetOutput(), "ball", [1.0, 0.0, 0.0])
    return node


@pytest.mark.parametrize("moved", [False, True])
def test_a_surface_is_drawn_on_the_images_own_grid(a_scene: Any, moved: bool) -> None:
    affine = make_affine((0.9, 1.1, 1.6), (-18.0, -22.0, -16.0), oblique(15.0))
    image = an_image(affine, (24, 40, 44))
    node = a_ball(a_scene, (3.0, -2.0, 5.0), 9.0)
    center = np.array((3.0, -2.0, 5.0, 1.0))
    if moved:
        to_world = make_affine((1.0, 1.0, 1.0), (-4.0, 6.0, 2.0), oblique(40.0))
        under(a_scene, node, to_world)
        center = to_world @ center
    index = np.moveaxis(np.indices(image.shape), 0, -1)[..., ::-1]
    points = index @ affine[:3, :3].T + affine[:3, 3]
    away = np.linalg.norm(points - (RAS_TO_LPS @ center)[:3], axis=-1)

    mask = mask_image(node, None, image).voxels

    assert mask[away < 8.2].all()
    assert not mask[away > 9.8].any()
    voxels = slicer.vtkSegmentationConverter.GetBinaryLabelmapRepresentationName()
    assert not node.GetSegmentation().ContainsRepresentation(voxels)  # left as it was


def test_an_empty_segment_is_refused(a_scene: Any) -> None:
    node = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    with pytest.raises(InputError, match="Segmentation has no segment"):
        mask_image(node, None, an_image())
    node.GetSegmentation().AddEmptySegment("tumor", "tumor")
    with pytest.raises(InputError, match="The mask tumor is empty; draw at least one voxel"):
        mask_image(node, "tumor", an_image())
    with pytest.raises(InputError, match="no longer in Segmentation"):
        mask_image(node, "gone", an_image())
    node.GetSegmentation().AddEmptySegment("edema", "edema")
    with pytest.raises(InputError, match="2 segments; choose one"):
        mask_image(node, None, an_image())
    with pytest.raises(InputError, match="The mask lesion is empty"):
        mask_image(label_map(a_scene, np.zeros(SHAPE), an_affine()), None, an_image())


def test_what_is_no_mask_is_refused(a_scene: Any) -> None:
    with pytest.raises(InputError, match="No mask is chosen"):
        mask_image(None, None, an_image())
    volume = a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "T1 ax")
    with pytest.raises(InputError, match="T1 ax is not a mask"):
        mask_image(volume, None, an_image())
    hollow = a_scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "hollow")
    with pytest.raises(InputError, match="hollow holds no image"):
        mask_image(hollow, None, an_image())


def test_a_mask_between_the_voxels_of_the_image_is_refused(a_scene: Any) -> None:
    dot = np.zeros((9, 9, 9), bool)
    dot[4, 4, 4] = True
    node = label_map(a_scene, dot, make_affine((0.1, 0.1, 0.1), (3.0, 3.0, 3.0)))
    with pytest.raises(InputError, match="too small for the image's voxels"):
        mask_image(node, None, an_image(make_affine((1.0, 1.0, 1.0))))


def test_a_bent_transform_is_refused(a_scene: Any) -> None:
    node = segmentation(a_scene, a_blob(), an_affine())
    bent = a_scene.AddNewNodeByClass("vtkMRMLBSplineTransformNode", "warped")
    node.SetAndObserveTransformNodeID(bent.GetID())
    with pytest.raises(InputError, match="Segmentation lies under the transform warped"):
        mask_image(node, None, an_image())


def test_a_small_mask_in_a_large_image_costs_little() -> None:
    onto = an_image(make_affine((1.0, 1.0, 1.0)), (128, 256, 256))
    small = np.zeros(onto.shape, bool)
    small[60:70, 100:120, 100:120] = True
    turned = make_affine((1.0, 1.0, 1.0), (0.3, 0.0, 0.0), oblique(1.0))
    # the shortest of a few: a busy machine holds up now one, now the other
    of_small, of_large = (
        min(timeit.repeat(lambda mask=mask: nearest(mask, turned, onto), number=1, repeat=3))
        for mask in (small, np.ones_like(small))
    )
    assert of_small < 0.5 * of_large
