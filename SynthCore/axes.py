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


def in_order_of(image: Image, grid: Image, tolerance_mm: float = 1e-2) -> Image | None:
    """The image with its voxels in the order of another grid of the same voxels; None of others.

    Files of one image differ in it: DICOM slices rise with their normal, a NIfTI file keeps the
    order it was made in. No voxel changes its value or its place.

    Parameters
    ----------
    image : Image
        What is reordered.
    grid : Image
        Gives shape and affine.
    tolerance_mm : float
        Within which corners are the same.
    """
    place = np.linalg.inv(image.affine) @ grid.affine
    turn = np.rint(place[:3, :3]).astype(int)
    if not (np.abs(turn).sum(axis=0) == 1).all() or not (np.abs(turn).sum(axis=1) == 1).all():
        return None
    # (i, j, k) of the image for each of the grid's; arrays count from the other end
    axes = np.abs(turn).argmax(axis=0)
    moved = image.voxels.transpose([2 - int(axis) for axis in axes[::-1]])
    backward = turn[axes, range(3)] < 0
    moved = moved[tuple(slice(None, None, -1 if b else 1) for b in backward[::-1])]
    affine = np.eye(4)
    affine[:3, :3] = image.affine[:3, axes] * np.where(backward, -1.0, 1.0)
    last = np.array(image.shape[::-1]) - 1
    start = np.zeros(3)
    start[axes] = np.where(backward, last[axes], 0)
    affine[:3, 3] = image.affine[:3, :3] @ start + image.affine[:3, 3]
    made = replace(image, voxels=np.ascontiguousarray(moved), affine=affine)
    return replace(made, affine=grid.affine) if made.same_grid(grid, tolerance_mm) else None


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
