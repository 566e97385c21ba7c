"""Edema around a lesion: what is reached within a distance, where white matter is the easy way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.graph import MCP_Geometric

Floats = npt.NDArray[np.float32]

FARTHEST_MM = 24.0
GRAY_COST = 4.0
"""Vasogenic edema spreads along white matter and spares the cortex (Osborn's Brain, 2017)."""

_OUTSIDE = 60.0
_EDGE_MM = 3.0
_STEP_MM = 1.8


def spread_edema(
    core: Floats,
    shares: tuple[Floats, Floats, Floats],
    allowed: Floats,
    step_mm: float,
    wanted: float,
    rough: Floats,
) -> Floats:
    """Share of edema in every voxel around and in a core.

    Parameters
    ----------
    core : numpy.ndarray
        Share of the lesion [k, j, i].
    shares : tuple of numpy.ndarray
        White matter, gray matter and fluid.
    allowed : numpy.ndarray
        What of a voxel is tissue of the brain.
    step_mm : float
        Of the box.
    wanted : float
        Volume outside the core in voxels; less where `FARTHEST_MM` ends it.
    rough : numpy.ndarray
        Random field that makes its border irregular.
    """
    white, gray, fluid = shares
    distance = _distances(core, white, gray, fluid, allowed, step_mm)
    distance = distance * np.exp(np.float32(0.22) * np.clip(rough, -2, 2))
    room = allowed * (1 - fluid) * (1 - core)
    low, high = 0.0, FARTHEST_MM
    for _ in range(24):
        middle = (low + high) / 2
        volume = float((_within(distance, middle) * room).sum())
        low, high = (middle, high) if volume < wanted else (low, middle)
    # most at the lesion, fading outward
    fade = 0.72 + 0.28 * np.clip((high - distance) / max(high, 1e-3), 0, 1)
    tissue = allowed * (1 - fluid)
    return np.asarray(_within(distance, high) * fade * tissue, dtype=np.float32)


def _within(distance: Floats, reach: float) -> Floats:
    return np.asarray(np.clip(0.5 + (reach - distance) / _EDGE_MM, 0, 1), dtype=np.float32)


def _distances(
    core: Floats, white: Floats, gray: Floats, fluid: Floats, allowed: Floats, step: float
) -> Floats:
    """Least sum of cost along a way from the core, mm in white matter; on a coarser grid."""
    factor = max(1, round(_STEP_MM / step))
    cost = white + GRAY_COST * gray + _OUTSIDE * fluid + _OUTSIDE * (1 - allowed)
    cost = np.maximum(cost, 1.0)
    if factor > 1:
        cost = ndimage.uniform_filter(cost, factor)
    small = cost[::factor, ::factor, ::factor].astype(np.float64)
    seeds = ndimage.maximum_filter(core, factor)[::factor, ::factor, ::factor] > 0.5
    border = seeds & ~ndimage.binary_erosion(seeds)
    starts = [tuple(place) for place in np.argwhere(border)]
    if not starts:
        return np.full(core.shape, 1e3, dtype=np.float32)
    small[seeds] = 0.05
    found, _ = MCP_Geometric(small).find_costs(starts)
    found = np.minimum(found, 1e4) * (factor * step)
    found[seeds] = 0
    index = np.indices(core.shape, dtype=np.float32) / factor
    return np.asarray(
        ndimage.map_coordinates(found, index, order=1, mode="nearest"), dtype=np.float32
    )
