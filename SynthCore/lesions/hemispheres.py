"""Which side of the middle a point of the brain lies on, and what is no cortex."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from SynthCore.errors import RefusedError
from SynthCore.lesions.regions import NAMES, region_numbers
from SynthCore.lesions.scene import Scene

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_NO_CORTEX = (0, NAMES.index("deep"))
"""Brainstem, and the nuclei between the hemispheres: cisterns beside them are an outline too."""

_BESIDE_MM = 15.0
"""Of the middle, where no proportions say what is deep."""

_EDGE_MM = 1.0


def right_of_middle(scene: Scene, points: Floats) -> Floats:
    """Points [..., 3], LPS mm, by how far they lie to the right of the middle of a brain, mm.

    Of the midsagittal plane, or of the middle of what is seen where the image shows too little of
    the brain to find that plane.
    """
    try:
        proportions = scene.proportions
    except RefusedError:
        found = np.argwhere(scene.organ.any(axis=(0, 1)))[:, 0]
        at = np.append((found[0] + found[-1]) / 2, (np.array(scene.organ.shape[1::-1]) - 1) / 2)
        middle = scene.grid.affine[:3, :3] @ at + scene.grid.affine[:3, 3]
        left = scene.grid.affine[:3, 0] / scene.grid.spacing[2]
        return np.asarray((middle - points) @ left, dtype=np.float32)
    return proportions.coordinates(points)[..., 0] * np.float32(proportions.scale[0])


def may_be_cortex(scene: Scene) -> Mask:
    """[k, j, i]: neither brainstem nor deep gray matter, by the proportions of the brain."""
    try:
        return ~np.isin(region_numbers(scene.coordinates), _NO_CORTEX)
    except RefusedError:
        return np.asarray(np.abs(right_of_middle(scene, scene.grid.points())) > _BESIDE_MM)


def same_side(scene: Scene, center: Floats, points: Floats) -> Floats:
    """1 for points on the side of the middle that a center lies on, 0 for the others."""
    side = 1.0 if float(right_of_middle(scene, center)) >= 0 else -1.0
    away = right_of_middle(scene, points) * side
    return np.asarray(np.clip(0.5 + away / _EDGE_MM, 0, 1), dtype=np.float32)
