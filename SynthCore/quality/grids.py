"""One image on another's grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.itk import empty_itk, to_itk

Mask = npt.NDArray[np.bool_]

NO_OVERLAP = (
    "The two images do not overlap in the patient's space: check that both belong to one patient "
    "and one frame of reference."
)

AIR = {"HU": -1000.0}
"""Value outside an image's field of view by unit; zero for every other unit."""


def outside_value(image: Image) -> float:
    """Value that stands for nothing: air in HU, zero in arbitrary units."""
    return AIR.get(image.unit, 0.0)


def resample_to(image: Image, grid: Image, *, outside: float | None = None) -> tuple[Image, Mask]:
    """Bring an image onto another's grid by linear interpolation.

    Parameters
    ----------
    image : Image
        What is resampled.
    grid : Image
        Gives shape and affine.
    outside : float, optional
        Value beyond the image, by default air for HU and zero otherwise.

    Returns
    -------
    Image
        float32, on the grid, with the image's modality, unit and source.
    numpy.ndarray of bool
        Shape ``(k, j, i)`` of the grid: where the image has a value.
    """
    fill = outside_value(image) if outside is None else outside
    moving = to_itk(image.voxels.astype(np.float32), image.affine)
    target = empty_itk(grid.shape, grid.affine)
    values = sitk.Resample(moving, target, sitk.Transform(), sitk.sitkLinear, fill)
    ones = to_itk(np.ones(image.shape, dtype=np.uint8), image.affine)
    inside = sitk.Resample(ones, target, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    resampled = replace(image, voxels=sitk.GetArrayFromImage(values), affine=grid.affine)
    return resampled, np.asarray(sitk.GetArrayFromImage(inside) > 0)


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


def onto_grid(image: Image, grid: Image) -> Image:
    """Bring an image onto another's grid by `resample_to`; the image itself where it is there.

    Raises
    ------
    InputError
        If the two do not overlap in the patient's space.
    """
    if image.same_grid(grid):
        return image
    resampled, inside = resample_to(image, grid)
    if not inside.any():
        raise InputError(NO_OVERLAP)
    return resampled
