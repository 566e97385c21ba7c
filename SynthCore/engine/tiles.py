"""Cut a slice into overlapping tiles and lay them together again without seams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

OVERLAP = 0.25
"""Fraction of a tile that overlaps its neighbor (MONAI's default as well)."""


@dataclass(frozen=True)
class TilePlan:
    """Where tiles lie in a slice that was padded to hold them.

    Attributes
    ----------
    size : tuple of int
        Rows and columns of a tile.
    padded : tuple of int
        Rows and columns of the padded slice; the image begins at (0, 0) of it.
    starts : tuple of tuple
        First row and column of every tile.
    """

    size: tuple[int, int]
    padded: tuple[int, int]
    starts: tuple[tuple[int, int], ...]

    @property
    def whole(self) -> bool:
        """Whether one tile holds the slice, so that nothing needs blending."""
        return len(self.starts) == 1


def plan(shape: tuple[int, int], tile: tuple[int, int], multiple_of: int) -> TilePlan:
    """Tiles for a slice of `shape` rows and columns.

    A tile is never larger than the slice rounded up to `multiple_of`.
    """
    size = tuple(
        min(t, -(-n // multiple_of) * multiple_of) for n, t in zip(shape, tile, strict=True)
    )
    padded = tuple(max(n, t) for n, t in zip(shape, size, strict=True))
    rows, columns = (_starts(n, t) for n, t in zip(padded, size, strict=True))
    return TilePlan(
        (size[0], size[1]), (padded[0], padded[1]), tuple((r, c) for r in rows for c in columns)
    )


def _starts(length: int, tile: int) -> list[int]:
    step = max(1, int(tile * (1 - OVERLAP)))
    starts = list(range(0, max(length - tile, 0) + 1, step))
    if starts[-1] + tile < length:
        starts.append(length - tile)
    return starts


def blend_weights(size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Weights of a tile, shape `size`: Gaussian with a sigma of an eighth of the tile.

    The same as MONAI's ``mode="gaussian"`` with its default ``sigma_scale``, so that both lay
    the same tiles together alike; kept above 1e-3 so that every voxel has a weight.
    """
    profiles = []
    for n in size:
        x = np.arange(n, dtype=np.float64) - (n - 1) / 2
        profiles.append(np.exp(-0.5 * (x / (n * 0.125)) ** 2))
    weights = np.outer(profiles[0], profiles[1])
    floored: npt.NDArray[np.float32] = np.maximum(weights, 1e-3).astype(np.float32)
    return floored
