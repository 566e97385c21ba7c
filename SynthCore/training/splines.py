"""Smooth displacement fields: cubic B-splines on a control grid, as products of three matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Field:
    """A displacement of the points of one grid.

    Attributes
    ----------
    control : numpy.ndarray
        [3, a, b, c] displacement (i, j, k) in mm along the grid's axes, at control points that
        run along (k, j, i).
    grid_mm : float
        Distance of the control points, at the most.
    """

    control: Float32
    grid_mm: float

    def dense(self, shape: Sequence[int], spacing: Sequence[float]) -> Float32:
        """[3, k, j, i] displacement (i, j, k) in mm on the grid it was made for."""
        found: Float32 = evaluate(
            torch.from_numpy(self.control), bases(shape, spacing, self.grid_mm)
        ).numpy()
        return found


def basis(count: int, step_mm: float, grid_mm: float) -> torch.Tensor:
    """Values of the uniform cubic B-splines at `count` places, `step_mm` apart.

    Returns
    -------
    torch.Tensor
        [count, controls]; every row sums to 1.

    References
    ----------
    Rueckert et al., IEEE Trans. Med. Imaging 18, 712 (1999), eq. 1.
    """
    length = (count - 1) * step_mm
    cells = max(1, int(np.ceil(length / grid_mm)))
    x = np.arange(count) * step_mm / (length / cells if length > 0 else 1.0)
    first = np.minimum(np.floor(x), cells - 1).astype(np.int64)
    t = x - first
    values = np.stack(
        [(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1
    )
    made = np.zeros((count, cells + 3), dtype=np.float32)
    for n in range(4):
        made[np.arange(count), first + n] = values[:, n] / 6
    return torch.from_numpy(made)


def bases(shape: Sequence[int], spacing: Sequence[float], grid_mm: float) -> list[torch.Tensor]:
    """`basis` along k, j and i of a grid [k, j, i] with `spacing` (i, j, k) in mm."""
    return [basis(n, mm, grid_mm) for n, mm in zip(shape, spacing[::-1], strict=True)]


def evaluate(control: torch.Tensor, along: Sequence[torch.Tensor]) -> torch.Tensor:
    """[c, k, j, i] of control points [c, a, b, d]."""
    return torch.einsum("cabd,id,jb,ka->ckji", control, along[2], along[1], along[0])


def refit(dense: torch.Tensor, along: Sequence[torch.Tensor]) -> torch.Tensor:
    """The control points whose field is nearest to `dense`, by least squares."""
    back = [torch.linalg.pinv(one) for one in along]
    return torch.einsum("ckji,di,bj,ak->cabd", dense, back[2], back[1], back[0])
