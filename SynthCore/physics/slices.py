"""The slices of a scan: a phantom's fine voxels averaged over their thickness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SynthCore.image import Image, make_affine
from SynthCore.physics.phantom.layers import Phantom
from SynthCore.physics.phantom.noise import smooth_noise
from SynthCore.physics.phantom.shapes import Field
from SynthCore.physics.tissues import LABELS


@dataclass(frozen=True)
class Slices:
    """The slices of a scan: matrix, pixel size, thickness, number; centered on the phantom in x, a.

    Attributes
    ----------
    matrix : int
        Rows and columns; pixels are as large as the phantom's voxels.
    voxels : int
        Phantom voxels that make up one slice.
    """

    matrix: int = 256
    voxels: int = 3


def sample(volume: Field, phantom: Phantom, slices: Slices, fill: float) -> tuple[Field, Image]:
    """Average a fine volume over slices and set it into the matrix.

    Returns
    -------
    tuple
        The voxels ``(k, j, i)``, float32, and an empty image that carries their place.
    """
    grid = phantom.grid
    count = grid.shape[0] // slices.voxels
    thick = volume[: count * slices.voxels]
    thick = thick.reshape(count, slices.voxels, *grid.shape[1:]).mean(axis=1)
    rows, columns = grid.shape[1:]
    top, left = (slices.matrix - rows) // 2, (slices.matrix - columns) // 2
    result = np.full((count, slices.matrix, slices.matrix), fill, dtype=np.float32)
    result[:, top : top + rows, left : left + columns] = thick
    step = grid.spacing_mm
    x, a, z = grid.origin
    origin = (x - left * step, -a - top * step, z + (slices.voxels - 1) * step / 2)
    affine = make_affine((step, step, slices.voxels * step), origin)
    return result, Image(np.zeros((count, slices.matrix, slices.matrix), dtype=np.uint8), affine)


def make_texture(phantom: Phantom, seed: int) -> Field:
    """Random field over the phantom with fine (2.5 mm) and coarse (9 mm) parts, deviation 1."""
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(101,)))
    shape, spacing = phantom.grid.shape, phantom.grid.spacing_mm
    fine, coarse = (smooth_noise(shape, spacing, scale, random) for scale in (2.5, 9.0))
    return np.float32(0.7) * (fine + coarse)


def label_image(phantom: Phantom, slices: Slices | None = None) -> Image:
    """The tissue (`SynthCore.physics.tissues.LABELS`) in the middle of every slice."""
    slices = slices or Slices()
    labels = phantom.labels(LABELS).voxels
    middle = np.repeat(labels[slices.voxels // 2 :: slices.voxels], slices.voxels, axis=0)
    count = labels.shape[0] // slices.voxels * slices.voxels
    voxels, place = sample(middle[:count], phantom, slices, 0)
    return place.with_voxels(voxels.astype(np.uint8))
