"""A ring-enhancing tumor with a necrotic center and edema of the white matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SynthCore.physics.phantom.canvas import Canvas
from SynthCore.physics.phantom.cerebrum import Cerebrum
from SynthCore.physics.phantom.shapes import Field, Points, Triple
from SynthCore.physics.phantom.surfaces import Surfaces


@dataclass(frozen=True)
class Lesion:
    """Where the tumor lies and how large it is.

    Attributes
    ----------
    center : tuple of float
        (x, a, z); negative x is the patient's right.
    radius : float
        Outer radius of the enhancing ring, mm.
    ring : float
        Its thickness, mm.
    edema : float
        How far edema reaches beyond the ring, mm.
    push : float
        Largest displacement of the surrounding brain, mm.
    """

    center: Triple = (-33.0, -12.0, 31.0)
    radius: float = 13.0
    ring: float = 3.6
    edema: float = 19.0
    push: float = 4.0


def displacement(lesion: Lesion, points: Points) -> tuple[Field, Field, Field]:
    """Shifts (x, a, z) that make the brain give way around the tumor, none at the skull."""
    offset = [p - np.float32(c) for p, c in zip(points, lesion.center, strict=True)]
    distance = np.sqrt(sum(o * o for o in offset)) + np.float32(1e-3)
    inside = 1 - (points[0] / 66) ** 2 - ((points[1] + 7) / 84) ** 2 - ((points[2] - 6) / 69) ** 2
    size = lesion.push * np.exp(-((distance / 38) ** 2)) * np.clip(distance / lesion.radius, 0, 1)
    factor = -size * np.clip(2.5 * inside, 0, 1) / distance
    return factor * offset[0], factor * offset[1], factor * offset[2]


def paint_edema(canvas: Canvas, surfaces: Surfaces, cerebrum: Cerebrum, lesion: Lesion) -> None:
    """Paint edema into the white matter; before the deep structures, which it spares."""
    region = cerebrum.region
    distance = _from_center(canvas.at(region), lesion)
    coarse, fine = surfaces.coarse[region], surfaces.fine[region]
    edema = distance - (lesion.radius + lesion.edema) + 7.0 * coarse + 1.5 * fine
    edema = np.maximum(edema, cerebrum.outside_white() + 0.3)
    canvas.paint("edema", edema, region, strength=0.92)


def paint_tumor(canvas: Canvas, surfaces: Surfaces, cerebrum: Cerebrum, lesion: Lesion) -> None:
    """Paint the enhancing ring and its necrotic center."""
    region = cerebrum.region
    coarse, fine = surfaces.coarse[region], surfaces.fine[region]
    outer = _from_center(canvas.at(region), lesion) - lesion.radius + 2.4 * coarse + 1.4 * fine
    canvas.paint("tumor", np.maximum(outer, cerebrum.hull + 1.0), region)
    center = outer + lesion.ring + 1.5 * coarse - 1.3 * fine
    canvas.paint("necrosis", center, region)


def _from_center(points: Points, lesion: Lesion) -> Field:
    square = sum((p - np.float32(c)) ** 2 for p, c in zip(points, lesion.center, strict=True))
    return np.asarray(np.sqrt(square))
