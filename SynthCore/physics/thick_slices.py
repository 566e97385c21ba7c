"""Thick slices as means of thin ones, and the smoothest stack of thin ones that has those means.

A stack of N slices is taken as measured from a stack of M thinner ones over the same depth: a
slice is the mean of what lies within its thickness (a box profile). Along the slices both are
linear maps, one matrix for every column of voxels:

``means`` (A, N x M)
    from thin slices to thick ones;
``smoothest`` (C, M x N)
    back, to the thin stack that is likeliest if neighboring values are related as in anatomy and
    nothing else is known. ``A C = 1``: its means are the thick slices again, exactly. It is the
    estimate known as area-to-point kriging (Kyriakidis, Geographical Analysis 36, 2004), and as
    smooth as a quadratic spline.
``hold`` (1 - C A)
    takes from any thin stack what it would change in the thick slices.

Both stacks begin and end at the same faces, so that any ratio M / N will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]

RELATED_OVER = 2.0
"""Length of the relation between neighboring values, in distances of thick slices. Of lengths from
1 to 6 and of the exponential, Matern 3/2 and Matern 5/2 forms, Matern 3/2 of this length came
closest to thinned brain MR; the differences are under 0.1 dB."""

LEVEL_VARIANCE = 1e4
"""Of the mean of a column beside the variance 1 around it: a constant comes back as itself."""


@dataclass(frozen=True)
class ThickStack:
    """How thick slices are made of thin ones.

    Attributes
    ----------
    slices : int
        N, thick ones.
    made : int
        M, thin ones, as deep together as the thick ones; at least N.
    thickness : float
        Of a thick slice, as a part of the distance between thick slices: 1 where they touch,
        less where there are gaps.

    Raises
    ------
    ValueError
        If the counts or the thickness are out of range.
    """

    slices: int
    made: int
    thickness: float = 1.0

    def __post_init__(self) -> None:
        if not (1 <= self.slices <= self.made and 0 < self.thickness <= 1):
            raise ValueError("1 <= slices <= made and 0 < thickness <= 1")

    @property
    def factor(self) -> float:
        """Thin slices to a thick one."""
        return self.made / self.slices

    @cached_property
    def means(self) -> Matrix:
        """[N, M]: rows that sum to 1."""
        # distances in thin slices; a slice thinner than a made one still weighs where it lies
        centers = (np.arange(self.slices) + 0.5) * self.factor
        half = self.thickness * self.factor / 2
        faces = np.arange(self.made + 1.0)
        above = np.minimum((centers + half)[:, np.newaxis], faces[1:])
        below = np.maximum((centers - half)[:, np.newaxis], faces[:-1])
        overlap: Matrix = np.maximum(above - below, 0.0)
        overlap /= overlap.sum(axis=1, keepdims=True)
        return overlap

    @cached_property
    def smoothest(self) -> Matrix:
        """[M, N]."""
        place = np.arange(self.made) / self.factor
        apart = np.sqrt(3.0) * np.abs(np.subtract.outer(place, place)) / RELATED_OVER
        related = (1 + apart) * np.exp(-apart) + LEVEL_VARIANCE
        with_means = related @ self.means.T
        found: Matrix = np.linalg.solve(self.means @ with_means, with_means.T).T
        # what rounding left of A C = 1
        found += found @ (np.eye(self.slices) - self.means @ found)
        return found

    @cached_property
    def place(self) -> Float32:
        """[M], how far each made slice lies from the middle of its thick one, 1 for 4 made slices.

        It tells a network the factor as well: the largest is about a factor of 8.
        """
        inside = ((np.arange(self.made) + 0.5) / self.factor) % 1.0
        place: Float32 = (np.abs(inside - 0.5) * (self.factor / 4)).astype(np.float32)
        return place

    @cached_property
    def hold(self) -> Matrix:
        """[M, M]."""
        kept: Matrix = np.eye(self.made) - self.smoothest @ self.means
        return kept


def along_first(matrix: Matrix, voxels: npt.NDArray[np.generic]) -> Float32:
    """A matrix [m, n] applied along the first axis of voxels [n, ...], float32 [m, ...]."""
    n = voxels.shape[0]
    columns = np.ascontiguousarray(voxels, dtype=np.float32).reshape(n, -1)
    made = matrix.astype(np.float32) @ columns
    out: Float32 = made.reshape(matrix.shape[0], *voxels.shape[1:])
    return out
