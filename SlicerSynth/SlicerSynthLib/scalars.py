"""Voxels as VTK keeps them: arrays to `vtkImageData` and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from vtk.util.numpy_support import get_vtk_array_type, numpy_to_vtk, vtk_to_numpy

from SynthCore.errors import InputError
from SynthCore.image import Array


def array_of_data(data: Any) -> Array | None:
    """The voxels [k, j, i] of a `vtkImageData`, not a copy.

    None where it has none, more than one value a voxel, or single bits.
    """
    scalars = data.GetPointData().GetScalars() if data is not None else None
    if scalars is None or scalars.GetNumberOfTuples() == 0:
        return None
    if scalars.GetNumberOfComponents() != 1 or scalars.GetDataType() == vtk.VTK_BIT:
        return None
    voxels: Array = vtk_to_numpy(scalars).reshape(data.GetDimensions()[::-1])
    return voxels


def image_data(voxels: Array, take_over: bool = False) -> Any:
    """A `vtkImageData` of `voxels` [k, j, i].

    Parameters
    ----------
    voxels : numpy.ndarray
        Are copied, unless they are taken over.
    take_over : bool
        Whether nobody else needs them any more: where VTK can keep them as they are, it does,
        and a large volume is not in memory twice.

    Raises
    ------
    InputError
        If its values do not fit a scalar type that Slicer shows.
    """
    dtype = _shown_type(voxels)
    data = vtk.vtkImageData()
    data.SetDimensions(*voxels.shape[::-1])
    if take_over and voxels.dtype == dtype and voxels.flags.carray:
        scalars = numpy_to_vtk(voxels.reshape(-1), deep=False)
        scalars.SetName("ImageScalars")
        data.GetPointData().SetScalars(scalars)
        return data
    data.AllocateScalars(get_vtk_array_type(dtype), 1)
    target = vtk_to_numpy(data.GetPointData().GetScalars()).reshape(voxels.shape)
    np.copyto(target, voxels, casting="unsafe")
    return data


def _shown_type(voxels: Array) -> np.dtype[Any]:
    """The scalar type for `voxels`: their own, where Slicer shows it and VTK has it."""
    dtype = voxels.dtype.newbyteorder("=")
    if dtype == np.bool_:
        return np.dtype(np.uint8)
    if dtype == np.float16:
        return np.dtype(np.float32)
    if dtype.kind in "iu" and dtype.itemsize == 8:
        return _narrower(voxels)
    if dtype.kind in "iu" or dtype in (np.float32, np.float64):
        return dtype
    raise InputError(f"Voxels of the type {dtype} cannot be shown; give whole or real numbers.")


def _narrower(voxels: Array) -> np.dtype[Any]:
    lowest, highest = int(voxels.min()), int(voxels.max())
    for narrow in (np.int32, np.uint32):
        limits = np.iinfo(narrow)
        if limits.min <= lowest and highest <= limits.max:
            return np.dtype(narrow)
    if max(-lowest, highest) <= 2**53:
        return np.dtype(np.float64)
    raise InputError("Voxels beyond 2^53 cannot be shown; give smaller numbers.")
