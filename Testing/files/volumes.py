"""Volumes to write for a reader, and SimpleITK's reading of them to compare with."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK as sitk

from SynthCore.image import Image, corner_points

RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def oblique_affine(flip: bool = False) -> np.ndarray:
    """RAS affine of an oblique, anisotropic grid."""
    c, s = np.cos(0.4), np.sin(0.4)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array(
        [[1, 0, 0], [0, c, -s], [0, s, c]]
    )
    affine = np.eye(4)
    affine[:3, :3] = turn * (0.7, 0.9, 3.1) * (-1 if flip else 1, 1, 1)
    affine[:3, 3] = (-31.5, 12.25, 7.0)
    return affine


def ijk(shape: tuple[int, int, int] = (5, 6, 7), dtype: type = np.int16, seed: int = 0):
    """Random voxels (i, j, k)."""
    return np.random.default_rng(seed).integers(0, 200, shape).astype(dtype)


def save(path: Path, array: np.ndarray, affine: np.ndarray | None = None) -> Path:
    nib.save(nib.Nifti1Image(array, np.eye(4) if affine is None else affine), path)
    return path


def assert_as_simpleitk(image: Image, path: Path, tolerance: float = 1e-3) -> None:
    """Same shape, corners and values."""
    other = sitk.ReadImage(str(path))
    np.testing.assert_array_equal(image.voxels, sitk.GetArrayViewFromImage(other))
    k, j, i = (n - 1 for n in image.shape)
    points = [
        other.TransformIndexToPhysicalPoint(index)
        for index in [(a, b, c) for a in (0, i) for b in (0, j) for c in (0, k)]
    ]
    np.testing.assert_allclose(corner_points(image.shape, image.affine), points, atol=tolerance)
