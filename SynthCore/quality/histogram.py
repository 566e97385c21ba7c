"""Histograms of voxel values, and how far two of them overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Histogram:
    """Shares of voxels between `edges` (one more edge than shares; shares sum to at most one).

    Values outside the edges are counted in the total but in no bin.
    """

    edges: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]

    def overlap(self, other: Histogram) -> float:
        """Histogram intersection: 1 for equal histograms, 0 for disjoint ones.

        Raises
        ------
        ValueError
            If the edges differ.
        """
        if not np.array_equal(self.edges, other.edges):
            raise ValueError("histograms with different edges do not compare")
        return float(np.minimum(self.shares, other.shares).sum())


def histogram(
    voxels: Voxels, edges: Sequence[float] | npt.NDArray[Any], mask: Mask | None = None
) -> Histogram:
    """Shares of the (masked) voxels between the edges."""
    values = np.asarray(voxels if mask is None else voxels[mask], dtype=np.float64).ravel()
    counts, at = np.histogram(values, bins=np.asarray(edges, dtype=np.float64))
    return Histogram(at, counts / max(values.size, 1))
