"""Random fields that are the same wherever a window lies: a small cube of noise, repeated."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

SIDE = 64
"""Of the cube, in its voxels."""

CHANNELS = 4
"""Independent fields in the cube."""

_SIGMA = 1.2  # voxels of the Gaussian that white noise is smoothed with
_SEED = 20_050_607  # the cube is part of the code, not of a draw; a draw shifts it


@lru_cache(maxsize=4)
def cube(device: torch.device) -> Tensor:
    """Periodic Gaussian noise [CHANNELS, SIDE, SIDE, SIDE], mean 0 and standard deviation 1."""
    white = np.random.default_rng(_SEED).standard_normal((CHANNELS, SIDE, SIDE, SIDE))
    frequency = np.fft.fftfreq(SIDE)
    window = np.exp(-2 * (np.pi * _SIGMA * frequency) ** 2)
    spectrum = np.fft.fftn(white, axes=(1, 2, 3))
    spectrum *= window[:, None, None] * window[:, None] * window
    made = np.real(np.fft.ifftn(spectrum, axes=(1, 2, 3)))
    made -= made.mean(axis=(1, 2, 3), keepdims=True)
    made /= made.std(axis=(1, 2, 3), keepdims=True)
    return torch.from_numpy(made.astype(np.float32)).to(device)


@lru_cache(maxsize=4)
def _rows(device: torch.device) -> Tensor:
    return cube(device).reshape(CHANNELS, -1).T.contiguous()


@lru_cache(maxsize=4)
def _padded(device: torch.device) -> Tensor:
    return functional.pad(cube(device)[None], (0, 1, 0, 1, 0, 1), mode="circular")


def fine_noise(points: list[Tensor], step: float, shift: tuple[float, ...]) -> list[Tensor]:
    """Noise with a grain of about 3 steps, taken from the nearest voxel of the cube.

    Parameters
    ----------
    points : list of Tensor
        Coordinates (k, j, i) in mm, each [k, j, i].
    step : float
        mm of a voxel of the cube; not much larger than the grid that is filled.
    shift : tuple of float
        Where in the cube (k, j, i) to begin, in its voxels.

    Returns
    -------
    list of Tensor
        `CHANNELS` fields.
    """
    device = points[0].device
    index = torch.zeros(points[0].shape, dtype=torch.int64, device=device)
    for axis, start in zip(points, shift, strict=True):
        index = index * SIDE + (torch.floor(axis / step + start).to(torch.int64) % SIDE)
    found = _rows(device).index_select(0, index.reshape(-1))
    return [found[:, n].reshape(index.shape) for n in range(CHANNELS)]


def smooth_noise(points: list[Tensor], step: float, shift: tuple[float, ...]) -> list[Tensor]:
    """As `fine_noise`, interpolated linearly: for steps larger than the grid's."""
    device = points[0].device
    where = torch.stack(
        [
            torch.remainder(axis / step + start, SIDE) * (2 / SIDE) - 1
            for axis, start in zip(points[::-1], shift[::-1], strict=True)
        ],
        dim=-1,
    )
    found = functional.grid_sample(_padded(device), where[None], align_corners=True)[0]
    return list(found)
