"""Mass effect: a smooth map that pushes tissue away from a lesion, and nothing beyond its reach.

A point at the distance r from the center shows what lay at ``r - u(r)`` before: u grows linearly to
its largest value at the lesion's border and falls smoothly to 0 at the reach, and to 0 at the
organ's outline, so that bone and skin stay. Where the Jacobian would fall below `LEAST_JACOBIAN`
all of it is made smaller: the map never folds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from SynthCore.lesions.grids import sample
from SynthCore.lesions.scene import Scene
from SynthCore.lesions.shapes import Shape

Floats = npt.NDArray[np.float32]

LEAST_JACOBIAN = 0.25
_FADE_MM = 12.0
_NOTHING_MM = 0.01


@dataclass(frozen=True)
class Displacement:
    """The map of one lesion.

    Attributes
    ----------
    radius_mm : float
        Of the lesion.
    size_mm : float
        Largest displacement; 0 for none.
    reach_mm : float
        From the center; nothing moves beyond.
    """

    scene: Scene = field(repr=False)
    shape: Shape = field(repr=False)
    radius_mm: float
    size_mm: float
    reach_mm: float

    def at(self, points: Floats) -> Floats:
        """What to subtract from points [..., 3] to find where their tissue was, mm."""
        if self.size_mm <= _NOTHING_MM:
            return np.zeros_like(points)
        away = points - np.asarray(self.shape.center, dtype=np.float32)
        distance = np.linalg.norm(away, axis=-1)
        gauge = distance if self.shape.wedge else self.shape.smooth_gauge(points)
        inner = gauge / self.radius_mm
        outer = np.clip((gauge - self.radius_mm) / (self.reach_mm - self.radius_mm), 0, 1)
        size = np.where(inner < 1, inner, (1 - outer) ** 2 * (1 + 2 * outer))
        depth = sample(self.scene.depth, self.scene.grid, points)
        edge = np.clip(depth / max(_FADE_MM, 4 * self.size_mm), 0, 1)
        size = size * edge**2 * (3 - 2 * edge) * self.size_mm
        size[size < _NOTHING_MM] = 0
        unit = away / np.maximum(distance, 1e-3)[..., None]
        return np.asarray(unit * size[..., None], dtype=np.float32)


def make_displacement(
    scene: Scene, shape: Shape, radius_mm: float, share: float
) -> tuple[Displacement, float]:
    """The displacement of a lesion by a share of its radius, and its least Jacobian.

    Parameters
    ----------
    scene : Scene
        Whose organ stays in its outline.
    shape : Shape
        Gives center and elongation.
    radius_mm : float
        Of a ball of the lesion's volume.
    share : float
        Displacement at the border relative to the radius.
    """
    size = min(share, 0.7) * radius_mm
    made = Displacement(scene, shape, radius_mm, size, radius_mm + max(20.0, 4 * size))
    least = 1.0
    for _ in range(12):
        if made.size_mm <= _NOTHING_MM:
            return replace(made, size_mm=0.0), 1.0
        least = _least_jacobian(made)
        if least >= LEAST_JACOBIAN:
            return made, least
        made = replace(made, size_mm=0.75 * made.size_mm)
    return replace(made, size_mm=0.0), 1.0


def _least_jacobian(made: Displacement) -> float:
    step = max(1.5, made.reach_mm / 28)
    axis = np.arange(-made.reach_mm, made.reach_mm + step, step, dtype=np.float32)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    points = np.stack([x, y, z], axis=-1) + np.asarray(made.shape.center, dtype=np.float32)
    source = points - made.at(points)
    slopes = np.stack(
        [np.stack(np.gradient(source[..., c], step), axis=-1)[..., ::-1] for c in range(3)], axis=-2
    )
    return float(np.linalg.det(slopes).min())
