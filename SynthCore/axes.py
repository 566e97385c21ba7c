"""Voxel axes permuted and flipped, and the way back: no voxel changes its value or its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from SynthCore.image import Array, Image

THICK = 1.2
"""An axis whose spacing is more than so many times both others' runs across the slices."""


@dataclass(frozen=True)
class AxisOrder:
    """How voxel axes were permuted and flipped; `to` and `back` are exact inverses.

    Attributes
    ----------
    order : tuple of int
        Array axis of the original for each array axis [k, j, i] of the reordered.
    flip : tuple of bool
        Whether that axis was reversed, in the reordered array.
    """

    order: tuple[int, int, int]
    flip: tuple[bool, bool, bool]

    def to(self, voxels: Array) -> Array:
        """A view of the voxels in the new order."""
        flips = tuple(slice(None, None, -1 if f else 1) for f in self.flip)
        moved: Array = voxels.transpose(self.order)[flips]
        return moved

    def back(self, voxels: Array) -> Array:
        """A view of reordered voxels in the original order."""
        flips = tuple(slice(None, None, -1 if f else 1) for f in self.flip)
        moved: Array = voxels[flips].transpose(np.argsort(self.order))
        return moved


def toward_lps(image: Image) -> tuple[Image, AxisOrder]:
    """The image with its axes reordered and flipped so that i, j, k run nearest to L, P, S."""
    return _reordered(image, _nearest(image))


def toward_slices(image: Image) -> tuple[Image, AxisOrder]:
    """The image with its slices along k, however it is stored: work on slices is the same for all.

    Slices lie across the axis that is thicker than the others (`THICK`), across S where none is.
    """
    axes = _nearest(image)
    spacing = [image.spacing[axis] for axis in axes]
    thick = int(np.argmax(spacing))
    if spacing[thick] <= THICK * sorted(spacing)[1]:
        thick = 2
    return _reordered(image, [*(axes[n] for n in range(3) if n != thick), axes[thick]])


def _nearest(image: Image) -> list[int]:
    """The image's axes that run nearest to L, P and S."""
    direction = image.direction
    return list(
        max(
            permutations(range(3)),
            key=lambda axes: sum(abs(direction[world, axis]) for world, axis in enumerate(axes)),
        )
    )


def _reordered(image: Image, axes: Sequence[int]) -> tuple[Image, AxisOrder]:
    """With these of its axes as i, j and k, each along the patient axis it is nearest to."""
    world = {axis: n for n, axis in enumerate(_nearest(image))}
    flips = [bool(image.direction[world[axis], axis] < 0) for axis in axes]
    affine = np.eye(4)
    origin = image.affine[:3, 3].copy()
    sizes = image.shape[::-1]
    for new, axis in enumerate(axes):
        column = image.affine[:3, axis]
        if flips[new]:
            origin += column * (sizes[axis] - 1)
            column = -column
        affine[:3, new] = column
    affine[:3, 3] = origin
    # array axes count from the other end: array axis 2 is i, 1 is j, 0 is k
    order = AxisOrder((2 - axes[2], 2 - axes[1], 2 - axes[0]), (flips[2], flips[1], flips[0]))
    return replace(image, voxels=order.to(image.voxels), affine=affine), order
