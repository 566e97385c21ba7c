"""Mutual information of two images at sample points, made fast enough for a direct search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch.nn import functional

from SynthCore.image import Image

Float = npt.NDArray[np.float64]
BINS = 32


@dataclass(frozen=True)
class Samples:
    """What is compared: bins of the fixed image at points, and the moving volume.

    Attributes
    ----------
    points : numpy.ndarray
        [n, 3] LPS mm.
    bins : numpy.ndarray
        [n] position of the fixed image's value among the bins.
    volume : torch.Tensor
        [1, 1, k, j, i] moving voxels, float32.
    inverse : numpy.ndarray
        4 x 4, LPS mm to the moving image's (i, j, k).
    window : tuple of float
        Range of the moving image that the bins span.
    """

    points: Float
    bins: Float
    volume: torch.Tensor
    inverse: Float
    window: tuple[float, float]


def sample(
    fixed: Image,
    moving: Image,
    mask: npt.NDArray[np.bool_],
    often: npt.NDArray[np.bool_],
    *,
    window: tuple[float, float],
    smooth_mm: float,
    count: int,
    seed: int,
) -> Samples:
    """Draw points (jittered against grid effects) and smooth both images.

    Half of the points lie anywhere in `mask`, half in `often`, where that is not empty.
    """
    rng = np.random.default_rng(seed)
    parts = [np.argwhere(part) for part in (mask, often) if part.any()]
    share = count // len(parts)
    chosen = np.concatenate([part[rng.permutation(len(part))[:share]] for part in parts])
    chosen = chosen + rng.uniform(-0.5, 0.5, chosen.shape)
    voxels = _smoothed(fixed, fixed.voxels, smooth_mm)
    values = ndimage.map_coordinates(voxels, chosen.T, order=1, mode="nearest")
    low, high = np.percentile(values, (0.5, 99.5))
    volume = _smoothed(moving, np.clip(moving.voxels, *window), smooth_mm)
    return Samples(
        points=chosen[:, ::-1] @ fixed.affine[:3, :3].T + fixed.affine[:3, 3],
        bins=_to_bins(values, float(low), float(high)),
        volume=torch.from_numpy(np.ascontiguousarray(volume))[None, None],
        inverse=np.linalg.inv(moving.affine).astype(np.float64),
        window=window,
    )


def mutual_information(samples: Samples, moved_points: Float) -> float:
    """Mutual information (nats) where point n of the fixed image meets `moved_points` [n, 3].

    Joint histogram with linear (partial volume) weights on both axes.
    """
    index = moved_points @ samples.inverse[:3, :3].T + samples.inverse[:3, 3]
    sizes = np.array(samples.volume.shape[:1:-1])
    grid = torch.from_numpy((2 * index / (sizes - 1) - 1).astype(np.float32))
    values = functional.grid_sample(
        samples.volume, grid[None, None, None], padding_mode="border", align_corners=True
    )
    a, b = samples.bins, _to_bins(values.numpy().ravel(), *samples.window)
    ia, ib = a.astype(np.int64), b.astype(np.int64)
    fa, fb = a - ia, b - ib
    joint = np.zeros(BINS * BINS)
    for da, wa in ((0, 1 - fa), (1, fa)):
        for db, wb in ((0, 1 - fb), (1, fb)):
            joint += np.bincount((ia + da) * BINS + ib + db, wa * wb, BINS * BINS)
    p = joint.reshape(BINS, BINS) / joint.sum()
    independent = p.sum(1, keepdims=True) * p.sum(0, keepdims=True)
    seen = p > 0
    return float((p[seen] * np.log(p[seen] / independent[seen])).sum())


def _smoothed(image: Image, voxels: npt.NDArray[np.float32], mm: float) -> npt.NDArray[np.float32]:
    sigma = [mm / s for s in image.spacing[::-1]]
    smooth: npt.NDArray[np.float32] = ndimage.gaussian_filter(voxels.astype(np.float32), sigma)
    return smooth


def _to_bins(values: npt.NDArray[np.float32], low: float, high: float) -> Float:
    scaled = (values.astype(np.float64) - low) / max(high - low, 1e-6) * (BINS - 1)
    bins: Float = np.clip(scaled, 0, BINS - 1 - 1e-4)
    return bins
