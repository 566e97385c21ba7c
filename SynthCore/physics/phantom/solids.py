"""Solids: shapes that know their bounds, so that anatomy can be written as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from SynthCore.physics.phantom import shapes
from SynthCore.physics.phantom.shapes import Field, Points, Triple


@dataclass(frozen=True)
class Solid:
    """A shape with its bounds.

    Attributes
    ----------
    distance : callable
        Signed distance of points, negative inside.
    low, high : tuple of float
        Corners (x, a, z) of a box that holds the solid.
    """

    distance: Callable[[Points], Field]
    low: Triple
    high: Triple

    def grown(self, mm: float) -> Solid:
        """The solid with `mm` more on every side (less where negative)."""
        return Solid(
            lambda p: self.distance(p) - np.float32(mm),
            _shifted(self.low, -max(mm, 0)),
            _shifted(self.high, max(mm, 0)),
        )

    def minus(self, *others: Solid, blend: float = 0.0) -> Solid:
        """What is left of the solid without the others."""
        return Solid(
            lambda p: shapes.intersection(
                self.distance(p), *(-o.distance(p) for o in others), blend=blend
            ),
            self.low,
            self.high,
        )

    def plus(self, *others: Solid, blend: float = 0.0) -> Solid:
        """All solids together, seams rounded over `blend` mm."""
        return Solid(
            lambda p: shapes.union(self.distance(p), *(o.distance(p) for o in others), blend=blend),
            _corner(np.min, [self.low, *(o.low for o in others)]),
            _corner(np.max, [self.high, *(o.high for o in others)]),
        )


def blob(center: Triple, radii: Triple, *turns: tuple[int, float]) -> Solid:
    """Ellipsoid; every turn is an axis (0: x, 1: a, 2: z) and degrees."""

    def distance(points: Points) -> Field:
        for axis, degrees in turns:
            points = shapes.turned(points, center, axis, degrees)
        return shapes.ellipsoid(points, center, radii)

    reach = (max(radii),) * 3 if turns else radii
    return Solid(distance, _sum(center, reach, -1), _sum(center, reach, 1))


def slab(center: Triple, half: Triple, rounding: float, *turns: tuple[int, float]) -> Solid:
    """Box with rounded edges, turned like a `blob`."""

    def distance(points: Points) -> Field:
        for axis, degrees in turns:
            points = shapes.turned(points, center, axis, degrees)
        return shapes.box(points, center, half, rounding)

    reach = (float(np.linalg.norm(half)),) * 3 if turns else half
    return Solid(distance, _sum(center, reach, -1), _sum(center, reach, 1))


def pipe(
    path: Sequence[Triple],
    radii: Sequence[float] | float,
    *,
    blend: float = 0.0,
    wide: Triple = (1.0, 1.0, 1.0),
) -> Solid:
    """Chain of capsules; `wide` stretches its cross-section along x, a or z.

    The stretch acts about the path's mean point, so that only paths that change little along a
    stretched axis keep their place.
    """
    points_of_path = np.asarray(path, dtype=float)
    sizes = [float(radii)] * len(path) if isinstance(radii, int | float) else list(radii)
    middle = points_of_path.mean(axis=0)
    scale = np.asarray(wide, dtype=float)
    squeezed = [tuple((p - middle) / scale) for p in points_of_path]

    def distance(points: Points) -> Field:
        local = tuple(
            (p - np.float32(m)) / np.float32(s)
            for p, m, s in zip(points, middle, scale, strict=True)
        )
        return shapes.tube(local, squeezed, sizes, blend)  # type: ignore[arg-type]

    reach = max(sizes) * scale
    low, high = points_of_path.min(axis=0) - reach, points_of_path.max(axis=0) + reach
    return Solid(distance, _triple(low), _triple(high))


def _triple(values: Sequence[float]) -> Triple:
    x, a, z = (float(v) for v in values)
    return x, a, z


def _shifted(corner: Triple, mm: float) -> Triple:
    return _triple([v + mm for v in corner])


def _sum(center: Triple, reach: Triple, sign: int) -> Triple:
    return _triple([c + sign * r for c, r in zip(center, reach, strict=True)])


def _corner(choose: Callable[..., Sequence[float]], corners: Sequence[Triple]) -> Triple:
    return _triple(choose(np.asarray(corners), axis=0))
