"""Grids in the patient's space: points of voxels, values at points, a box around a lesion."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.image import Affine, Array, Image, make_affine

Floats = npt.NDArray[np.float32]
Block = tuple[slice, slice, slice]

MOST_VOXELS = 3_000_000
"""Of a box."""


@dataclass(frozen=True)
class Grid:
    """Where voxels [k, j, i] lie."""

    shape: tuple[int, int, int]
    affine: Affine

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Step in mm along (k, j, i)."""
        i, j, k = (float(v) for v in np.linalg.norm(self.affine[:3, :3], axis=0))
        return k, j, i

    @property
    def voxel_ml(self) -> float:
        """Volume of a voxel."""
        return abs(float(np.linalg.det(self.affine[:3, :3]))) / 1000

    @property
    def ends(self) -> tuple[list[float], list[float]]:
        """Centers of the first and the last voxel, LPS mm: of a box, its low and high corner."""
        last = np.array(self.shape[::-1]) - 1
        first = self.affine[:3, 3]
        return first.tolist(), (first + self.affine[:3, :3] @ last).tolist()

    def holds(self, at: Sequence[float]) -> bool:
        """Whether the voxel nearest to a point, LPS mm, is one of them."""
        place = self.index(np.asarray(at, dtype=np.float32))
        return all(0 <= round(float(p)) < n for p, n in zip(place, self.shape, strict=True))

    def points(
        self, block: Block | None = None, shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ) -> Floats:
        """LPS mm of voxel centers [k, j, i, 3], moved by a part of a voxel along (i, j, k)."""
        spans = [range(n) for n in self.shape]
        if block is not None:
            spans = [range(s.start, s.stop) for s in block]
        k, j, i = (np.asarray(span, dtype=np.float64) for span in spans)
        m = self.affine
        out = np.empty((len(k), len(j), len(i), 3), dtype=np.float32)
        for axis in range(3):
            out[..., axis] = (
                m[axis, 2] * (k[:, None, None] + shift[2])
                + m[axis, 1] * (j[:, None] + shift[1])
                + m[axis, 0] * (i + shift[0])
                + m[axis, 3]
            )
        return out

    def part(self, block: Block) -> Grid:
        """The grid of a block of it."""
        affine = self.affine.copy()
        affine[:3, 3] += affine[:3, :3] @ np.array([s.start for s in block][::-1], dtype=float)
        k, j, i = (s.stop - s.start for s in block)
        return Grid((k, j, i), affine)

    def index(self, points: Floats) -> npt.NDArray[np.float64]:
        """Voxel indices [3, ...] along (k, j, i) of points [..., 3]."""
        back = np.linalg.inv(self.affine)
        found = points.astype(np.float64) @ back[:3, :3].T + back[:3, 3]
        return np.moveaxis(found[..., ::-1], -1, 0)

    def around(self, low: Sequence[float], high: Sequence[float]) -> Block | None:
        """The voxels within a box of patient space, None if it has none of them."""
        corners = np.array(list(itertools.product(*zip(low, high, strict=True))), np.float32)
        index = self.index(corners)
        block = []
        for axis, size in enumerate(self.shape):
            start = max(0, math.floor(index[axis].min()))
            stop = min(size, math.ceil(index[axis].max()) + 1)
            if stop <= start:
                return None
            block.append(slice(start, stop))
        return block[0], block[1], block[2]


def grid_of(image: Image) -> Grid:
    """The grid of an image."""
    return Grid(image.shape, image.affine)


def box_around(points: Floats, reach_mm: float, step_mm: float) -> Grid:
    """An isotropic box, axes along L, P and S, that reaches so far around points [n, 3]."""
    low, high = points.min(axis=0) - reach_mm, points.max(axis=0) + reach_mm
    step = max(step_mm, float(np.prod(high - low) / MOST_VOXELS) ** (1 / 3))
    sizes = np.ceil((high - low) / step).astype(int) + 1
    x, y, z = (float(v) for v in low)
    return Grid(
        (int(sizes[2]), int(sizes[1]), int(sizes[0])), make_affine((step, step, step), (x, y, z))
    )


def sample(
    values: Array, grid: Grid, points: Floats, *, order: int = 1, outside: float = 0.0
) -> Floats:
    """Values [k, j, i] of a grid at points [..., 3]; `outside` beyond it."""
    index = grid.index(points)
    if order > 1:  # only what is near is made a spline of
        flat = index.reshape(3, -1)
        spans = [
            slice(max(0, int(np.floor(low)) - 8), min(n, int(np.ceil(high)) + 9))
            for low, high, n in zip(flat.min(axis=1), flat.max(axis=1), grid.shape, strict=True)
        ]
        values = values[tuple(spans)]
        index = index - np.array([s.start for s in spans]).reshape(3, *(1,) * (index.ndim - 1))
    found = ndimage.map_coordinates(
        values if values.dtype == np.float32 else values.astype(np.float32),
        index,
        order=order,
        mode="nearest" if order > 1 else "grid-constant",
        cval=outside,
    )
    return np.asarray(found, dtype=np.float32)


def averaged(values: Sequence[Floats], box: Grid, grid: Grid, block: Block) -> list[Floats]:
    """Means of fields of a box over the voxels of a block of another grid, 0 beyond the box.

    A voxel that is larger than the box's step is sampled at evenly spread points.
    """
    step = box.spacing[0]
    counts = [max(1, math.ceil(s / step - 0.3)) for s in grid.spacing[::-1]]
    shifts = [[(n + 0.5) / count - 0.5 for n in range(count)] for count in counts]
    order = _straight(grid)
    if order is not None:
        return _averaged_straight(values, box, grid, block, shifts, order)
    sums = [np.zeros([s.stop - s.start for s in block], dtype=np.float32) for _ in values]
    for i, j, k in itertools.product(*shifts):
        index = box.index(grid.points(block, (i, j, k)))
        for total, field in zip(sums, values, strict=True):
            total += ndimage.map_coordinates(field, index, order=1, mode="grid-constant")
    return [total / np.float32(math.prod(counts)) for total in sums]


def _straight(grid: Grid) -> tuple[int, int, int] | None:
    """Patient axis (x, y, z) of each index (i, j, k), None where the grid is oblique."""
    cosines = np.abs(grid.affine[:3, :3] / np.linalg.norm(grid.affine[:3, :3], axis=0))
    order = cosines.argmax(axis=0)
    if cosines.max(axis=0).min() < 1 - 1e-9 or len(set(order.tolist())) < 3:
        return None
    return int(order[0]), int(order[1]), int(order[2])


def _averaged_straight(
    values: Sequence[Floats],
    box: Grid,
    grid: Grid,
    block: Block,
    shifts: list[list[float]],
    order: tuple[int, int, int],
) -> list[Floats]:
    """The same as by points, axis by axis: a product of three matrices."""
    weights = []
    for index, world in enumerate(order):
        span = block[2 - index]
        at = np.arange(span.start, span.stop)[:, None] + np.asarray(shifts[index])
        mm = grid.affine[world, index] * at + grid.affine[world, 3]
        place = (mm - box.affine[world, 3]) / box.affine[world, world]
        size = box.shape[2 - world]
        matrix = np.zeros((len(place), size + 2), dtype=np.float32)  # padded by 0 at both ends
        low = np.floor(place).astype(int)
        part = place - low
        rows = np.repeat(np.arange(len(place))[:, None], place.shape[1], axis=1)
        for n, weight in ((low, 1 - part), (low + 1, part)):
            inside = (n >= 0) & (n < size)
            np.add.at(matrix, (rows[inside], n[inside]), weight[inside].astype(np.float32))
        weights.append(matrix[:, :size] / np.float32(place.shape[1]))
    out = []
    for field in values:
        found = field.transpose(2, 1, 0)  # [x, y, z]
        found = np.tensordot(weights[0], found, axes=(1, order[0]))
        rest = [w for w in range(3) if w != order[0]]
        found = np.tensordot(weights[1], found, axes=(1, 1 + rest.index(order[1])))
        found = np.tensordot(weights[2], found, axes=(1, 2))  # [k, j, i]
        out.append(np.ascontiguousarray(found, dtype=np.float32))
    return out


def depth_in(mask: npt.NDArray[np.bool_], spacing: Sequence[float]) -> Floats:
    """Distance in mm to the nearest voxel outside of a mask [k, j, i], 0 outside."""
    out = np.zeros(mask.shape, dtype=np.float32)
    inside = ndimage.find_objects(mask.astype(np.uint8))
    if inside:  # nothing beyond the next voxel around is nearer than that voxel
        block = tuple(slice(max(0, s.start - 1), s.stop + 1) for s in inside[0])
        out[block] = ndimage.distance_transform_edt(mask[block], spacing)
    return out


def broad(values: Array, sigma_mm: float, spacing: Sequence[float]) -> Floats:
    """A wide Gaussian (mm), made on a coarser grid: values [k, j, i], spacing along (k, j, i)."""
    factors = [max(1, int(sigma_mm / (3 * s))) for s in spacing]
    pads = [(0, -n % f) for n, f in zip(values.shape, factors, strict=True)]
    wide = np.pad(values.astype(np.float32), pads, mode="edge")
    (a, b, c), (k, j, i) = factors, wide.shape
    small = wide.reshape(k // a, a, j // b, b, i // c, c).mean(axis=(1, 3, 5))
    sigma = [sigma_mm / (s * f) for s, f in zip(spacing, factors, strict=True)]
    out = ndimage.gaussian_filter(small, sigma)
    for axis, (factor, size) in enumerate(zip(factors, values.shape, strict=True)):
        if factor == 1:
            continue
        at = np.clip((np.arange(size) + 0.5) / factor - 0.5, 0, out.shape[axis] - 1)
        low = np.minimum(at.astype(int), max(out.shape[axis] - 2, 0))
        high = np.minimum(low + 1, out.shape[axis] - 1)
        part = (at - low).astype(np.float32).reshape([-1 if n == axis else 1 for n in range(3)])
        out = np.take(out, low, axis) * (1 - part) + np.take(out, high, axis) * part
    return np.asarray(out, dtype=np.float32)
