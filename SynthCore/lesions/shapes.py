"""Shapes of lesions: how far a point lies from the center, in the lesion's own measure.

A shape is a gauge: positive, 0 at the center, growing along every ray. A lesion of a volume is what
lies below a threshold of it, so that a larger one contains every smaller one of the same shape. The
gauge is a length in mm; smooth random fields multiply it, and make outlines irregular at all sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from SynthCore.lesions.fields import Field, octaves
from SynthCore.lesions.grids import Grid
from SynthCore.lesions.wish import Point

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """One lesion or plaque.

    Attributes
    ----------
    center : tuple of float
        LPS mm.
    axes : tuple of tuple
        Three orthonormal directions.
    stretch : tuple of float
        Relative radii along them; their product is 1.
    radius_mm : float
        About its size: sets the grain of its outline, not its volume.
    ragged : float
        Standard deviation of the outline, relative.
    wedge : bool
        Whether it widens along its first axis, as a vessel's territory.
    spikes : float
        How far fine spikes reach out, relative.
    weight : float
        Its radius relative to others of the same lesion.
    seed : int
        Of its fields.
    """

    center: Point
    axes: tuple[Point, Point, Point]
    stretch: tuple[float, float, float]
    radius_mm: float
    ragged: float
    seed: int
    wedge: bool = False
    spikes: float = 0.0
    weight: float = 1.0

    def smooth_gauge(self, points: Floats) -> Floats:
        """The gauge without its random field: mm, at points [..., 3]."""
        away = points - np.asarray(self.center, dtype=np.float32)
        own = away @ np.asarray(self.axes, dtype=np.float32).T
        if not self.wedge:
            scaled = own / np.asarray(self.stretch, dtype=np.float32)
            return np.asarray(np.sqrt((scaled**2).sum(axis=-1)), dtype=np.float32)
        along = own[..., 0]
        across = np.hypot(own[..., 1] / self.stretch[1], own[..., 2] / self.stretch[2])
        # a cone from an apex 1.5 behind the center, cut 1.2 before it, with rounded edges
        side = (across / 0.62 - along) / 1.5
        front = along / 1.2
        ball = np.sqrt(along**2 + across**2) / 2.2
        total = np.maximum(side, 0) ** 5 + np.maximum(front, 0) ** 5 + ball**5
        return np.asarray(total**0.2, dtype=np.float32)

    def gauge(self, box: Grid) -> Floats:
        """The gauge on a box."""
        points = box.points()
        found = self.smooth_gauge(points)
        rough = octaves(self.seed, 0.8 * self.radius_mm, box, count=3)
        found = found * np.exp(np.float32(self.ragged) * np.clip(rough, -2.5, 2.5))
        if self.spikes:
            # along rays: the same for all points of one direction
            away = points - np.asarray(self.center, dtype=np.float32)
            length = np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), 1e-3)
            rays = away / length * np.float32(self.radius_mm)
            fine = Field(self.seed + 5, 0.22 * self.radius_mm)
            spike = np.clip(fine.at(rays) - 1.1, 0, 1.5)
            found = found / (1 + np.float32(self.spikes) * spike)
        return np.asarray(found / self.weight, dtype=np.float32)


def frame_along(direction: Point, rng: np.random.Generator) -> tuple[Point, Point, Point]:
    """Three orthonormal vectors, the first of them given."""
    first = np.asarray(direction, dtype=float)
    second = np.cross(first, rng.standard_normal(3))
    second /= max(float(np.linalg.norm(second)), 1e-9)
    return _point(first), _point(second), _point(np.cross(first, second))


def random_frame(rng: np.random.Generator) -> tuple[Point, Point, Point]:
    """Three orthonormal vectors of any direction."""
    first = rng.standard_normal(3)
    return frame_along(_point(first / np.linalg.norm(first)), rng)


def unit_stretch(values: tuple[float, float, float]) -> tuple[float, float, float]:
    """Relative radii whose product is 1."""
    size = float(np.prod(values)) ** (1 / 3)
    return values[0] / size, values[1] / size, values[2] / size


def _point(vector: npt.NDArray[np.float64]) -> Point:
    return float(vector[0]), float(vector[1]), float(vector[2])
