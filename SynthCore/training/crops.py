"""Crops that several recipes draw alike: neighboring slices, places, pairs of images."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.training.augment import Geometry, covered, crop
from SynthCore.training.cases import Case

MARGIN = 12
"""Pixels of a crop that may lie beyond the slice."""


def neighbors(k: int, slices: int, depth: int) -> npt.NDArray[np.int64]:
    """Numbers of the slices around `k`; beyond the ends the last one is repeated."""
    return np.clip(np.arange(slices) - slices // 2 + k, 0, depth - 1)


def padded(image: npt.NDArray[np.float32], patch: int) -> npt.NDArray[np.float32]:
    """Slices [k, j, i] mirrored up to the patch where they are smaller."""
    lack = [max(0, patch - n) for n in image.shape[1:]]
    if not any(lack):
        return np.ascontiguousarray(image)
    return np.pad(image, ((0, 0), (0, lack[0]), (0, lack[1])), mode="symmetric")


def draw_place(
    rng: np.random.Generator, case: Case, patch: int, at_points: float, aside: float
) -> tuple[int, tuple[float, float]]:
    """A slice of a case, and the row and column of a crop's center in it.

    A share `at_points` of the places lie up to `aside` pixels from one of the case's points; the
    rest lie anywhere. Most of the crop lies within the slice.
    """
    depth, h, w = case.target.shape
    if len(case.points) and rng.random() < at_points:
        k, row, column = (int(v) for v in case.points[int(rng.integers(len(case.points)))])
        center = (row + rng.uniform(-aside, aside), column + rng.uniform(-aside, aside))
    else:
        k, center = int(rng.integers(depth)), (rng.uniform(0, h), rng.uniform(0, w))
    reach = patch / 2 - MARGIN
    j, i = (
        float(np.clip(c, min(reach, n / 2), max(n - reach, n / 2)))
        for c, n in zip(center, (h, w), strict=True)
    )
    return k, (j, i)


def paired_crop(
    case: Case, k: int, geometry: Geometry, slices: int, patch: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Inputs [role x slice, h, w] around slice `k`, its target and weight [1, h, w], moved alike.

    The weight is 0 where the crop reaches beyond the slice.
    """
    depth, h, w = case.target.shape
    near = neighbors(k, slices, depth)
    if geometry.slice_flip:
        near = near[::-1]
    stack = np.concatenate([*case.inputs[:, near], case.target[k : k + 1], case.weight[k : k + 1]])
    made = crop(torch.from_numpy(stack), geometry, patch)
    return made[:-2], made[-2:-1], made[-1:] * covered((h, w), geometry, patch)
