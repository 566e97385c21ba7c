"""Shapes as signed distances: negative inside, zero on the surface, millimeters near it.

Every function takes coordinate arrays of one shape (anything that broadcasts) and returns an array
of that shape, float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.floating[Any]]
Points = tuple[Field, Field, Field]
Triple = tuple[float, float, float]


def ellipsoid(points: Points, center: Triple, radii: Triple) -> Field:
    """Ellipsoid along the axes; the distance is exact to first order near the surface."""
    scaled = [
        (p - np.float32(c)) / np.float32(r) for p, c, r in zip(points, center, radii, strict=True)
    ]
    square = scaled[0] ** 2 + scaled[1] ** 2 + scaled[2] ** 2
    gradient = sum((s / np.float32(r)) ** 2 for s, r in zip(scaled, radii, strict=True))
    radius = np.sqrt(square)
    distance: Field = radius * (radius - 1) / np.sqrt(np.maximum(gradient, 1e-12))
    # the quotient has no meaning at the very center
    return np.where(radius < 0.3, np.float32((0.3 - 1) * min(radii)), distance)


def superellipsoid(points: Points, center: Triple, radii: Triple, power: float) -> Field:
    """Like `ellipsoid` with exponent `power` instead of 2: above 2 it is boxier."""
    total = sum(
        np.abs((p - np.float32(c)) / np.float32(r)) ** np.float32(power)
        for p, c, r in zip(points, center, radii, strict=True)
    )
    radius = np.asarray(total, dtype=np.float32) ** np.float32(1 / power)
    distance: Field = (radius - 1) * np.float32(min(radii))
    return distance


def segment(
    points: Points, start: Triple, end: Triple, radius: float, end_radius: float | None = None
) -> Field:
    """Capsule between two points, its radius changing evenly from one to the other."""
    axis = np.subtract(end, start).astype(np.float32)
    length = float(axis @ axis) or 1.0
    relative = [p - np.float32(s) for p, s in zip(points, start, strict=True)]
    along = sum(r * a for r, a in zip(relative, axis, strict=True)) / np.float32(length)
    along = np.clip(np.asarray(along, dtype=np.float32), 0, 1)
    square = sum((r - along * a) ** 2 for r, a in zip(relative, axis, strict=True))
    last = radius if end_radius is None else end_radius
    distance: Field = np.sqrt(square) - (np.float32(radius) + along * np.float32(last - radius))
    return distance


def tube(
    points: Points, path: Sequence[Triple], radii: Sequence[float], blend: float = 0.0
) -> Field:
    """Chain of capsules through the points of a path, with a radius at each."""
    pieces = [
        segment(points, a, b, ra, rb)
        for a, b, ra, rb in zip(path[:-1], path[1:], radii[:-1], radii[1:], strict=True)
    ]
    return union(*pieces, blend=blend)


def box(points: Points, center: Triple, half: Triple, rounding: float = 0.0) -> Field:
    """Box along the axes with rounded edges."""
    beyond = [
        np.abs(p - np.float32(c)) - np.float32(h - rounding)
        for p, c, h in zip(points, center, half, strict=True)
    ]
    outside = np.sqrt(sum(np.maximum(b, 0) ** 2 for b in beyond))
    inside = np.minimum(np.maximum(np.maximum(beyond[0], beyond[1]), beyond[2]), 0)
    distance: Field = outside + inside - np.float32(rounding)
    return distance


def union(*fields: Field, blend: float = 0.0) -> Field:
    """Union; with `blend` (mm) the seam is rounded off over about that distance."""
    result = fields[0]
    for field in fields[1:]:
        if blend > 0:
            share = np.maximum(np.float32(blend) - np.abs(result - field), 0) / np.float32(blend)
            result = np.minimum(result, field) - share * share * np.float32(blend / 4)
        else:
            result = np.minimum(result, field)
    return result


def intersection(*fields: Field, blend: float = 0.0) -> Field:
    """Intersection, the mirror of `union`."""
    return -union(*(-f for f in fields), blend=blend)


def turned(points: Points, center: Triple, axis: int, degrees: float) -> Points:
    """Coordinates turned about an axis through `center` (0: x, 1: a, 2: z), so that shapes tilt."""
    first, second = ((1, 2), (2, 0), (0, 1))[axis]
    cosine, sine = np.float32(np.cos(np.radians(degrees))), np.float32(np.sin(np.radians(degrees)))
    u, v = points[first] - np.float32(center[first]), points[second] - np.float32(center[second])
    result: list[Any] = list(points)
    result[first] = np.float32(center[first]) + cosine * u + sine * v
    result[second] = np.float32(center[second]) - sine * u + cosine * v
    return result[0], result[1], result[2]
