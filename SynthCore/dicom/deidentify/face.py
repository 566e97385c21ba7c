"""Where the face is in a volume of the head, from the shape of the head alone.

No brain has to be found first. Along the midline, the nose is what stands out before the cheeks;
going up from its tip, the bridge of the nose (nasion) is where it no longer does, at the height
of the eyes. All in the patient's space (LPS), so any orientation of slices will do.

The depths of the region behind the nasion are set so that it keeps 4 mm and more from the brain
in the 20 whole-head label maps of SynthSeg, whose brains are known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from SynthCore.image import Affine, Array

_GRID = 2.0
"""Spacing in mm of the grid on which the head is looked at."""

_ABOVE_AND_BEHIND = (
    (-200.0, 62.0), (-60.0, 58.0), (-30.0, 42.0), (-10.0, 26.0), (0.0, 20.0), (5.0, 16.0),
    (10.0, 11.0), (15.0, 7.0), (20.0, 4.0), (25.0, 2.0), (25.1, -1000.0),
)  # fmt: skip
"""Height over the nasion, and how far behind the skin of the midline the face ends (mm)."""

_LEAST_NOSE, _MOST_NOSE = 11.0, 45.0
_CHEEK = (22.0, 30.0)
"""Where the cheek is, from the midline."""

_NASION_AT = 0.45
"""Of the nose's prominence: where it has fallen to that, the nose begins."""

_WIDEST, _NARROWEST = 240.0, 100.0
"""Of a head between the ears (mm), with an allowance for ears and hair."""


@dataclass(frozen=True)
class Face:
    """A face: everything in front of a profile.

    Attributes
    ----------
    heights : numpy.ndarray
        z in mm (LPS), ascending.
    limits : numpy.ndarray
        For each the y behind which there is no face; far in front of the head above the brows.
    nasion : float
        z of the bridge of the nose.
    prominence : float
        How far the nose stands out before the cheeks, in mm.
    """

    heights: Affine
    limits: Affine
    nasion: float
    prominence: float


def find_face(head: Array, affine: Affine) -> Face | None:
    """The face of a head, None where there is none to be seen.

    Parameters
    ----------
    head : numpy.ndarray
        True in the head, shape ``(k, j, i)``.
    affine : numpy.ndarray
        Indices (i, j, k, 1) to LPS millimeters.
    """
    grid, origin = _upright(head, affine)
    if not grid.any():
        return None
    along_z = np.flatnonzero(grid.any(axis=(1, 2)))
    top = int(along_z[-1])
    middle = _middle(grid, top)
    if middle is None:
        return None
    # mm; a row without head is far behind
    front = np.where(grid.any(axis=1), grid.argmax(axis=1) * _GRID, 1e4)
    near, far = (round(d / _GRID) for d in _CHEEK)
    midline = front[:, middle - 2 : middle + 3].min(axis=1)
    cheeks = np.minimum(
        np.median(front[:, middle - far : middle - near + 1], axis=1),
        np.median(front[:, middle + near : middle + far + 1], axis=1),
    )
    seen = (midline < 1e4) & (cheeks < 1e4)
    prominence = ndimage.uniform_filter1d(np.where(seen, cheeks - midline, 0.0), 3)
    tip = _tip(prominence, top, int(along_z[0]))
    if tip is None:
        return None
    height = float(prominence[tip])
    over = np.flatnonzero(prominence[tip:] < _NASION_AT * height)
    if not over.size:
        return None
    nasion = tip + int(over[0])
    skin = ndimage.uniform_filter1d(np.where(midline < 1e4, midline, midline[nasion]), 3)
    skin[:nasion] = skin[nasion]
    rise = (np.arange(len(skin)) - nasion) * _GRID
    above, behind = np.array(_ABOVE_AND_BEHIND).T
    depth = np.interp(rise, above, behind)
    heights = origin[2] + np.arange(len(skin)) * _GRID
    return Face(heights, origin[1] + skin + depth, float(heights[nasion]), height)


def face_region(face: Face, shape: tuple[int, ...], affine: Affine) -> Array:
    """True before the face's profile, air included; shape ``(k, j, i)``."""
    k, j, i = (np.arange(n, dtype=np.float64) for n in shape)
    y, z = (
        affine[row, 0] * i[None, None, :]
        + affine[row, 1] * j[None, :, None]
        + affine[row, 2] * k[:, None, None]
        + affine[row, 3]
        for row in (1, 2)
    )
    limits = np.interp(z, face.heights, face.limits, left=face.limits[0], right=-1e6)
    return np.asarray(y < limits)


def _upright(head: Array, affine: Affine) -> tuple[Array, Affine]:
    """The head on an even grid [z, y, x] along LPS, and the place of its first voxel (x, y, z)."""
    k, j, i = head.shape
    corners = np.array([(a, b, c, 1) for a in (0, i - 1) for b in (0, j - 1) for c in (0, k - 1)])
    places = (corners @ affine.T)[:, :3]
    low, high = places.min(axis=0), places.max(axis=0)
    size = np.ceil((high - low) / _GRID).astype(int) + 1
    inverse = np.linalg.inv(affine)
    # output index (z, y, x) -> input index (k, j, i)
    matrix = inverse[:3, :3][::-1, ::-1] * _GRID
    offset = (inverse @ np.append(low, 1.0))[:3][::-1]
    grid = ndimage.affine_transform(
        head.astype(np.float32), matrix, offset, tuple(size[::-1]), order=1, cval=0.0
    )
    return np.asarray(grid > 0.5), low


def _middle(grid: Array, top: int) -> int | None:
    """The x of the midline, from the upper part of the head; None if it is as no head is."""
    part = grid[max(0, top - round(100 / _GRID)) : max(1, top - round(15 / _GRID))]
    across = np.flatnonzero(part.any(axis=(0, 1)))
    if not across.size:
        return None
    width = (across[-1] - across[0]) * _GRID
    weights = part.sum(axis=(0, 1)).astype(np.float64)
    middle = round(float((weights * np.arange(len(weights))).sum() / weights.sum()))
    reach = round(_CHEEK[1] / _GRID) + 1
    inside = reach <= middle < grid.shape[2] - reach
    return middle if inside and _NARROWEST <= width <= _WIDEST else None


def _tip(prominence: Affine, top: int, bottom: int) -> int | None:
    """The height of the nose's tip: the most prominent place where a nose can be."""
    low = max(bottom, top - round(185 / _GRID))
    high = top - round(30 / _GRID)
    if high - low < 5:
        return None
    tip = low + int(np.argmax(prominence[low:high]))
    return tip if _LEAST_NOSE <= prominence[tip] <= _MOST_NOSE else None
