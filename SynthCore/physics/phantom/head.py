"""The whole head, put together from the outside in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from SynthCore.physics.phantom.bones import (
    paint_facial_bones,
    paint_skull,
    paint_temporal_bones,
)
from SynthCore.physics.phantom.canvas import Canvas
from SynthCore.physics.phantom.cavities import paint_cavities, paint_orbits
from SynthCore.physics.phantom.cerebellum import paint_cerebellum
from SynthCore.physics.phantom.cerebrum import paint_cerebrum
from SynthCore.physics.phantom.deep import paint_deep, paint_lower_brainstem
from SynthCore.physics.phantom.layers import Grid, Phantom
from SynthCore.physics.phantom.lesion import Lesion, displacement, paint_edema, paint_tumor
from SynthCore.physics.phantom.shapes import Field, Points
from SynthCore.physics.phantom.soft import paint_soft_tissue
from SynthCore.physics.phantom.surfaces import Surfaces, make_surfaces
from SynthCore.physics.phantom.vessels import paint_dura, paint_vessels

HEAD_GRID = Grid((204, 236, 180), 1.0, (-89.5, 116.0, -112.0))
"""One millimeter voxels from above the vertex to the lower jaw."""


def make_head(
    seed: int = 0, grid: Grid = HEAD_GRID, lesion: Lesion | None = None, healthy: bool = False
) -> Phantom:
    """Make a head.

    Parameters
    ----------
    seed : int
        Folding, asymmetry, roughness: another seed, another head.
    grid : Grid
        Where it is wanted.
    lesion : Lesion, optional
        The tumor; a default one where none is given.
    healthy : bool
        Leave the tumor out.

    Returns
    -------
    Phantom
        Layers of tissue; see `SynthCore.physics.tissues` for what they look like.
    """
    canvas = Canvas(grid, np.random.default_rng(np.random.SeedSequence(seed)))
    canvas.deform([1.1 * canvas.noise(38.0) for _ in range(3)])
    tumor = None if healthy else lesion or Lesion()
    if tumor is not None:
        shifts = (_shift(tumor, axis) for axis in range(3))
        canvas.deform([canvas.broadly(shift) for shift in shifts])
    surfaces = make_surfaces(canvas)
    outside: tuple[Callable[[Canvas, Surfaces], None], ...] = (
        paint_soft_tissue,
        paint_facial_bones,
        paint_skull,
        paint_temporal_bones,
        paint_cavities,
        paint_orbits,
    )
    for paint in outside:
        paint(canvas, surfaces)
    canvas.paint("csf", surfaces.cavity)
    paint_dura(canvas, surfaces)
    cerebrum = paint_cerebrum(canvas, surfaces)
    if tumor is not None:
        paint_edema(canvas, surfaces, cerebrum, tumor)
    inside: tuple[Callable[[Canvas, Surfaces], None], ...] = (
        paint_deep,
        paint_cerebellum,
        paint_lower_brainstem,
        paint_vessels,
    )
    for paint in inside:
        paint(canvas, surfaces)
    if tumor is not None:
        paint_tumor(canvas, surfaces, cerebrum, tumor)
    return canvas.phantom()


def _shift(lesion: Lesion, axis: int) -> Callable[[Points], Field]:
    return lambda points: displacement(lesion, points)[axis]
