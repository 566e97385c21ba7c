"""Moving a CT onto a synthetic CT of the same patient: a smooth displacement field.

Both are in HU, so plain differences guide it; a wide control grid and a penalty on the gradient of
the displacement keep it smooth. It follows what the network made of the MR, and a network that was
trained on many patients has averaged their misplacements away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import torch
from scipy import ndimage
from torch.nn import functional

from SynthCore.image import Image
from SynthCore.training.registration import AIR_HU, resample

WINDOW_HU = (-250.0, 500.0)
"""Range compared: skin, fat, muscle and cortical bone."""

PENALTY = 2.0
"""Weight of the mean squared displacement gradient (mm per mm) against the mean absolute
difference in units of 100 HU."""


@dataclass(frozen=True)
class Level:
    """Control points `grid_mm` apart; the images are thinned in the plane by `thin`."""

    grid_mm: float
    thin: int
    steps: int
    rate_mm: float


LEVELS = (Level(40.0, 2, 60, 1.0), Level(18.0, 2, 40, 0.5))


def deform_onto(
    synthetic: Image,
    moving: Image,
    rigid: sitk.Transform,
    mask: npt.NDArray[np.bool_],
    levels: tuple[Level, ...] = LEVELS,
) -> tuple[Image, npt.NDArray[np.float32]]:
    """`moving` (CT) on the grid of `synthetic`, rigidly placed and then deformed onto it.

    Parameters
    ----------
    synthetic : Image
        What the network made of the MR, HU.
    moving : Image
        The CT as acquired.
    rigid : SimpleITK.Transform
        From points of the MR to points of the CT.
    mask : numpy.ndarray of bool
        [k, j, i], where to compare.
    levels : tuple of Level
        Coarse to fine.

    Returns
    -------
    Image
        The CT, interpolated once.
    numpy.ndarray
        [3, k, j, i] displacement (i, j, k) in mm along the grid's axes.
    """
    placed = resample(moving, synthetic, rigid)
    spacing = synthetic.spacing
    weight = ndimage.gaussian_filter(mask.astype(np.float32), (0, 1, 1))
    field = torch.zeros(1, 3, 2, 2, 2)
    for level in levels:
        thin = (slice(None), slice(None, None, level.thin), slice(None, None, level.thin))
        sigma = (0, 0.7 * level.thin, 0.7 * level.thin)
        fixed, source = (
            torch.from_numpy(
                ndimage.gaussian_filter(np.clip(v, *WINDOW_HU).astype(np.float32), sigma)[thin]
            )[None, None]
            for v in (synthetic.voxels, placed.voxels)
        )
        step_mm = (spacing[0] * level.thin, spacing[1] * level.thin, spacing[2])
        size = [
            max(2, round(n * s / level.grid_mm) + 1)
            for n, s in zip(fixed.shape[2:], reversed(step_mm), strict=True)
        ]
        start = functional.interpolate(field, size=size, mode="trilinear", align_corners=True)
        field = _fit(fixed, source, torch.from_numpy(weight[thin].copy())[None, None], start,
                     step_mm, level)  # fmt: skip
    full = _dense(field, synthetic.shape)
    displacement: npt.NDArray[np.float32] = full[0].numpy()
    return displaced(synthetic, moving, rigid, displacement), displacement


def _fit(
    fixed: torch.Tensor,
    source: torch.Tensor,
    weight: torch.Tensor,
    start: torch.Tensor,
    step_mm: tuple[float, float, float],
    level: Level,
) -> torch.Tensor:
    control = start.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([control], lr=level.rate_mm)
    shape = (fixed.shape[2], fixed.shape[3], fixed.shape[4])
    total = weight.sum().clamp(min=1.0)
    for step in range(level.steps):
        optimizer.param_groups[0]["lr"] = level.rate_mm * (1 - step / level.steps)
        dense = _dense(control, shape)
        moved = functional.grid_sample(
            source, _grid(dense, step_mm), padding_mode="border", align_corners=True
        )
        data = ((moved - fixed).abs() * weight).sum() / total / 100.0
        rough = sum(
            (torch.diff(dense, dim=axis) / mm).square().mean()
            for axis, mm in zip((4, 3, 2), step_mm, strict=True)
        )
        loss = data + PENALTY * rough
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return control.detach()


def _dense(control: torch.Tensor, shape: tuple[int, int, int]) -> torch.Tensor:
    return functional.interpolate(control, size=shape, mode="trilinear", align_corners=True)


def _grid(dense: torch.Tensor, step_mm: tuple[float, float, float]) -> torch.Tensor:
    """Sampling grid [1, k, j, i, 3] of a displacement [1, 3, k, j, i] in mm."""
    axes = [torch.linspace(-1, 1, n) for n in dense.shape[2:]]
    base = torch.stack(torch.meshgrid(*axes, indexing="ij")[::-1], dim=-1)
    sizes = dense.shape[:1:-1]
    scale = torch.tensor([2 / (mm * max(n - 1, 1)) for mm, n in zip(step_mm, sizes, strict=True)])
    return base[None] + dense.permute(0, 2, 3, 4, 1) * scale


def displaced(
    fixed: Image,
    moving: Image,
    rigid: sitk.Transform,
    displacement: npt.NDArray[np.float32],
    *,
    outside: float = AIR_HU,
) -> Image:
    """`moving` on the grid of `fixed` through a displacement and `rigid`, interpolated once.

    Parameters
    ----------
    fixed, moving : Image
        The grid, and the image as acquired.
    rigid : SimpleITK.Transform
        From points of `fixed` to points of `moving`: rotation and translation.
    displacement : numpy.ndarray
        [3, k, j, i] (i, j, k) in mm along the grid's axes, before `rigid`.
    outside : float
        Where `moving` does not reach.
    """
    k, j, i = fixed.shape
    index = np.stack(np.meshgrid(np.arange(i), np.arange(j), np.arange(k), indexing="ij"), -1)
    mm = displacement.transpose(3, 2, 1, 0) / np.asarray(fixed.spacing)
    points = (index + mm).reshape(-1, 3) @ fixed.affine[:3, :3].T + fixed.affine[:3, 3]
    turn, shift = affine_of(rigid)
    inverse = np.linalg.inv(moving.affine)
    there = (points @ turn.T + shift) @ inverse[:3, :3].T + inverse[:3, 3]
    values = ndimage.map_coordinates(
        moving.voxels.astype(np.float32), there[:, ::-1].T, order=1, mode="constant", cval=outside
    )
    voxels = np.ascontiguousarray(values.reshape(i, j, k).transpose(2, 1, 0))
    return fixed.with_voxels(voxels, modality=moving.modality, unit=moving.unit)


def affine_of(transform: sitk.Transform) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """An affine transform as matrix and shift, read off at four points."""
    origin = np.array(transform.TransformPoint((0.0, 0.0, 0.0)))
    ends = [np.array(transform.TransformPoint(tuple(p))) - origin for p in np.eye(3).tolist()]
    return np.stack(ends, axis=1), origin
