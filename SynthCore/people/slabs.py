"""A whole head made slab after slab, so that memory stays bounded, and without seams.

The generator computes the deformation and its wider random fields on a lattice that spans a window
from its first voxel to its last. Slabs of one height that share one slice have one lattice
together: each begins where the one before ended, at a knot. So neighbors agree in the slice they
share, and values go on across it as within a slab.
"""

from __future__ import annotations

import math
from dataclasses import fields

import torch

from SynthCore.people.grid import Grid
from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.person import Person, apply_person
from SynthCore.physics.generator.window import Window
from SynthCore.request import Progress

SLAB_VOXELS = 400_000
"""About what one slab holds: some 150 MB while it is made, and the fastest on one core."""


def slab_height(shape: tuple[int, int, int], voxels: int = SLAB_VOXELS) -> int:
    """Slices of a slab, the one shared with the next included; the same on every machine."""
    return max(3, min(shape[0], voxels // (shape[1] * shape[2])))


def make_maps(
    person: Person,
    anatomy: Anatomy,
    grid: Grid,
    progress: Progress | None = None,
    *,
    slab_voxels: int = SLAB_VOXELS,
) -> TissueMaps:
    """Make a person on a grid.

    Parameters
    ----------
    person : Person
        Drawn.
    anatomy : Anatomy
        What it is drawn on.
    grid : Grid
        The fine one is filled: `Grid.shape`.
    progress : callable, optional
        Told a fraction and a stage after every slab; it may raise to stop.
    slab_voxels : int
        About what one slab holds.
    """
    high = slab_height(grid.shape, slab_voxels)
    whole: dict[str, torch.Tensor] = {}
    count = max(1, math.ceil((grid.shape[0] - 1) / (high - 1)))
    for number in range(count):
        start = number * (high - 1)
        part = apply_person(person, anatomy, slab_window(grid, anatomy, start, high))
        kept = min(high, grid.shape[0] - start)
        for field in fields(part):
            values = getattr(part, field.name)
            if isinstance(values, torch.Tensor):
                if field.name not in whole:
                    whole[field.name] = torch.empty(grid.shape, dtype=values.dtype)
                whole[field.name][start : start + kept] = values[:kept]
        if progress is not None:
            progress((number + 1) / count, "person")
    return TissueMaps(spacing=grid.spacing, field_t=person.field_t, **whole)


def slab_window(grid: Grid, anatomy: Anatomy, start: int, high: int) -> Window:
    """The window of a slab that begins at a slice of the grid; it may reach beyond the last."""
    k, j, i = grid.center
    up = (start + (high - 1) / 2 - (grid.shape[0] - 1) / 2) * grid.spacing[0]
    return Window((k + up / anatomy.spacing[0], j, i), (high, *grid.shape[1:]), grid.spacing)
