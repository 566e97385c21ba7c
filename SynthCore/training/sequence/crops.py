"""Cut a few slices out of a study, turned, zoomed and bent; thick or thin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

Float32 = npt.NDArray[np.float32]
DEGREES, ZOOM, BEND_PIXELS, MIRROR = 12.0, 0.1, 1.5, 0.5


@dataclass(frozen=True)
class Cut:
    """Where a crop lies.

    Attributes
    ----------
    center : tuple of float
        Voxel (k, j, i) at the middle of the crop; k is whole.
    thick : int
        Slices averaged into one, which is also the distance of the neighbors.
    matrix : numpy.ndarray
        [2, 2], from crop pixels to volume pixels; a mirror image in left and right is in it.
    bend : numpy.ndarray
        [2, 5, 5] displacement in pixels at control points.
    """

    center: tuple[int, float, float]
    thick: int
    matrix: npt.NDArray[np.float64]
    bend: Float32


def draw_cut(rng: np.random.Generator, center: tuple[int, float, float], thickest: int) -> Cut:
    """Rotation, zoom, mirror image and a smooth bend; most often slices of 1 voxel."""
    angle = np.deg2rad(rng.uniform(-DEGREES, DEGREES))
    scale = rng.uniform(1 - ZOOM, 1 + ZOOM) * rng.uniform(0.95, 1.05, size=2)
    mirror = np.array([1.0, -1.0 if rng.random() < MIRROR else 1.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    thick = 1 if thickest < 2 or rng.random() < 0.7 else int(rng.integers(2, thickest + 1))
    bend = rng.normal(0, BEND_PIXELS, (2, 5, 5)) * (rng.random() < 0.7)
    return Cut(center, thick, turn @ np.diag(scale * mirror), bend.astype(np.float32))


def cut_window(
    volumes: Sequence[npt.NDArray[Any]], cut: Cut, slices: int, patch: int
) -> tuple[Float32, tuple[int, int]]:
    """[c, slices, h, w] around the crop, thick where asked for, and where its corner lies.

    Slices beyond the ends repeat the last one.
    """
    depth, h, w = volumes[0].shape
    reach = int(np.ceil(0.5 * patch * np.abs(cut.matrix).sum(axis=1).max())) + 8
    _, j, i = cut.center
    low_j, low_i = max(0, int(j) - reach), max(0, int(i) - reach)
    high_j, high_i = min(h, int(j) + reach), min(w, int(i) + reach)
    count = slices * cut.thick
    near = np.clip(np.arange(count) - count // 2 + cut.center[0], 0, depth - 1)
    area = (slice(low_j, high_j), slice(low_i, high_i))
    part = np.stack([one[near, *area].astype(np.float32) for one in volumes])
    if cut.thick > 1:
        c, _, a, b = part.shape
        part = part.reshape(c, slices, cut.thick, a, b).mean(axis=2)
    return part, (low_j, low_i)


def warp(window: Float32, cut: Cut, corner: tuple[int, int], patch: int) -> torch.Tensor:
    """[c, slices, patch, patch] out of a window; 0 outside of it."""
    c, s, h, w = window.shape
    steps = np.arange(patch, dtype=np.float64) - (patch - 1) / 2
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1) @ cut.matrix.T
    bend = functional.interpolate(
        torch.from_numpy(cut.bend)[None], size=(patch, patch), mode="bicubic", align_corners=True
    )[0].numpy()
    rows = grid[..., 0] + cut.center[1] - corner[0] + bend[0]
    columns = grid[..., 1] + cut.center[2] - corner[1] + bend[1]
    where = np.stack([2 * columns / max(w - 1, 1) - 1, 2 * rows / max(h - 1, 1) - 1], axis=-1)
    made = functional.grid_sample(
        torch.from_numpy(window).reshape(1, c * s, h, w),
        torch.from_numpy(where.astype(np.float32))[None],
        padding_mode="zeros",
        align_corners=True,
    )
    return made.reshape(c, s, patch, patch)
