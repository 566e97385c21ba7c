"""Sequences of one session, each on a grid of its own, brought onto one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from SynthCore.staging import renewed

IN_PLANE_MM = 1.0


def onto_first(
    images: Sequence[sitk.Image], kept: Path | None = None, *, stripped: bool = False
) -> tuple[list[sitk.Image], npt.NDArray[np.bool_]]:
    """All images on the first one's slices, 1 mm in the plane; rigidly registered to it.

    Transforms are read from the file `kept`, or written there. Where the brain was cut out
    (`stripped`) it ends as sharply as before, without the faint rim of an interpolation.

    Returns
    -------
    list of SimpleITK.Image
        float32, on one grid.
    numpy.ndarray of bool
        [k, j, i], where every image reaches.
    """
    first = images[0]
    grid = _grid(first)
    found, seen = [], np.ones(grid.GetSize()[::-1], dtype=bool)
    moves = _transforms(images, kept)
    for image, move in zip(images, moves, strict=True):
        moved = sitk.Resample(_smoothed(image), grid, move, sitk.sitkLinear, 0.0)
        if stripped:
            inside = sitk.Cast(image > 0, sitk.sitkFloat32)
            half = sitk.Resample(inside, grid, move, sitk.sitkLinear, 0.0) > 0.5
            moved = sitk.Mask(moved, half)
        found.append(moved)
        ones = sitk.Image(image.GetSize(), sitk.sitkFloat32) + 1.0
        ones.CopyInformation(image)
        reach = sitk.Resample(ones, grid, move, sitk.sitkLinear, 0.0)
        seen &= sitk.GetArrayFromImage(reach) > 0.999
    return found, seen


def _transforms(images: Sequence[sitk.Image], kept: Path | None) -> list[sitk.Euler3DTransform]:
    """From the first image to every one; the identity for itself."""
    center = images[0].TransformContinuousIndexToPhysicalPoint(
        [(n - 1) / 2 for n in images[0].GetSize()]
    )
    if kept is not None and kept.exists():
        with np.load(kept, allow_pickle=False) as file:
            rows = file["parameters"].tolist()
    else:
        rows = [[0.0] * 6] + [
            list(rigid(images[0], one, center).GetParameters()) for one in images[1:]
        ]
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            with renewed(kept) as part:
                np.savez(part, parameters=np.array(rows))
    found = []
    for row in rows:
        move = sitk.Euler3DTransform()
        move.SetCenter(center)
        move.SetParameters(row)
        found.append(move)
    return found


def rigid(fixed: sitk.Image, moving: sitk.Image, center: Sequence[float]) -> sitk.Euler3DTransform:
    """From points of `fixed` to points of `moving`, by Mattes' mutual information.

    It begins with the scanner's coordinates, which both share. One thread: the same every time.
    """
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetMetricAsMattesMutualInformation(40)
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentage(0.05)
    method.SetInterpolator(sitk.sitkLinear)
    found = sitk.Euler3DTransform()
    found.SetCenter(center)
    method.SetInitialTransform(found, inPlace=True)
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 0.005, 60, 0.6)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel([2, 1])
    method.SetSmoothingSigmasPerLevel([2.0, 1.0])
    method.Execute(fixed, moving)
    return found


def _grid(image: sitk.Image) -> sitk.Image:
    """Empty, with the image's slices and extent, `IN_PLANE_MM` in the plane."""
    i, j, k = image.GetSize()
    a, b, c = image.GetSpacing()
    size = (round(i * a / IN_PLANE_MM), round(j * b / IN_PLANE_MM), k)
    corner = image.TransformContinuousIndexToPhysicalPoint(
        (0.5 * IN_PLANE_MM / a - 0.5, 0.5 * IN_PLANE_MM / b - 0.5, 0.0)
    )
    grid = sitk.Image(size, sitk.sitkFloat32)
    grid.SetSpacing((IN_PLANE_MM, IN_PLANE_MM, c))
    grid.SetOrigin(corner)
    grid.SetDirection(image.GetDirection())
    return grid


def _smoothed(image: sitk.Image) -> sitk.Image:
    """Without what 1 mm in the plane cannot hold."""
    variance = [max(IN_PLANE_MM**2 - s**2, 0) / 12 for s in image.GetSpacing()[:2]]
    return sitk.DiscreteGaussian(image, [max(v, 1e-6) for v in variance] + [1e-6])
