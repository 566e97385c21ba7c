"""A phantom: layers of tissue on a grid, from the outside in.

Each layer lies over those before it, with a coverage between 0 and 1: the share of every voxel that
the tissue takes of what lay there. Signals are mixed in the same order and with the same shares,
which gives partial volume at every surface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.image import Affine, Image, make_affine
from SynthCore.physics.phantom.shapes import Field, Points, Triple

Region = tuple[slice, slice, slice]
"""Part of a grid: slices of k, j, i."""


@dataclass(frozen=True)
class Grid:
    """Where voxels lie: shape (k, j, i), size of the cubic voxels, and the first voxel's place.

    Attributes
    ----------
    shape : tuple of int
        Voxels along (k, j, i).
    spacing_mm : float
        Edge of a voxel.
    origin : tuple of float
        (x, a, z) of voxel (0, 0, 0).
    """

    shape: tuple[int, int, int]
    spacing_mm: float
    origin: Triple

    @property
    def affine(self) -> Affine:
        """Voxel indices (i, j, k, 1) to LPS millimeters: i to the left, j to posterior, k up."""
        x, a, z = self.origin
        return make_affine((self.spacing_mm,) * 3, (x, -a, z))

    def points(self) -> Points:
        """(x, a, z) of every voxel, three arrays that broadcast to the shape."""
        k, j, i = (np.arange(n, dtype=np.float32) * np.float32(self.spacing_mm) for n in self.shape)
        x, a, z = (np.float32(v) for v in self.origin)
        return (x + i)[None, None, :], (a - j)[None, :, None], (z + k)[:, None, None]

    def region(self, low: Triple, high: Triple, margin: float = 0.0) -> Region:
        """The voxels between two corners (x, a, z), cut to the grid."""
        x, a, z = self.origin

        def span(first: float, last: float, count: int) -> slice:
            start = int(np.floor((first - margin) / self.spacing_mm))
            stop = int(np.ceil((last + margin) / self.spacing_mm)) + 1
            return slice(min(max(start, 0), count), min(max(stop, 0), count))

        return (
            span(low[2] - z, high[2] - z, self.shape[0]),
            span(a - high[1], a - low[1], self.shape[1]),
            span(low[0] - x, high[0] - x, self.shape[2]),
        )


@dataclass(frozen=True)
class Layer:
    """One tissue in one region, with its coverage (0 to 255)."""

    tissue: str
    region: Region
    coverage: npt.NDArray[np.uint8] = field(repr=False)


@dataclass(frozen=True)
class Phantom:
    """Layers on a grid, from the outside in."""

    grid: Grid
    layers: tuple[Layer, ...]

    def labels(self, numbers: Mapping[str, int]) -> Image:
        """The tissue that takes at least half of each voxel, as its number."""
        result = np.zeros(self.grid.shape, dtype=np.uint8)
        for layer in self.layers:
            result[layer.region][layer.coverage >= 128] = numbers[layer.tissue]
        return Image(result, self.grid.affine)

    def render(
        self,
        values: Mapping[str, float],
        background: float,
        texture: Field | None = None,
        strength: Mapping[str, float] | None = None,
    ) -> Field:
        """Mix one value per tissue into a volume.

        Parameters
        ----------
        values : mapping
            Value of every tissue.
        background : float
            Value where no layer lies.
        texture : numpy.ndarray, optional
            Random field of the grid's shape.
        strength : mapping, optional
            Share of it that is added to the values of some tissues.

        Returns
        -------
        numpy.ndarray
            Shape ``(k, j, i)``, float32.
        """
        volume = np.full(self.grid.shape, background, dtype=np.float32)
        strength = strength or {}
        for layer in self.layers:
            part = volume[layer.region]
            share = layer.coverage * np.float32(1 / 255)
            target: Any = np.float32(values[layer.tissue])
            if texture is not None and (rough := strength.get(layer.tissue, 0.0)):
                target = target + np.float32(rough) * texture[layer.region]
            part += share * (target - part)
        return volume
