"""Distances from surfaces of a label map, in mm and as bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

MARGIN_MM = 12.0
"""Air kept around the body."""

Bools = npt.NDArray[np.bool_]
Triple = tuple[float, float, float]


def crop_to(body: Bools, spacing: Triple) -> tuple[tuple[slice, ...], tuple[int, int, int]]:
    """Slices around a body with `MARGIN_MM` of air, and the voxel they begin at."""
    slices, start = [], []
    for axis, step in enumerate(spacing):
        found = np.flatnonzero(body.any(axis=tuple(n for n in range(3) if n != axis)))
        margin = round(MARGIN_MM / step)
        first = max(0, int(found[0]) - margin)
        slices.append(slice(first, min(body.shape[axis], int(found[-1]) + 1 + margin)))
        start.append(first)
    return tuple(slices), (start[0], start[1], start[2])


def largest_part(mask: Bools) -> Bools:
    """The largest connected part of a mask."""
    parts, count = ndimage.label(mask)
    if count < 2:
        return mask
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.asarray(parts == sizes.argmax())


def signed_distance(mask: Bools, spacing: Triple) -> npt.NDArray[np.float32]:
    """Distance to the mask's surface in mm, positive inside; the surface lies between voxels."""
    half = min(spacing) / 2
    if not mask.any():
        return np.full(mask.shape, -100.0, dtype=np.float32)
    within = ndimage.distance_transform_edt(mask, spacing) - half
    without = ndimage.distance_transform_edt(~mask, spacing) - half
    return np.asarray(np.where(mask, within, -without), dtype=np.float32)


def depth_under_skin(body: Bools, spacing: Triple) -> tuple[npt.NDArray[np.float32], Bools]:
    """Depth under the skin in mm, and the body with the air inside of it.

    Outside is the air that a ball of 5 mm radius reaches from the edge of the label map, so that
    nostrils and ear canals are inside.
    """
    thin = [max(1, round(2.0 / s)) for s in spacing]
    pick = tuple(slice(None, None, n) for n in thin)
    steps = [n * s for n, s in zip(thin, spacing, strict=True)]
    air = np.pad(~body[pick], 4, constant_values=True)
    roomy = ndimage.distance_transform_edt(air, steps) > 5.0
    parts, _ = ndimage.label(roomy)
    core = parts == parts[0, 0, 0]
    to_core = ndimage.distance_transform_edt(~core, steps)
    skin = to_core - 5.0  # the ball's own radius brings it back to the surface
    skin = np.where(core, -(ndimage.distance_transform_edt(core, steps) + 5.0), skin)[
        4:-4, 4:-4, 4:-4
    ]
    zoom = [a / b for a, b in zip(body.shape, skin.shape, strict=True)]
    depth = ndimage.zoom(skin.astype(np.float32), zoom, order=1, grid_mode=True, mode="nearest")
    inside = body | (depth > 1.0)
    return depth, inside


def as_bytes(values: npt.NDArray[np.float32], step: float) -> npt.NDArray[np.int8]:
    """Distances in units of `step`, as bytes."""
    return np.clip(np.round(values / step), -127, 127).astype(np.int8)


def odd(count: float) -> int:
    """The odd number nearest to a count."""
    return max(1, 2 * round((count - 1) / 2) + 1)
