"""One volume less another: exact, interpolated, moved, marked, and refused where they lie apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import slicer

from SlicerSynthLib.attributes import is_synthetic
from SlicerSynthLib.difference import difference_image, difference_node
from SlicerSynthLib.geometry import matrix_of
from SlicerSynthLib.nodes import image_from_node, node_from_image
from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from Testing.slicer.mrml_fixtures import an_affine, node_ids, oblique
from Testing.slicer.test_views import AFFINE, a_synthetic, a_volume


def test_a_difference_on_one_grid_is_exact(a_scene: Any) -> None:
    rng = np.random.default_rng(0)
    one, other = (rng.integers(-1000, 2000, (4, 5, 6)).astype(np.int16) for _ in range(2))
    synthetic = node_from_image(a_scene, Image(one, an_affine()), "made")
    reference = node_from_image(a_scene, Image(other, an_affine()), "CT")
    image = difference_image(synthetic, reference)
    assert image.voxels.dtype == np.float32
    assert np.array_equal(image.voxels, one.astype(np.float32) - other)


def test_a_difference_on_two_grids_interpolates(a_scene: Any) -> None:
    def ramp(affine: np.ndarray, shape: tuple[int, int, int]) -> Image:
        """Values that are linear in the patient's coordinates, so that interpolation is exact."""
        index = np.moveaxis(np.indices(shape), 0, -1)[..., ::-1]
        points = index @ affine[:3, :3].T + affine[:3, 3]
        return Image((points @ (2.0, -3.0, 5.0)).astype(np.float32), affine)

    onto = make_affine((1.0, 1.5, 2.0), (-5.0, -6.0, -7.0), oblique(10.0))
    other = make_affine((0.8, 0.9, 1.1), (-14.0, -15.0, -16.0), oblique(-25.0, flip=True))
    other[:3, 3] += other[:3, 1] * 0 + (0.0, 30.0, 0.0)
    synthetic = node_from_image(a_scene, ramp(onto, (9, 10, 11)), "made")
    reference = node_from_image(a_scene, ramp(other, (40, 50, 40)), "CT")
    image = difference_image(synthetic, reference)
    assert image.same_grid(image_from_node(synthetic, "CT"))
    place = np.linalg.inv(other) @ onto
    index = np.moveaxis(np.indices((9, 10, 11)), 0, -1)[..., ::-1]
    there = index @ place[:3, :3].T + place[:3, 3]
    inside = np.all((there >= 0) & (there <= np.array((39, 49, 39))), axis=-1)
    outside = np.any((there < -0.6) | (there > np.array((39.6, 49.6, 39.6))), axis=-1)
    assert inside.sum() > 300
    assert np.abs(image.voxels[inside]).max() < 0.01
    assert not image.voxels[outside].any()


def test_a_difference_sees_transforms(a_scene: Any) -> None:
    synthetic, reference = a_volume(a_scene, "made"), a_volume(a_scene, "CT")
    above = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "moved")
    above.SetMatrixTransformToParent(matrix_of(make_affine((1.0, 1.0, 1.0), (6.0, 0.0, 0.0))))
    reference.SetAndObserveTransformNodeID(above.GetID())
    assert difference_image(synthetic, reference).voxels.any()
    synthetic.SetAndObserveTransformNodeID(above.GetID())
    assert not difference_image(synthetic, reference).voxels.any()


def test_a_difference_is_marked_named_and_computed_once(a_scene: Any) -> None:
    synthetic, reference = a_synthetic(a_scene, "SYNTHETIC CT of T1"), a_volume(a_scene, "CT")
    node = difference_node(a_scene, synthetic, reference)
    assert is_synthetic(node)
    assert node.GetName() == "SYNTHETIC CT of T1 minus CT"
    assert node.GetAttribute("SynthCore.Record") == synthetic.GetAttribute("SynthCore.Record")
    slicer.util.arrayFromVolume(synthetic)[:] += 7
    ids = node_ids(a_scene)
    assert difference_node(a_scene, synthetic, reference) is node
    assert node_ids(a_scene) == ids
    assert slicer.util.arrayFromVolume(node).max() == pytest.approx(107)
    two = a_volume(a_scene, "T1"), a_volume(a_scene, "T2")
    assert not is_synthetic(difference_node(a_scene, *two))


def test_volumes_apart_have_no_difference(a_scene: Any) -> None:
    far = AFFINE.copy()
    far[:3, 3] += 1000
    synthetic, reference = a_synthetic(a_scene, "made"), a_volume(a_scene, "CT", affine=far)
    ids = node_ids(a_scene)
    with pytest.raises(InputError, match="CT does not overlap made; register"):
        difference_node(a_scene, synthetic, reference)
    assert node_ids(a_scene) == ids
