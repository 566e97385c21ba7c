"""Where anatomy is painted: a grid's voxels, their places in the undeformed head, and layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from SynthCore.physics.phantom.layers import Grid, Layer, Phantom, Region
from SynthCore.physics.phantom.noise import smooth_noise
from SynthCore.physics.phantom.shapes import Field, Points, Triple
from SynthCore.physics.phantom.solids import Solid

WHOLE: Region = (slice(None), slice(None), slice(None))


class Canvas:
    """Collects layers; knows the (warped) coordinates of every voxel.

    Attributes
    ----------
    grid : Grid
        Where the voxels lie.
    points : tuple of numpy.ndarray
        (x, a, z) in the undeformed head of what lies at each voxel.
    random : numpy.random.Generator
        The one source of chance.
    """

    _MARGIN_MM = 7.0  # regions are given in undeformed coordinates, voxels lie in deformed ones

    def __init__(self, grid: Grid, random: np.random.Generator) -> None:
        self.grid = grid
        self.random = random
        self.points: Points = tuple(  # type: ignore[assignment]
            np.broadcast_to(p, grid.shape).copy() for p in grid.points()
        )
        self._layers: list[Layer] = []

    def deform(self, shifts: Sequence[Field]) -> None:
        """Move what lies at each voxel by (x, a, z) shifts in millimeters."""
        for point, shift in zip(self.points, shifts, strict=True):
            point += shift

    def noise(self, scale_mm: float) -> Field:
        """A smooth random field over the whole grid."""
        return smooth_noise(self.grid.shape, self.grid.spacing_mm, scale_mm, self.random)

    def broadly(self, function: Callable[[Points], Field]) -> Field:
        """Evaluate a smooth field at every other voxel and interpolate it to all."""
        points = tuple(_every_other(p) for p in self.points)
        field: Field = function(points)  # type: ignore[arg-type]
        for axis, count in enumerate(self.grid.shape):
            field = _doubled(field, axis, count)
        return field

    def region(self, low: Triple, high: Triple) -> Region:
        """The voxels that may hold what lies between two corners of the undeformed head."""
        return self.grid.region(low, high, self._MARGIN_MM)

    def at(self, region: Region) -> Points:
        """Coordinates of the voxels of a region."""
        return self.points[0][region], self.points[1][region], self.points[2][region]

    def coverage(self, distance: Field) -> Field:
        """Share of a voxel that lies inside a surface at a signed distance (mm)."""
        return np.asarray(np.clip(0.5 - distance / np.float32(self.grid.spacing_mm), 0, 1))

    def paint(
        self, tissue: str, distance: Field, region: Region = WHOLE, strength: float = 1.0
    ) -> None:
        """Paint a tissue inside a surface, over everything painted before."""
        share = self.coverage(distance) * np.float32(255 * strength)
        self._layers.append(Layer(tissue, region, (share + np.float32(0.5)).astype(np.uint8)))

    def add(
        self,
        tissue: str,
        solid: Solid,
        *,
        both: bool = False,
        bumps: Field | None = None,
        within: Field | None = None,
        strength: float = 1.0,
    ) -> None:
        """Paint a solid.

        Parameters
        ----------
        tissue : str
            Its tissue.
        solid : Solid
            Where; in the midline or on the left.
        both : bool
            Whether its mirror image on the right is painted as well.
        bumps : numpy.ndarray, optional
            Millimeters by which its surface is pulled in, a field over the whole grid.
        within : numpy.ndarray, optional
            Signed distance over the whole grid that confines it.
        strength : float
            Greatest coverage.
        """
        for side in (1, -1) if both else (1,):
            low, high = solid.low, solid.high
            if side < 0:
                low, high = (-high[0], *low[1:]), (-low[0], *high[1:])
            region = self.region(low, high)
            x, a, z = self.at(region)
            if x.size == 0:
                continue
            distance = solid.distance((x * np.float32(side), a, z))
            if bumps is not None:
                distance = distance + bumps[region]
            if within is not None:
                distance = np.maximum(distance, within[region])
            self.paint(tissue, distance, region, strength)

    def phantom(self) -> Phantom:
        """What has been painted so far."""
        return Phantom(self.grid, tuple(self._layers))


def _every_other(field: Field) -> Field:
    """Every second voxel, with one more at the end so that all voxels lie between two of them."""
    for axis, count in enumerate(field.shape):
        index = np.minimum(np.arange(0, count + 1, 2), count - 1)
        field = np.take(field, index, axis=axis)
    return field


def _doubled(field: Field, axis: int, count: int) -> Field:
    shape = list(field.shape)
    shape[axis] = 2 * field.shape[axis] - 1
    result = np.empty(shape, dtype=np.float32)
    moved, source = np.moveaxis(result, axis, 0), np.moveaxis(field, axis, 0)
    moved[::2] = source
    moved[1::2] = 0.5 * (source[:-1] + source[1:])
    return np.moveaxis(moved[:count], 0, axis)
