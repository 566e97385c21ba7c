"""From one grid to another: the spacing a network asks for, and resampling."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from SynthCore.image import Affine, Array, Image, make_affine
from SynthCore.itk import empty_itk, to_itk

SPACING_TOLERANCE = 0.10
"""Relative difference of spacing below which a grid is left as it is: a network trained with
in-plane zoom of that size does not see it, and not resampling loses nothing."""


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
