"""One image on another's grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.itk import empty_itk, to_itk

Mask = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]

NO_OVERLAP = (
    "The two images do not overlap in the patient's space: check that both belong to one patient "
    "and one frame of reference."
)

_SAME = 1e-3
"""Relative difference of spacing that is no difference."""

AIR = {"HU": -1000.0}
"""Value outside an image's field of view by unit; zero for every other unit."""


def outside_value(image: Image) -> float:
    """Value that stands for nothing: air in HU, zero in arbitrary units."""
    return AIR.get(image.unit, 0.0)


def resample_to(
    image: Image,
    grid: Image,
    *,
    outside: float | None = None,
    beyond: float | None = None,
    means: bool = True,
) -> tuple[Image, Mask]:
    """Bring an image onto another's grid by linear interpolation, of means where that is coarser.

    A thick voxel shows the mean of what lies in it, and so must what it is compared with: points
    of thin slices have their noise and their sharp edges. Boxes as wide as a voxel of the grid,
    centered on every finer one (their outer voxels count with the part that lies within), are read
    at the grid's centers; nothing is displaced, whatever the two spacings are.

    Parameters
    ----------
    image : Image
        What is resampled.
    grid : Image
        Gives shape and affine; no voxel of its is read.
    outside : float, optional
        Value beyond the image, by default air for HU and zero otherwise.
    beyond : float, optional
        What means take to lie beyond the image; its nearest voxel where not given.
    means : bool
        False reads points whatever the grid: of doses, which are compared point by point.

    Returns
    -------
    Image
        float32, on the grid, with the image's modality, unit and source.
    numpy.ndarray of bool
        Shape ``(k, j, i)`` of the grid: where the image has a value.
    """
    fill = outside_value(image) if outside is None else outside
    given = means_over(image, grid, beyond=beyond) if means else image
    moving = to_itk(given.voxels.astype(np.float32), image.affine)
    target = empty_itk(grid.shape, grid.affine)
    found = sitk.Resample(moving, target, sitk.Transform(), sitk.sitkLinear, fill)
    resampled = replace(image, voxels=sitk.GetArrayFromImage(found), affine=grid.affine)
    return resampled, reached(image, grid)


def reached(image: Image, grid: Image) -> Mask:
    """Voxels [k, j, i] of another grid whose centers lie in an image's field of view."""
    ones = to_itk(np.ones(image.shape, dtype=np.uint8), image.affine)
    onto = empty_itk(grid.shape, grid.affine)
    inside = sitk.Resample(ones, onto, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    return np.asarray(sitk.GetArrayFromImage(inside) > 0)


def means_over(image: Image, grid: Image, *, beyond: float | None = None) -> Image:
    """The image with means of boxes as wide as the voxels of a coarser grid around every voxel.

    The image itself where no voxel of the grid is wider.
    """
    turned = np.abs(image.direction.T @ grid.direction) * np.asarray(grid.spacing)
    widths = turned.max(axis=1) / np.asarray(image.spacing)
    if widths.max() < 1 + _SAME:
        return image
    values = image.voxels.astype(np.float32)
    for axis, width in zip((2, 1, 0), widths, strict=True):
        if width >= 1 + _SAME:
            values = ndimage.correlate1d(
                values, _box(float(width)), axis=axis,
                mode="nearest" if beyond is None else "constant", cval=beyond or 0.0,
            )  # fmt: skip
    return image.with_voxels(values)


def _box(width: float) -> npt.NDArray[np.float64]:
    """Weights of a box of so many voxels, one or more, around the middle one."""
    reach = int(np.ceil(width / 2 - 0.5))
    ends = np.arange(-reach, reach + 1)
    weights = np.minimum(ends + 0.5, width / 2) - np.maximum(ends - 0.5, -width / 2)
    return np.asarray(weights / weights.sum())


def onto_grid(image: Image, grid: Image) -> Image:
    """Bring an image onto another's grid by `resample_to`; the image itself where it is there.

    Raises
    ------
    InputError
        If the two do not overlap in the patient's space.
    """
    return seen_on_grid(image, grid)[0]


def seen_on_grid(image: Image, grid: Image) -> tuple[Image, Mask]:
    """The same, and where on the grid the image has a value: [k, j, i].

    Raises
    ------
    InputError
        If the two do not overlap in the patient's space.
    """
    if image.same_grid(grid):
        return image, np.ones(grid.shape, dtype=np.bool_)
    resampled, inside = resample_to(image, grid)
    if not inside.any():
        raise InputError(NO_OVERLAP)
    return resampled, inside
