"""Exact and inexact moves between grids: axis order, spacing, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from SynthCore.image import Affine, Array, Image, make_affine
from SynthCore.itk import empty_itk, to_itk

SPACING_TOLERANCE = 0.10
"""Relative difference of spacing below which a grid is left as it is: a network trained with
in-plane zoom of that size does not see it, and not resampling loses nothing."""


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
    """The image with its axes reordered and flipped so that i, j, k run nearest to L, P, S.

    No voxel changes its value or its place: the affine moves with the axes.
    """
    direction = image.direction
    best = max(
        permutations(range(3)),
        key=lambda axes: sum(abs(direction[world, axis]) for world, axis in enumerate(axes)),
    )
    flips = [bool(direction[world, axis] < 0) for world, axis in enumerate(best)]
    affine = np.eye(4)
    origin = image.affine[:3, 3].copy()
    sizes = image.shape[::-1]
    for world, axis in enumerate(best):
        column = image.affine[:3, axis]
        if flips[world]:
            origin += column * (sizes[axis] - 1)
            column = -column
        affine[:3, world] = column
    affine[:3, 3] = origin
    # array axes count from the other end: array axis 2 is i, 1 is j, 0 is k
    order = AxisOrder((2 - best[2], 2 - best[1], 2 - best[0]), (flips[2], flips[1], flips[0]))
    return replace(image, voxels=order.to(image.voxels), affine=affine), order


def network_grid(
    image: Image, spacing_mm: tuple[float | None, float | None, float | None]
) -> tuple[tuple[int, int, int], Affine] | None:
    """Shape [k, j, i] and affine of the grid a network asks for, None if the image's own will do.

    The new grid covers the same field of view, with the same center.
    """
    wanted = [
        own if asked is None or abs(own / asked - 1) <= SPACING_TOLERANCE else asked
        for own, asked in zip(image.spacing, spacing_mm, strict=True)
    ]
    if all(a == b for a, b in zip(wanted, image.spacing, strict=True)):
        return None
    sizes = image.shape[::-1]
    new_sizes = [
        n if w == s else max(1, round(n * s / w))
        for n, s, w in zip(sizes, image.spacing, wanted, strict=True)
    ]
    center = image.affine @ np.array([*((n - 1) / 2 for n in sizes), 1.0])
    affine = make_affine((wanted[0], wanted[1], wanted[2]), direction=image.direction)
    half = affine[:3, :3] @ np.array([(n - 1) / 2 for n in new_sizes])
    affine[:3, 3] = center[:3] - half
    return (new_sizes[2], new_sizes[1], new_sizes[0]), affine


def resample(
    voxels: Array,
    affine: Affine,
    shape: tuple[int, int, int],
    onto: Affine,
) -> npt.NDArray[np.float32]:
    """Voxels [k, j, i] at `affine` resampled linearly onto another grid.

    Beyond the edge the nearest voxel is repeated: an edge must not fade to a made-up value.
    Where the new grid is coarser, a Gaussian with the variance that the box of a new voxel has
    beyond that of an old one keeps aliases out.
    """
    moving = to_itk(voxels.astype(np.float32, copy=False), affine)
    old = np.linalg.norm(affine[:3, :3], axis=0)
    new = np.linalg.norm(onto[:3, :3], axis=0)
    if np.any(new > 1.2 * old):
        # variance of a box filter of the new size less that of the old one
        variance = np.maximum(new**2 - old**2, 0) / 12
        moving = sitk.DiscreteGaussian(
            moving, variance=[float(v) for v in np.maximum(variance, 1e-6)], maximumKernelWidth=64
        )
    resampler = sitk.ResampleImageFilter()
    resampler.SetReferenceImage(empty_itk(shape, onto))
    resampler.SetInterpolator(sitk.sitkLinear)
    resampler.SetUseNearestNeighborExtrapolator(True)
    out: npt.NDArray[np.float32] = sitk.GetArrayFromImage(resampler.Execute(moving))
    return out
