"""One image on another's grid."""

from __future__ import annotations

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
    resampled = Image(
        voxels=sitk.GetArrayFromImage(values),
        affine=grid.affine,
        modality=image.modality,
        unit=image.unit,
        source=image.source,
        notes=image.notes,
    )
    return resampled, np.asarray(sitk.GetArrayFromImage(inside) > 0)


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
