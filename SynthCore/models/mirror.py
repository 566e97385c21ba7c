"""The plane that a head is most symmetric about, and the head mirrored in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage, optimize

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Triple = tuple[float, float, float]

COARSE_MM = 6.0
"""The plane is searched for at this resolution; its place is known to a fraction of it."""

FOREGROUND = 0.06
"""Normalized intensity above which a voxel is no air."""

_TURNS = np.deg2rad([-10.0, 0.0, 10.0])
_SHIFTS = (-10.0, -5.0, 0.0, 5.0, 10.0)


@dataclass(frozen=True)
class Mirror:
    """A plane: the points p (mm, index times spacing) where ``normal . p = offset``.

    Attributes
    ----------
    normal : tuple of float
        Of length 1, along (k, j, i).
    offset : float
        mm.
    """

    normal: Triple
    offset: float

    def image_of(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Points [3, ...] in mm, each on the other side of the plane."""
        normal = np.asarray(self.normal).reshape(3, *(1,) * (points.ndim - 1))
        away = (normal * points).sum(axis=0) - self.offset
        there: npt.NDArray[np.float64] = points - 2 * normal * away
        return there


def find_mirror(volume: Float32, region: Mask, spacing: Triple) -> Mirror:
    """The plane, near to one across i, that maps the volume best onto itself.

    Parameters
    ----------
    volume : numpy.ndarray
        [k, j, i] normalized, axes nearest to (superior, posterior, left).
    region : numpy.ndarray of bool
        What does not count.
    spacing : tuple of float
        mm along (k, j, i).

    Returns
    -------
    Mirror
        Of highest correlation; through the center of mass, across i, where there is no image.
    """
    steps = [max(1, round(COARSE_MM / s)) for s in spacing]
    counted = _blocks((~region).astype(np.float32), steps)
    coarse = _blocks(np.where(region, 0, volume).astype(np.float32), steps)
    coarse = np.where(counted < 0.5, 0, coarse / np.maximum(counted, 1e-3)).astype(np.float32)
    grid = np.array([n * s for n, s in zip(steps, spacing, strict=True)])
    body = coarse > FOREGROUND
    start = ndimage.center_of_mass(body) if body.any() else [(n - 1) / 2 for n in coarse.shape]
    center = np.asarray(start) * grid
    points = np.indices(coarse.shape).reshape(3, -1) * grid[:, None]
    values, weight = coarse.ravel(), (counted > 0.5).astype(np.float32)

    def cost(parameters: npt.NDArray[np.float64]) -> float:
        there = _plane(parameters, center).image_of(points) / grid[:, None]
        other = ndimage.map_coordinates(coarse, there, order=1)
        share = ndimage.map_coordinates(weight, there, order=1) * weight.ravel()
        use = (share > 0.5) & ((values > FOREGROUND) | (other > FOREGROUND))
        if use.sum() < 50:
            return 1.0
        a, b = values[use], other[use]
        spread = float(a.std() * b.std())
        if spread < 1e-9:
            return 1.0
        return 1 - float(((a - a.mean()) * (b - b.mean())).mean()) / spread

    tries = [np.array([0.0, turn, shift]) for turn in _TURNS for shift in _SHIFTS]
    best = min(tries, key=cost)
    simplex = best + np.array([[0, 0, 0], [0.1, 0, 0], [0, 0.1, 0], [0, 0, 4.0]])
    found = optimize.minimize(
        cost, best, method="Nelder-Mead",
        options={"initial_simplex": simplex, "maxfev": 70, "xatol": 0.005, "fatol": 1e-5},
    )  # fmt: skip
    plane = _plane(found.x, center)
    # in units of the blocks' first voxel: block centers lie (steps - 1) / 2 voxels further
    shift = np.array([(n - 1) / 2 * s for n, s in zip(steps, spacing, strict=True)])
    return Mirror(plane.normal, plane.offset + float(np.dot(plane.normal, shift)))


def mirrored(volume: Float32, mirror: Mirror, spacing: Triple) -> Float32:
    """The volume [k, j, i] seen in the mirror, on its own grid; 0 where nothing is seen."""
    step = np.asarray(spacing)
    normal = np.asarray(mirror.normal)
    # p' = p - 2 n (n . p - d) in mm, with p = step * index
    matrix = (np.eye(3) - 2 * np.outer(normal, normal)) * step[None, :] / step[:, None]
    moved = ndimage.affine_transform(
        volume, matrix, 2 * mirror.offset * normal / step, order=1, output=np.float32
    )
    return np.asarray(moved, dtype=np.float32)


def _plane(parameters: npt.NDArray[np.float64], center: npt.NDArray[np.float64]) -> Mirror:
    """Of two angles (toward k and toward j, radians) and a distance from the center (mm)."""
    a, b, shift = (float(p) for p in parameters)
    normal = np.array([np.sin(a), np.cos(a) * np.sin(b), np.cos(a) * np.cos(b)])
    return Mirror(
        (float(normal[0]), float(normal[1]), float(normal[2])), float(normal @ center) + shift
    )


def _blocks(volume: Float32, steps: list[int]) -> Float32:
    """Means of blocks of voxels; those cut off by the edge are left out."""
    for axis, step in enumerate(steps):
        count = volume.shape[axis] // step
        if count < 1:
            step, count = volume.shape[axis], 1
        kept = np.take(volume, range(count * step), axis=axis)
        shape = (*kept.shape[:axis], count, step, *kept.shape[axis + 1 :])
        volume = kept.reshape(shape).mean(axis=axis + 1)
    return volume
