"""Random changes to a crop: the part that draws is apart from the part that applies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Geometry:
    """Where a crop lies: an affine in the plane and flips.

    `matrix` maps crop pixels (row, column) from the crop's center to volume pixels; flips along
    the rows, the columns (both in `matrix`) and the slices.
    """

    matrix: npt.NDArray[np.float64]
    center: tuple[float, float]
    slice_flip: bool


@dataclass(frozen=True)
class Look:
    """How the scanner saw it: intensity and resolution of the MR input.

    Attributes
    ----------
    gain, gamma : float
        ``gain * x ** gamma`` for normalized x.
    bias : numpy.ndarray
        [4, 4] log gain at control points spread over the crop.
    noise : float
        Standard deviation in normalized units.
    blur : tuple of float
        Factor by which rows and columns are coarsened (1: not).
    seed : int
        Of the noise.
    """

    gain: float
    gamma: float
    bias: Float32
    noise: float
    blur: tuple[float, float]
    seed: int


def draw_geometry(
    rng: np.random.Generator, center: tuple[float, float], *, degrees: float, zoom: float
) -> Geometry:
    """Rotation up to `degrees`, zoom of each axis within 1 +- `zoom`, flips along every axis."""
    angle = np.deg2rad(rng.uniform(-degrees, degrees))
    scale = rng.uniform(1 - zoom, 1 + zoom) * rng.uniform(1 - zoom / 3, 1 + zoom / 3, size=2)
    flips = rng.choice([-1.0, 1.0], size=2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return Geometry(turn @ np.diag(scale * flips), center, bool(rng.random() < 0.5))


def draw_look(rng: np.random.Generator) -> Look:
    """A change of contrast, coil sensitivity, noise and resolution.

    As wide as T1 weighted images of limbs differ between scanners, and somewhat wider: fewer
    patients than scanners are at hand, and the wider range generalizes better to patients left out.
    """
    coarse = rng.random() < 0.4
    blur = np.exp(rng.uniform(0, np.log(2.2), size=2)) if coarse else np.ones(2)
    if coarse and rng.random() < 0.5:
        blur[rng.integers(2)] = 1.0
    return Look(
        gain=float(np.exp(rng.normal(0, 0.2))),
        gamma=float(np.exp(rng.normal(0, 0.2))),
        bias=rng.normal(0, 0.18, size=(4, 4)).astype(np.float32),
        noise=float(rng.uniform(0, 0.04)) if rng.random() < 0.5 else 0.0,
        blur=(float(blur[0]), float(blur[1])),
        seed=int(rng.integers(2**31)),
    )


def crop(volumes: torch.Tensor, geometry: Geometry, patch: int) -> torch.Tensor:
    """Crops [c, patch, patch] of channels [c, h, w]; bilinear, edges repeated."""
    h, w = volumes.shape[-2:]
    steps = np.arange(patch) - (patch - 1) / 2
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1) @ geometry.matrix.T
    rows, columns = grid[..., 0] + geometry.center[0], grid[..., 1] + geometry.center[1]
    where = np.stack(
        [2 * columns / max(w - 1, 1) - 1, 2 * rows / max(h - 1, 1) - 1], axis=-1
    ).astype(np.float32)
    return functional.grid_sample(
        volumes[None], torch.from_numpy(where)[None], padding_mode="border", align_corners=True
    )[0]


def covered(shape: tuple[int, int], geometry: Geometry, patch: int) -> torch.Tensor:
    """[1, patch, patch], 1 where a crop's pixel lies within the slice."""
    steps = np.arange(patch) - (patch - 1) / 2
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1) @ geometry.matrix.T
    rows, columns = grid[..., 0] + geometry.center[0], grid[..., 1] + geometry.center[1]
    inside = (rows >= 0) & (rows <= shape[0] - 1) & (columns >= 0) & (columns <= shape[1] - 1)
    return torch.from_numpy(inside.astype(np.float32))[None]


def apply_look(x: torch.Tensor, look: Look) -> torch.Tensor:
    """Channels [c, h, w] of one MR crop, changed as `look` says; never negative."""
    h, w = x.shape[-2:]
    small = (max(2, round(h / look.blur[0])), max(2, round(w / look.blur[1])))
    if small != (h, w):
        coarse = functional.interpolate(x[None], size=small, mode="area")
        x = functional.interpolate(coarse, size=(h, w), mode="bilinear", align_corners=False)[0]
    bias = functional.interpolate(
        torch.from_numpy(look.bias)[None, None], size=(h, w), mode="bicubic", align_corners=True
    )[0]
    x = look.gain * x.clamp(min=0) ** look.gamma * torch.exp(bias)
    if look.noise > 0:
        generator = torch.Generator().manual_seed(look.seed)
        x = torch.abs(x + look.noise * torch.randn(x.shape, generator=generator))
    return x
