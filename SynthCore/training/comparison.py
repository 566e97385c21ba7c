"""Two images of a patient at the points where a registration compares them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import torch
from scipy import ndimage
from torch.nn import functional

from SynthCore.image import Image
from SynthCore.training.deformation import affine_of
from SynthCore.training.matchable import Matchable

BINS = 32
STEP = 4
"""The stiffness of the field is wanted on every fourth pixel of a slice."""


class Comparison:
    """Both images, smoothed, and the points where they are compared.

    Parameters
    ----------
    fixed, moving : Image
        MR, CT or cone-beam CT of one patient.
    rigid : SimpleITK.Transform
        From points of `fixed` to points of `moving`.
    a, b : Matchable
        What of `fixed` and of `moving` is compared.
    chosen : numpy.ndarray
        [n, 3] voxels (k, j, i) of `fixed`.
    smooth_mm : float
        Standard deviation in the plane; a third of it across slices, which are thick.
    """

    def __init__(
        self,
        fixed: Image,
        moving: Image,
        rigid: sitk.Transform,
        a: Matchable,
        b: Matchable,
        chosen: npt.NDArray[np.int64],
        smooth_mm: float,
    ) -> None:
        self.spacing = fixed.spacing
        self.shape = fixed.shape
        self.index = torch.from_numpy(chosen)
        at = tuple(chosen.T)
        self.points = self.index.flip(1).float()
        self.inside = torch.from_numpy(a.body[at])
        self.sure = torch.from_numpy(a.sure[at])
        values, body, compact, signal = (
            torch.from_numpy(smoothed(v, fixed, smooth_mm)[at]) for v in _compared(a)
        )
        self.windows = windows(values, a.low, a.high)
        self.body, self.compact, self.signal = body, compact, signal
        self.range = (b.low, b.high)
        volumes = [smoothed(v, moving, smooth_mm) for v in _compared(b)]
        self.volume = torch.from_numpy(np.stack(volumes))[None]
        self.bone_fixed = torch.from_numpy(smoothed(a.bone, fixed, 2.5))
        self.bone_moving = torch.from_numpy(smoothed(b.bone, moving, 2.5))[None, None]
        turn, shift = affine_of(rigid)
        inverse = np.linalg.inv(moving.affine)[:3]
        matrix = inverse[:, :3] @ turn @ fixed.affine[:3, :3]
        offset = inverse[:, :3] @ (turn @ fixed.affine[:3, 3] + shift) + inverse[:, 3]
        self.matrix = torch.from_numpy(matrix.astype(np.float32))
        self.offset = torch.from_numpy(offset.astype(np.float32))
        self.sizes = torch.tensor(moving.shape[::-1], dtype=torch.float32)

    def likeness(self, moved_mm: torch.Tensor, outline_weight: float) -> torch.Tensor:
        """Mutual information in nats, less what speaks against the place of the points.

        Parameters
        ----------
        moved_mm : torch.Tensor
            [n, 3] displacement (i, j, k) of the points.
        outline_weight : float
            Of the mean squared difference of the two bodies.
        """
        looked, within = self._look(self.volume, self.points, moved_mm)
        values, body, compact, signal = looked
        use = self.inside & within
        shared = information(self.windows[use], windows(values[use], *self.range))
        known = (self.sure & within).float()
        outline = ((body - self.body).square() * known).sum() / known.sum().clamp(min=1)
        bone = (self.compact + compact) * use
        bright = (self.compact * signal + compact * self.signal) * use
        lit = bright.sum() / bone.sum().clamp(min=1)
        likeness: torch.Tensor = shared - outline_weight * outline - lit
        return likeness

    def _look(
        self, volume: torch.Tensor, index: torch.Tensor, moved_mm: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """[c, n] of a moving volume where points (i, j, k) [n, 3] come to lie, and [n] within."""
        there = (index + moved_mm / torch.tensor(self.spacing)) @ self.matrix.T + self.offset
        grid = 2 * there / (self.sizes - 1) - 1
        values = functional.grid_sample(
            volume, grid[None, None, None], padding_mode="border", align_corners=True
        )[0, :, 0, 0]
        return values, (grid.abs() <= 1).all(dim=1)

    def bone(self, dense: torch.Tensor) -> torch.Tensor:
        """[k, j, i] on every `STEP`-th pixel: 0 in flesh to 1 in the bone of either image.

        `dense` [3, k, j, i] is the displacement so far.
        """
        k, j, i = torch.meshgrid(
            torch.arange(self.shape[0]), torch.arange(0, self.shape[1], STEP),
            torch.arange(0, self.shape[2], STEP), indexing="ij",
        )  # fmt: skip
        index = torch.stack([i, j, k], dim=-1).reshape(-1, 3).float()
        moved = dense[:, :, ::STEP, ::STEP].reshape(3, -1).T
        bone = self._look(self.bone_moving, index, moved)[0][0].reshape(k.shape)
        bone = torch.maximum(bone, self.bone_fixed[:, ::STEP, ::STEP])
        return (3 * bone).clamp(max=1)


def _compared(one: Matchable) -> Sequence[npt.NDArray[np.float32] | npt.NDArray[np.bool_]]:
    return one.values, one.body, one.compact, one.signal


def windows(values: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """[n, `BINS`] cubic B-spline weights of values among the bins between low and high."""
    place = ((values - low) / (high - low) * (BINS - 5) + 2).clamp(2, BINS - 3)
    away = (place[:, None] - torch.arange(BINS)).abs()
    near = (4 - 6 * away**2 + 3 * away**3) / 6
    far = (2 - away).clamp(min=0) ** 3 / 6
    return torch.where(away < 1, near, far)


def information(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Mutual information in nats of two sets of `windows` [n, `BINS`]."""
    joint = a.T @ b / max(len(a), 1)
    apart = joint.sum(dim=1, keepdim=True) * joint.sum(dim=0, keepdim=True)
    return (joint * torch.log((joint + 1e-8) / (apart + 1e-8))).sum()


def smoothed(
    voxels: npt.NDArray[np.float32] | npt.NDArray[np.bool_], image: Image, mm: float
) -> npt.NDArray[np.float32]:
    """Smoothed by `mm` in the plane, and by a third of it across slices, which are thick."""
    sigma = [0.3 * mm / image.spacing[2], mm / image.spacing[1], mm / image.spacing[0]]
    smooth: npt.NDArray[np.float32] = ndimage.gaussian_filter(voxels.astype(np.float32), sigma)
    return smooth
