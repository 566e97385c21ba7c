"""From points of a person to points of the label map: an affine map, then a diffeomorphism.

The diffeomorphism is the exponential of a stationary velocity field by scaling and squaring
(Arsigny et al., MICCAI 2006) on a coarse grid over the whole label map; a window evaluates it only
where it lies, so that windows of one person fit each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

KNOT_MM = 12.0
"""Spacing of the grid that the velocity is integrated on."""

SQUARINGS = 6

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Deformation:
    """A drawn deformation; all in the label map's axes (k, j, i).

    Attributes
    ----------
    degrees : tuple of float
        Rotation about k, j and i.
    scale : tuple of float
        From the person to the label map.
    shear : tuple of float
        Of (k by j), (k by i), (j by i).
    shift_mm : tuple of float
        Added after the linear part.
    wide_mm, narrow_mm : float
        Standard deviation of the velocity with knots 48 mm and 24 mm apart.
    seed : int
        Of the velocity.
    """

    degrees: Triple
    scale: Triple
    shear: Triple
    shift_mm: Triple
    wide_mm: float
    narrow_mm: float
    seed: int


def draw_deformation(rng: np.random.Generator, strength: float = 1.0) -> Deformation:
    """Heads between people: 1 is as much as they differ, with tilts of a head in its holder."""
    size = rng.normal(0, 0.05)

    def triple(sigma: float) -> Triple:
        a, b, c = (float(v) for v in np.clip(rng.normal(0, 1, 3), -2.5, 2.5) * sigma * strength)
        return a, b, c

    tilt = triple(1.0)
    stretch = triple(0.05)
    scale = tuple(float(np.exp(np.clip(size, -0.12, 0.12) * strength + s)) for s in stretch)
    return Deformation(
        (7.0 * tilt[0], 6.0 * tilt[1], 9.0 * tilt[2]),
        (scale[0], scale[1], scale[2]),
        triple(0.03),
        triple(4.0),
        float(rng.uniform(1.0, 4.5) * strength),
        float(rng.uniform(0.3, 1.6) * strength),
        int(rng.integers(2**31)),
    )


def matrix(deformation: Deformation) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Linear part [3, 3] on (k, j, i), from the person to the label map."""
    turn = np.eye(3)
    for axis, degrees in enumerate(deformation.degrees):
        a, b = (n for n in range(3) if n != axis)
        angle, step = math.radians(degrees), np.eye(3)
        step[a, a] = step[b, b] = math.cos(angle)
        step[a, b], step[b, a] = -math.sin(angle), math.sin(angle)
        turn = turn @ step
    shear = np.eye(3)
    shear[0, 1], shear[0, 2], shear[1, 2] = deformation.shear
    return np.asarray(turn @ shear @ np.diag(deformation.scale))


def displacement(
    deformation: Deformation, extent_mm: Triple, device: torch.device | str = "cpu"
) -> Tensor:
    """Displacement in mm along (k, j, i), [1, 3, gk, gj, gi], over the label map's extent.

    Raises
    ------
    ValueError
        If the extent is not positive.
    """
    if min(extent_mm) <= 0:
        raise ValueError("a label map has an extent")
    sizes = [max(3, math.ceil(mm / KNOT_MM) + 1) for mm in extent_mm]
    rng = np.random.default_rng(deformation.seed)
    field = torch.zeros(1, 3, *sizes)
    for knots_mm, sigma in ((48.0, deformation.wide_mm), (24.0, deformation.narrow_mm)):
        knots = [max(2, math.ceil(mm / knots_mm) + 1) for mm in extent_mm]
        drawn = np.clip(rng.standard_normal((1, 3, *knots)), -2.5, 2.5) * sigma
        field += functional.interpolate(
            torch.from_numpy(drawn.astype(np.float32)), size=sizes, mode="trilinear",
            align_corners=True,
        )  # fmt: skip
    # linear interpolation between knots leaves creases; one pass of a small box takes them away
    field = functional.avg_pool3d(
        functional.pad(field, (1, 1, 1, 1, 1, 1), mode="replicate"), 3, stride=1
    ).to(device)
    per_mm = torch.tensor([2 / mm for mm in extent_mm[::-1]], device=device)
    axes = [torch.linspace(-1, 1, n, device=device) for n in sizes]
    base = torch.stack(torch.meshgrid(*axes, indexing="ij")[::-1], dim=-1)[None]
    step: Tensor = field / 2**SQUARINGS
    for _ in range(SQUARINGS):
        where = base + step.permute(0, 2, 3, 4, 1).flip(-1) * per_mm
        step += functional.grid_sample(step, where, padding_mode="border", align_corners=True)
    return step
