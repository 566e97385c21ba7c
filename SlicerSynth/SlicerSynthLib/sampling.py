"""A boolean volume at the voxels of another grid."""

from __future__ import annotations

import numpy as np

from SynthCore.image import Affine, Array, Image

_LATTICE = 1e-3
"""How far, in voxels, two grids may be apart anywhere and still be one."""


def nearest(inside: Array, affine: Affine, onto: Image) -> Array:
    """`inside` [k, j, i], which lies at `affine` (LPS), at the voxels of `onto`.

    Only the part of `onto` that the inside can reach is looked at.
    """
    result = np.zeros(onto.shape, dtype=bool)
    if on_one_lattice(affine, onto, inside.shape):
        _copy_common(inside, affine, onto, result)
        return result
    place: Affine = np.linalg.inv(affine) @ onto.affine
    reach = _reach(inside, np.asarray(np.linalg.inv(place), dtype=np.float64), onto.shape)
    if reach is None:
        return result
    ks, js, is_ = reach
    i, j = np.arange(is_.start, is_.stop), np.arange(js.start, js.stop)[:, np.newaxis]
    sizes = inside.shape[::-1]
    for k in range(ks.start, ks.stop):
        index = []
        valid = np.ones((len(j), len(i)), dtype=bool)
        for axis in range(3):
            along = place[axis, 0] * i + place[axis, 1] * j + (place[axis, 2] * k + place[axis, 3])
            # half-way voxels go up everywhere, rounding errors aside
            rounded = np.floor(along + (0.5 + 1e-6)).astype(np.intp)
            valid &= (rounded >= 0) & (rounded < sizes[axis])
            index.append(np.clip(rounded, 0, sizes[axis] - 1))
        result[k, js, is_] = inside[index[2], index[1], index[0]] & valid
    return result


def part_outside(inside: Array, affine: Affine, onto: Image) -> float:
    """How much of the inside has its voxel centers outside the grid of `onto`."""
    place = np.linalg.inv(onto.affine) @ affine
    ends = np.array(onto.shape[::-1]) - 0.5
    box = _box(inside)
    if box is None:
        return 0.0
    corners = _corners(box, 0.0) @ place[:3, :3].T + place[:3, 3]
    if np.all((corners >= -0.5) & (corners <= ends)):
        return 0.0
    index = np.argwhere(inside)[:, ::-1]
    there = index @ place[:3, :3].T + place[:3, 3]
    return 1.0 - float(np.mean(np.all((there >= -0.5) & (there <= ends), axis=1)))


def on_one_lattice(affine: Affine, onto: Image, shape: tuple[int, ...]) -> bool:
    """Whether the voxels of `shape` at `affine` are, or would be, voxels of `onto`."""
    place = np.linalg.inv(onto.affine) @ affine
    away = place[:3, 3] - np.rint(place[:3, 3])
    drift = np.abs(place[:3, :3] - np.eye(3)) @ np.array(shape[::-1], dtype=float)
    return bool(np.all(np.abs(away) + drift <= _LATTICE))


def _copy_common(inside: Array, affine: Affine, onto: Image, result: Array) -> None:
    """Copy what two grids of one lattice have in common."""
    first = np.rint((np.linalg.inv(onto.affine) @ affine)[:3, 3]).astype(int)[::-1]
    there, here = [], []
    for start, count, size in zip(first, inside.shape, result.shape, strict=True):
        low, high = max(0, int(start)), min(size, int(start) + count)
        there.append(slice(low, max(low, high)))
        here.append(slice(low - int(start), max(low, high) - int(start)))
    result[tuple(there)] = inside[tuple(here)]


def _reach(
    inside: Array, place: Affine, shape: tuple[int, int, int]
) -> tuple[slice, slice, slice] | None:
    """The part of a grid of `shape` (k, j, i) in which the inside lies; `place` maps to it."""
    box = _box(inside)
    if box is None:
        return None
    corners = _corners(box, 0.5) @ place[:3, :3].T + place[:3, 3]
    first = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    last = np.minimum(np.ceil(corners.max(axis=0)).astype(int), np.array(shape[::-1]) - 1)
    if np.any(last < first):
        return None
    k, j, i = (slice(int(a), int(b) + 1) for a, b in zip(first[::-1], last[::-1], strict=True))
    return k, j, i


def _box(inside: Array) -> tuple[tuple[int, int], ...] | None:
    """First and last index of the inside along (i, j, k)."""
    box = []
    for axis in (2, 1, 0):
        others = tuple(a for a in range(3) if a != axis)
        found = np.flatnonzero(inside.any(axis=others))
        if found.size == 0:
            return None
        box.append((int(found[0]), int(found[-1])))
    return tuple(box)


def _corners(box: tuple[tuple[int, int], ...], margin: float) -> Affine:
    """The eight corners of the box, (i, j, k), widened by `margin` voxels."""
    ends = [(first - margin, last + margin) for first, last in box]
    corners: Affine = np.array([(i, j, k) for i in ends[0] for j in ends[1] for k in ends[2]])
    return corners
