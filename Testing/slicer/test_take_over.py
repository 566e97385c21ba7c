"""A node that keeps an image's own voxels: not in memory twice, and as good as a copy."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

from SynthCore.image import Image, make_affine

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")

SHAPE = (30, 40, 50)


def an_image(dtype: str = "f4") -> Image:
    values = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    return Image(values.astype(dtype), make_affine((1.0, 1.0, 2.0)), "CT", "HU")


def voxels_of(node: Any) -> np.ndarray:
    return np.asarray(slicer.util.arrayFromVolume(node))


def test_the_voxels_are_the_same_memory(a_scene: Any) -> None:
    from SlicerSynthLib.nodes import node_from_image

    image = an_image()
    taken = node_from_image(a_scene, image, "taken", take_over=True)
    copied = node_from_image(a_scene, image, "copied")
    assert np.shares_memory(voxels_of(taken), image.voxels)
    assert not np.shares_memory(voxels_of(copied), image.voxels)
    for one in (taken, copied):
        np.testing.assert_array_equal(voxels_of(one), image.voxels)
        assert one.GetImageData().GetPointData().GetScalars().GetName() == "ImageScalars"


def test_they_live_as_long_as_the_node(a_scene: Any) -> None:
    """Also when Python has forgotten node and image; no memory piles up once it is removed."""
    from SlicerSynthLib.nodes import node_from_image

    alive: list[weakref.ref[np.ndarray]] = []
    for _ in range(5):
        image = an_image()
        alive.append(weakref.ref(image.voxels))
        node_id = node_from_image(a_scene, image, "taken", take_over=True).GetID()
        expected = image.voxels.copy()
        del image
        gc.collect()
        others = [np.ones(SHAPE, np.float32) for _ in range(20)]  # would take freed memory
        node = a_scene.GetNodeByID(node_id)
        np.testing.assert_array_equal(voxels_of(node), expected)
        a_scene.RemoveNode(node)
        del others, node
        gc.collect()
    # VTK lets go of the last one when it next has something to let go of
    assert sum(one() is not None for one in alive) <= 1


@pytest.mark.parametrize("kind", ["fixed", "another type", "in pieces"])
def test_what_vtk_cannot_keep_is_copied(a_scene: Any, kind: str) -> None:
    from SlicerSynthLib.nodes import node_from_image

    image = an_image("i8" if kind == "another type" else "f4")
    if kind == "fixed":
        image.voxels.setflags(write=False)
    if kind == "in pieces":
        image = image.with_voxels(image.voxels[:, ::-1])
    node = node_from_image(a_scene, image, "taken", take_over=True)
    assert not np.shares_memory(voxels_of(node), image.voxels)
    np.testing.assert_array_equal(voxels_of(node), image.voxels)
    voxels_of(node)[0, 0, 0] = 7  # as an editor would
