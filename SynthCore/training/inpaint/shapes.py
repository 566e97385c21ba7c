"""Regions of the size and shape of tumors, and where in a head they are put.

A region is a ragged ellipsoid: a ball whose axes differ and whose surface follows a smooth random
field. Parameters are drawn apart from their use, in mm, so that a region is the same on any grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]
Triple = tuple[float, float, float]

FIELD = 10
"""Nodes of the random field along each axis of a region's box."""

DIAMETERS_MM = (5.0, 60.0)


@dataclass(frozen=True)
class Shape:
    """A region, drawn.

    Attributes
    ----------
    radii_mm : tuple of float
        Along (k, j, i) before it is turned.
    turn : float
        About k, radians.
    ragged : float
        How far the surface follows the field, relative to the radius.
    seed : int
        Of the field.
    """

    radii_mm: Triple
    turn: float
    ragged: float
    seed: int

    @property
    def reach_mm(self) -> float:
        """Half the side of a box that holds it."""
        return max(self.radii_mm) * (1 + self.ragged)


def draw_shape(rng: np.random.Generator, diameters_mm: tuple[float, float] = DIAMETERS_MM) -> Shape:
    """A region whose diameter, that of a ball of its size, lies about within these bounds."""
    diameter = float(rng.uniform(*np.sqrt(diameters_mm))) ** 2
    uneven = np.exp(rng.normal(0, 0.22, 3))
    uneven /= float(np.prod(uneven)) ** (1 / 3)
    k, j, i = (float(r) for r in diameter / 2 * uneven)
    return Shape(
        (k, j, i),
        float(rng.uniform(0, math.pi)),
        float(rng.uniform(0.1, 0.5)),
        int(rng.integers(2**31)),
    )


def apply_shape(shape: Shape, spacing: Triple) -> Mask:
    """The region in a box of its own, [k, j, i] with its center in the middle voxel.

    Parameters
    ----------
    shape : Shape
        As drawn.
    spacing : tuple of float
        mm along (k, j, i).
    """
    half = [math.ceil(shape.reach_mm / s) for s in spacing]
    k, j, i = np.meshgrid(
        *(np.arange(-n, n + 1) * s for n, s in zip(half, spacing, strict=True)), indexing="ij"
    )
    nodes = np.random.default_rng(shape.seed).standard_normal((FIELD,) * 3)
    nodes = ndimage.gaussian_filter(nodes, 1.2, mode="wrap")
    nodes /= nodes.std()
    # the field is fixed in mm, so that its grain is that of the region and not of the grid
    scale = (FIELD - 1) / (2 * shape.reach_mm)
    places = [(x + shape.reach_mm) * scale for x in (k, j, i)]
    field = ndimage.map_coordinates(nodes, places, order=1, mode="nearest")
    cos, sin = math.cos(shape.turn), math.sin(shape.turn)
    turned = (k, cos * j + sin * i, cos * i - sin * j)
    squares = [(x / r) ** 2 for x, r in zip(turned, shape.radii_mm, strict=True)]
    inside = np.sqrt(sum(squares)) < 1 + shape.ragged * np.clip(0.7 * field, -0.8, 1)
    inside[tuple(half)] = True
    parts, count = ndimage.label(inside)
    found: Mask = inside if count < 2 else parts == parts[tuple(half)]
    return found


def place(region: Mask, center: tuple[int, int, int], shape: tuple[int, ...]) -> Mask:
    """A region in its box put into a volume, cut off at the volume's edges."""
    out = np.zeros(shape, dtype=np.bool_)
    into, of = [], []
    for middle, size, n in zip(center, region.shape, shape, strict=True):
        first = middle - size // 2
        into.append(slice(max(first, 0), min(first + size, n)))
        of.append(
            slice(max(-first, 0), max(-first, 0) + max(0, min(first + size, n) - max(first, 0)))
        )
    out[tuple(into)] = region[tuple(of)]
    return out
