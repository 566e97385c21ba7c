"""Voxels at a place, as SimpleITK wants them: ITK shares this package's order and LPS."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from SynthCore.image import Affine, Array


def to_itk(voxels: Array, affine: Affine) -> sitk.Image:
    """A SimpleITK image of voxels [k, j, i] at an LPS affine."""
    return _place(sitk.GetImageFromArray(np.ascontiguousarray(voxels)), affine)


def empty_itk(shape: tuple[int, int, int], affine: Affine) -> sitk.Image:
    """A SimpleITK image of zeros, shape [k, j, i]: a grid to resample onto."""
    return _place(sitk.Image(shape[::-1], sitk.sitkUInt8), affine)


def _place(image: sitk.Image, affine: Affine) -> sitk.Image:
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image.SetSpacing([float(v) for v in spacing])
    image.SetOrigin([float(v) for v in affine[:3, 3]])
    image.SetDirection([float(v) for v in (affine[:3, :3] / spacing).ravel()])
    return image
