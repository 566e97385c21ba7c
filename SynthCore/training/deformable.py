"""Bringing an image onto another of the same patient with a smooth field, by mutual information.

It begins where the rigid registration ends, and sees the two images alone: no network has a say,
so that its result may judge one. Mutual information inside the body, the distance of the two
outlines and what signal an MR has in a CT's compact bone are weighed against the strain of the
field, and bone is made to keep its shape.

Bones are few voxels among much flesh, and flesh would pull them out of place: half of the points
lie near them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import torch
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.request import Progress, part_of
from SynthCore.training.comparison import STEP, Comparison
from SynthCore.training.deformation import displaced
from SynthCore.training.matchable import Bools, matchable
from SynthCore.training.registration import reached
from SynthCore.training.splines import Field, bases, evaluate, refit

POINTS = 40_000
"""Anywhere, and as many near bone."""

NEAR_BONE_MM = 8.0
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
"""Points lie on every second pixel of a slice; the strain is taken on every `STEP`-th."""


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
    progress: Progress | None = None,
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
    progress : callable, optional
        Told the fraction done at every step; what it raises stops the search.

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
    rng = np.random.default_rng(seed)
    dense = torch.zeros(3, *fixed.shape)
    for n, level in enumerate(levels):
        tell = part_of(progress, n / len(levels), (n + 1) / len(levels))
        bone = a.bone | _placed(fixed, moving, rigid, b.bone, dense)
        chosen = np.concatenate(
            [_points(region, rng), _points(region & a.body & _near(bone, fixed), rng)]
        )
        seen = Comparison(fixed, moving, rigid, a, b, chosen, level.smooth_mm)
        control = _fit(seen, dense, level, tell)
        dense = evaluate(control, bases(fixed.shape, fixed.spacing, level.grid_mm))
    return Field(control.numpy(), levels[-1].grid_mm)


def _points(where: Bools, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """`POINTS` of the lattice within `where`, or all where they are fewer."""
    lattice = np.zeros_like(where)
    lattice[:, ::_LATTICE, ::_LATTICE] = True
    places = np.argwhere(where & lattice)
    return places[rng.permutation(len(places))[:POINTS]]


def _placed(
    fixed: Image, moving: Image, rigid: sitk.Transform, bone: Bools, dense: torch.Tensor
) -> Bools:
    """The moving image's bone on the grid of `fixed`."""
    mask = moving.with_voxels(bone.astype(np.float32))
    placed: Bools = displaced(fixed, mask, rigid, dense.numpy(), outside=0.0).voxels > 0.5
    return placed


def _near(bone: Bools, image: Image) -> Bools:
    if not bone.any():
        return bone
    away = ndimage.distance_transform_edt(~bone, sampling=image.spacing[::-1])
    near: Bools = away <= NEAR_BONE_MM
    return near


def _fit(seen: Comparison, dense: torch.Tensor, level: Level, progress: Progress) -> torch.Tensor:
    along = bases(seen.shape, seen.spacing, level.grid_mm)
    control = refit(dense, along).requires_grad_(True)
    thin = [along[0], along[1][::_LATTICE], along[2][::_LATTICE]]
    sides = (seen.spacing[0] * STEP, seen.spacing[1] * STEP, seen.spacing[2])
    coarser = STEP // _LATTICE
    stiff = 1 + BONE * seen.bone(dense)[:-1, :-1, :-1]
    k, j, i = seen.index.T
    optimizer = torch.optim.Adam([control], lr=level.rate_mm)
    for n in range(level.steps):
        progress(n / level.steps, "deform")
        optimizer.param_groups[0]["lr"] = level.rate_mm * (1 - n / level.steps)
        field = evaluate(control, thin)
        likeness = seen.likeness(field[:, k, j // _LATTICE, i // _LATTICE].T, OUTLINE)
        loss = STRAIN * _strain(field[:, :, ::coarser, ::coarser], sides, stiff) - likeness
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
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
