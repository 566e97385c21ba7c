"""A region filled with the smooth function that continues what surrounds it, in three dimensions.

The function solves Laplace's equation with the voxels around the region as its border, from coarse
to fine: means of known voxels on ever coarser grids, then interpolated back, relaxed on each.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch.nn import functional

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Triple = tuple[float, float, float]

MARGIN_MM = 10.0
"""What around the region its filling can see; on the grid itself a relaxation reaches one voxel."""

RELAXATIONS = 6
"""On each grid. More than this changes the filling by less than noise."""


def smooth_fill(volume: Float32, region: Mask, spacing: Triple) -> Float32:
    """The volume with the region filled; what lies outside of it comes back as it is.

    Parameters
    ----------
    volume : numpy.ndarray
        [k, j, i] float32; what it holds in the region is not looked at.
    region : numpy.ndarray of bool
        The same shape. Where it is the whole volume, the filling is zero.
    spacing : tuple of float
        mm along (k, j, i).
    """
    out = volume.copy()
    places = ndimage.find_objects(region.astype(np.uint8))
    if not places:
        return out
    box = tuple(
        slice(max(0, span.start - _margin(step)), span.stop + _margin(step))
        for span, step in zip(places[0], spacing, strict=True)
    )
    hole = region[box]
    with torch.inference_mode():
        known = torch.from_numpy((~hole).astype(np.float32))[None, None]
        values = torch.from_numpy(np.where(hole, 0, volume[box]).astype(np.float32))[None, None]
        filled = _fill(values, known, spacing)[0, 0].numpy()
    out[box][hole] = filled[hole]
    return out


def _margin(step: float) -> int:
    return max(2, round(MARGIN_MM / step))


def _fill(values: torch.Tensor, known: torch.Tensor, spacing: Triple) -> torch.Tensor:
    """Values [1, 1, k, j, i] where known is 1, and their continuation where it is 0."""
    if bool(known.all()) or max(values.shape) == 1:
        return values
    finest = min(s for s, n in zip(spacing, values.shape[2:], strict=True) if n > 1)
    factors = [
        2 if n > 1 and s < 1.5 * finest else 1
        for s, n in zip(spacing, values.shape[2:], strict=True)
    ]
    count = _pooled(known, factors)
    means = _pooled(values * known, factors) / count.clamp(min=1e-6)
    coarser = (spacing[0] * factors[0], spacing[1] * factors[1], spacing[2] * factors[2])
    coarse = _fill(means, (count > 0).float(), coarser)
    raised = functional.interpolate(
        coarse, scale_factor=[float(f) for f in factors], mode="trilinear", align_corners=False
    )[..., : values.shape[2], : values.shape[3], : values.shape[4]]
    return _relaxed(torch.where(known > 0, values, raised), known, spacing)


def _pooled(x: torch.Tensor, factors: list[int]) -> torch.Tensor:
    lack = [-n % f for n, f in zip(x.shape[2:], factors, strict=True)]
    padded = functional.pad(x, (0, lack[2], 0, lack[1], 0, lack[0]))
    return functional.avg_pool3d(padded, factors)


def _relaxed(filled: torch.Tensor, known: torch.Tensor, spacing: Triple) -> torch.Tensor:
    """Every unknown voxel as the mean of its six neighbors that Laplace's equation asks for.

    At an edge of the grid a voxel stands for the neighbor that it lacks.
    """
    shape = filled.shape[2:]
    flat = filled.reshape(-1).clone()
    places = torch.nonzero(known[0, 0] == 0)
    strides = torch.tensor([shape[1] * shape[2], shape[2], 1])
    own = (places * strides).sum(dim=1)
    neighbors, weights = [], []
    for axis, step in enumerate(spacing):
        for side in (-1, 1):
            there = (places[:, axis] + side).clamp(0, shape[axis] - 1)
            neighbors.append(own + (there - places[:, axis]) * strides[axis])
            weights.append(1 / step**2)
    for _ in range(RELAXATIONS):
        means = sum(flat[n] * w for n, w in zip(neighbors, weights, strict=True))
        flat[own] = means / sum(weights)
    return flat.reshape(filled.shape)
