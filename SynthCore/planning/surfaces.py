"""How far the surface of one mask lies from that of another: what a geometric distortion does.

A surface is the voxels of a mask that touch what is outside of it; distances are between centers
of voxels, so they are known to about half a voxel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import cKDTree

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SurfaceDistance:
    """Distances of two surfaces in mm; all NaN where one is empty.

    Attributes
    ----------
    mean : float
        Of both surfaces to the other one.
    percentile_95 : float
        Of the same distances (the robust Hausdorff distance).
    outward : float
        Mean of the first surface to the second, positive where the first lies outside: an image
        that is too large everywhere by 1 mm has 1 here.
    """

    mean: float
    percentile_95: float
    outward: float


UNDEFINED = SurfaceDistance(float("nan"), float("nan"), float("nan"))


def compare_surfaces(
    made: Mask, real: Mask, spacing: tuple[float, float, float], seen: Mask | None = None
) -> SurfaceDistance:
    """Distances between the surfaces of two masks.

    Parameters
    ----------
    made, real : numpy.ndarray of bool
        [k, j, i]. Faces of the volume are no surface: there a body is cut, it does not end.
    spacing : tuple of float
        mm along (i, j, k).
    seen : numpy.ndarray of bool, optional
        [k, j, i]: where both are known. Beyond it, too, a body is cut and does not end.
    """
    within = np.ones(made.shape, dtype=np.bool_) if seen is None else seen
    made, real = made & within, real & within
    edges = [
        mask & ~ndimage.binary_erosion(mask | ~within, border_value=1) for mask in (made, real)
    ]
    if not edges[0].any() or not edges[1].any():
        if made.any() and np.array_equal(made, real):
            return SurfaceDistance(0.0, 0.0, 0.0)
        return UNDEFINED
    points = [np.argwhere(edge) for edge in edges]
    scale = np.asarray(spacing[::-1])
    trees = [cKDTree(one * scale) for one in points]
    far = [trees[1 - n].query(points[n] * scale)[0] for n in (0, 1)]
    both = np.concatenate(far)
    signed = np.where(real[tuple(points[0].T)], -far[0], far[0])
    return SurfaceDistance(float(both.mean()), float(np.percentile(both, 95)), float(signed.mean()))


def surface_distance(a: Mask, b: Mask, spacing: tuple[float, float, float]) -> float:
    """Mean symmetric distance of two masks' surfaces in mm; NaN where one is empty."""
    return compare_surfaces(a, b, spacing).mean


def moved(made: Mask, real: Mask, spacing: tuple[float, float, float]) -> float:
    """Distance in mm between the centers of two masks; NaN where one is empty."""
    if not made.any() or not real.any():
        return float("nan")
    centers = [np.argwhere(mask).mean(axis=0) for mask in (made, real)]
    return float(np.linalg.norm((centers[0] - centers[1]) * np.asarray(spacing[::-1])))
