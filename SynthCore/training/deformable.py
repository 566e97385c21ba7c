"""Bringing an image onto another of the same patient with a smooth field, by mutual information.

It begins where the rigid registration ends, and sees the two images alone: no network has a say,
so that its result may judge one. Mutual information inside the body and the distance of the two
outlines are weighed against the strain of the field, and bone is made to keep its shape.
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
from SynthCore.training.deformation import affine_of
from SynthCore.training.matchable import Matchable, matchable
from SynthCore.training.registration import reached
from SynthCore.training.splines import Field, bases, evaluate, refit

BINS = 32
POINTS = 40_000
STRAIN = 1.0
"""Weight of the mean squared strain against mutual information in nats: an average strain of a
tenth in every direction must gain 0.03."""

ROTATION = 0.1
"""Weight of the whole gradient, rotations included, within `STRAIN`."""

BONE = 30.0
"""How much stiffer bone is than flesh."""

OUTLINE = 2.0
"""Weight of the mean squared difference of the two bodies."""

AROUND_PIXELS = 8
_LATTICE = 2
"""Points lie on every second pixel of a slice, the strain is taken on every fourth."""


@dataclass(frozen=True)
class Level:
    """Control points `grid_mm` apart; images smoothed by `smooth_mm`, less across thick slices."""

    grid_mm: float
    smooth_mm: float
    steps: int
    rate_mm: float


LEVELS = (Level(60.0, 3.0, 60, 1.0), Level(35.0, 2.0, 60, 0.6), Level(22.0, 1.0, 60, 0.4))


def deform_by_mutual_information(
    fixed: Image,
    moving: Image,
    rigid: sitk.Transform,
    *,
    levels: tuple[Level, ...] = LEVELS,
    seed: int = 0,
) -> Field:
    """The field that maximizes mutual information, held back by strain.

    Parameters
    ----------
    fixed, moving : Image
        MR, CT or cone-beam CT of one patient.
    rigid : SimpleITK.Transform
        From points of `fixed` to points of `moving`: rotation and translation.
    levels : tuple of Level
        Coarse to fine.
    seed : int
        Of the points compared.

    Returns
    -------
    Field
        Displacement of the points of `fixed` before `rigid`; see `deformation.displaced`.

    References
    ----------
    Rueckert et al., IEEE Trans. Med. Imaging 18, 712 (1999): free-form deformation.
    Mattes et al., IEEE Trans. Med. Imaging 22, 120 (2003): mutual information with B-spline
    windows.
    """
    a, b = matchable(fixed), matchable(moving)
    cross = ndimage.generate_binary_structure(2, 1)[np.newaxis]
    region = ndimage.binary_dilation(a.body, cross, iterations=AROUND_PIXELS)
    region &= reached(moving, fixed, rigid)
    lattice = np.zeros(fixed.shape, dtype=np.bool_)
    lattice[:, ::_LATTICE, ::_LATTICE] = True
    places = np.argwhere(region & lattice)
    rng = np.random.default_rng(seed)
    dense = torch.zeros(3, *fixed.shape)
    for level in levels:
        chosen = places[rng.permutation(len(places))[:POINTS]]
        control = _fit(_Scene(fixed, moving, rigid, a, b, chosen, level), dense, level)
        dense = evaluate(control, bases(fixed.shape, fixed.spacing, level.grid_mm))
    return Field(control.numpy(), levels[-1].grid_mm)


class _Scene:
    """Both images, smoothed for a level, and the points where they are compared."""

    def __init__(
        self,
        fixed: Image,
        moving: Image,
        rigid: sitk.Transform,
        a: Matchable,
        b: Matchable,
        chosen: npt.NDArray[np.int64],
        level: Level,
    ) -> None:
        self.spacing = fixed.spacing
        self.shape = fixed.shape
        self.index = torch.from_numpy(chosen)
        at = tuple(chosen.T)
        self.points = self.index.flip(1).float()
        self.inside = torch.from_numpy(a.body[at])
        self.sure = torch.from_numpy(a.sure[at])
        self.windows = windows(
            torch.from_numpy(_smoothed(a.values, fixed, level.smooth_mm)[at]), a.low, a.high
        )
        self.body = torch.from_numpy(_smoothed(a.body, fixed, level.smooth_mm)[at])
        self.range = (b.low, b.high)
        volumes = [_smoothed(v, moving, level.smooth_mm) for v in (b.values, b.body)]
        self.volume = torch.from_numpy(np.stack(volumes))[None]
        self.bone_fixed = torch.from_numpy(_smoothed(a.bone, fixed, 2.5))
        self.bone_moving = torch.from_numpy(_smoothed(b.bone, moving, 2.5))[None, None]
        turn, shift = affine_of(rigid)
        inverse = np.linalg.inv(moving.affine)[:3]
        matrix = inverse[:, :3] @ turn @ fixed.affine[:3, :3]
        offset = inverse[:, :3] @ (turn @ fixed.affine[:3, 3] + shift) + inverse[:, 3]
        self.matrix = torch.from_numpy(matrix.astype(np.float32))
        self.offset = torch.from_numpy(offset.astype(np.float32))
        self.sizes = torch.tensor(moving.shape[::-1], dtype=torch.float32)

    def look(
        self, volume: torch.Tensor, index: torch.Tensor, moved_mm: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """[c, n] of a moving volume where points (i, j, k) [n, 3] come to lie, and [n] within."""
        there = (index + moved_mm / torch.tensor(self.spacing)) @ self.matrix.T + self.offset
        grid = 2 * there / (self.sizes - 1) - 1
        values = functional.grid_sample(
            volume, grid[None, None, None], padding_mode="border", align_corners=True
        )[0, :, 0, 0]
        return values, (grid.abs() <= 1).all(dim=1)

    def stiffness(self, dense: torch.Tensor) -> torch.Tensor:
        """[k, j, i] on every fourth pixel: 1 in flesh, 1 + `BONE` in bone."""
        step = 2 * _LATTICE
        k, j, i = torch.meshgrid(
            torch.arange(self.shape[0]), torch.arange(0, self.shape[1], step),
            torch.arange(0, self.shape[2], step), indexing="ij",
        )  # fmt: skip
        index = torch.stack([i, j, k], dim=-1).reshape(-1, 3).float()
        moved = dense[:, :, ::step, ::step].reshape(3, -1).T
        bone = self.look(self.bone_moving, index, moved)[0][0].reshape(k.shape)
        bone = torch.maximum(bone, self.bone_fixed[:, ::step, ::step])
        return 1 + BONE * (3 * bone).clamp(max=1)


def _fit(scene: _Scene, dense: torch.Tensor, level: Level) -> torch.Tensor:
    along = bases(scene.shape, scene.spacing, level.grid_mm)
    control = refit(dense, along).requires_grad_(True)
    thin = [along[0], along[1][::_LATTICE], along[2][::_LATTICE]]
    step = 2 * _LATTICE
    sides = (scene.spacing[0] * step, scene.spacing[1] * step, scene.spacing[2])
    stiff = scene.stiffness(dense)[:-1, :-1, :-1]
    k, j, i = scene.index.T
    optimizer = torch.optim.Adam([control], lr=level.rate_mm)
    for n in range(level.steps):
        optimizer.param_groups[0]["lr"] = level.rate_mm * (1 - n / level.steps)
        field = evaluate(control, thin)
        moved = field[:, k, j // _LATTICE, i // _LATTICE].T
        (values, body), within = scene.look(scene.volume, scene.points, moved)
        use = scene.inside & within
        shared = information(scene.windows[use], windows(values[use], *scene.range))
        known = (scene.sure & within).float()
        outline = ((body - scene.body).square() * known).sum() / known.sum().clamp(min=1)
        loss = OUTLINE * outline - shared + STRAIN * _strain(field[:, :, ::2, ::2], sides, stiff)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return control.detach()


def _strain(
    field: torch.Tensor, sides: tuple[float, float, float], stiff: torch.Tensor
) -> torch.Tensor:
    """Mean squared strain, weighted by stiffness, and a little of the whole gradient."""
    gradient = torch.stack(
        [
            torch.diff(field, dim=3)[:, :-1, :-1] / sides[0],
            torch.diff(field, dim=2)[:, :-1, :, :-1] / sides[1],
            torch.diff(field, dim=1)[:, :, :-1, :-1] / sides[2],
        ],
        dim=1,
    )
    strain = (gradient + gradient.transpose(0, 1)) / 2
    weighted = (stiff * strain.square().sum(dim=(0, 1))).mean()
    return weighted + ROTATION * gradient.square().sum(dim=(0, 1)).mean()


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


def _smoothed(
    voxels: npt.NDArray[np.float32] | npt.NDArray[np.bool_], image: Image, mm: float
) -> npt.NDArray[np.float32]:
    # slices are thick: a third of the smoothing across them
    sigma = [0.3 * mm / image.spacing[2], mm / image.spacing[1], mm / image.spacing[0]]
    smooth: npt.NDArray[np.float32] = ndimage.gaussian_filter(voxels.astype(np.float32), sigma)
    return smooth
