"""A grid in the head, and the layers of tissue painted on it.

Layers are painted from the outside in, each over those before it, with a coverage between 0 and 1:
the share of every voxel that the tissue takes of what lay there. Signals are mixed in the same
order and with the same shares, which gives partial volume at every surface.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from SynthCore.image import Affine, Image, make_affine
from SynthCore.physics.phantom.noise import smooth_noise
from SynthCore.physics.phantom.shapes import Field, Points, Triple
from SynthCore.physics.phantom.solids import Solid

Region = tuple[slice, slice, slice]

WHOLE: Region = (slice(None), slice(None), slice(None))


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
        texture: Mapping[str, Field | None] | None = None,
    ) -> Field:
        """Mix one value per tissue into a volume.

        Parameters
        ----------
        values : mapping
            Value of every tissue.
        background : float
            Value where no layer lies.
        texture : mapping, optional
            For some tissues a field of the grid's shape that is added to their value.

        Returns
        -------
        numpy.ndarray
            Shape ``(k, j, i)``, float32.
        """
        volume = np.full(self.grid.shape, background, dtype=np.float32)
        texture = texture or {}
        for layer in self.layers:
            part = volume[layer.region]
            share = layer.coverage * np.float32(1 / 255)
            value = np.float32(values[layer.tissue])
            added = texture.get(layer.tissue)
            target = value if added is None else value + added[layer.region]
            part += share * (target - part)
        return volume


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
