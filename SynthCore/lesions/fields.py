"""Smooth random fields in the patient's space, the same for every grid that looks at them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.lesions.grids import Grid

Floats = npt.NDArray[np.float32]

_LATTICE = 24
_SPREAD = 0.3331
"""Standard deviation of a cubic B-spline in three dimensions with normal coefficients: the mean of
the basis' squares, 0.4793, to the power of 3 / 2."""


@dataclass(frozen=True)
class Field:
    """A field of mean 0 and standard deviation about 1.

    Attributes
    ----------
    seed : int
        The same seed is the same field.
    grain_mm : float
        Distance of its knots: about half of what looks like one wave.
    """

    seed: int
    grain_mm: float

    def at(self, points: Floats) -> Floats:
        """Its values at points [..., 3] in mm; it repeats after 24 grains."""
        knots, shift = self._knots()
        places = np.moveaxis(points, -1, 0) / self.grain_mm
        places = places + shift.reshape(3, *(1,) * (points.ndim - 1))
        found = ndimage.map_coordinates(knots, places, order=3, mode="grid-wrap", prefilter=False)
        return np.asarray(found / _SPREAD, dtype=np.float32)

    def on(self, box: Grid) -> Floats:
        """Its values [k, j, i] on a box with axes along L, P and S: the same, but faster."""
        knots, shift = self._knots()
        step, (x, y, z) = float(box.affine[0, 0]), box.affine[:3, 3]
        nk, nj, ni = box.shape
        along = [
            _basis((start + step * np.arange(count)) / self.grain_mm + move)
            for start, count, move in zip((x, y, z), (ni, nj, nk), shift, strict=True)
        ]
        out = np.tensordot(along[2], knots.astype(np.float32), axes=(1, 2))  # [k, a, b]
        out = np.tensordot(out, along[1], axes=(2, 1))  # [k, a, j]
        out = np.tensordot(out, along[0], axes=(1, 1))  # [k, j, i]
        return np.asarray(out / np.float32(_SPREAD), dtype=np.float32)

    def _knots(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        rng = np.random.default_rng(self.seed)
        return rng.standard_normal((_LATTICE,) * 3), rng.uniform(0, _LATTICE, 3)


def octaves(seed: int, grain_mm: float, box: Grid, count: int = 3) -> Floats:
    """Fields of ever finer grain and smaller size, together of standard deviation about 1."""
    total = np.zeros(box.shape, dtype=np.float32)
    size, squares = 1.0, 0.0
    for n in range(count):
        total += np.float32(size) * Field(seed + 7919 * n, grain_mm / 2**n).on(box)
        squares += size**2
        size *= 0.5
    return total / np.float32(squares**0.5)


def _basis(places: npt.NDArray[np.float64]) -> Floats:
    """Weights [place, knot] of the cubic B-spline, periodic."""
    first = np.floor(places).astype(int)
    t = places - first
    weights = (
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    )
    out = np.zeros((len(places), _LATTICE), dtype=np.float32)
    rows = np.arange(len(places))
    for n, weight in enumerate(weights):
        np.add.at(out, (rows, (first + n - 1) % _LATTICE), weight.astype(np.float32))
    return out
