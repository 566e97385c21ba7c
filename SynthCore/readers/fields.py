"""Where the images of a case are shown: at one place, and of one size.

A synthetic CT lies on the grid of its MR, and the real CT on its own, larger one: shown whole, the
size alone would tell them apart. So the images of a case are shown about the middle of what they
share in the patient's space, and nothing beyond what they share.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from SynthCore.image import Image, corner_points
from SynthCore.quality.orientation import PlaneName
from SynthCore.readers.frames import Field, place_in, shape_of
from SynthCore.readers.table import Entry, Point


def grid_only(image: Image) -> Image:
    """The image's grid without its voxels."""
    return Image(np.broadcast_to(np.uint8(0), image.shape), image.affine)


def centers_of(entries: Sequence[Entry], grids: Sequence[Image]) -> list[Point | None]:
    """The middle of what is shown of each image, LPS mm.

    The table's; else, where a case has several images that overlap, the middle of the box they
    share; else nothing, which is the image's own middle.
    """
    found: list[Point | None] = []
    for entry in entries:
        own = [g for e, g in zip(entries, grids, strict=True) if e.case == entry.case]
        found.append(entry.center or (_middle_of_shared(own) if len(own) > 1 else None))
    return found


def fields_of(
    entries: Sequence[Entry],
    grids: Sequence[Image],
    centers: Sequence[Point | None],
    plane: PlaneName,
) -> list[Field]:
    """Of each image, what all images of its case show about its center: mm along the stack."""
    reach = [_reach(grid, center, plane) for grid, center in zip(grids, centers, strict=True)]
    found = []
    for entry in entries:
        own = [r for e, r in zip(entries, reach, strict=True) if e.case == entry.case]
        low = np.min(own, axis=0)
        found.append((float(low[0]), float(low[1]), float(low[2])))
    return found


def _middle_of_shared(grids: Sequence[Image]) -> Point | None:
    corners = [corner_points(grid.shape, grid.affine) for grid in grids]
    low = np.max([points.min(axis=0) for points in corners], axis=0)
    high = np.min([points.max(axis=0) for points in corners], axis=0)
    if np.any(low > high):
        return None
    x, y, z = (float(v) for v in (low + high) / 2)
    return x, y, z


def _reach(grid: Image, center: Point | None, plane: PlaneName) -> Field:
    """Twice the distance to the nearer edge, along slices, rows and columns; never negative."""
    shape = shape_of(grid, plane)
    if center is None:
        sizes = [n * size for n, size in zip(shape.counts, shape.spacing, strict=True)]
    else:
        at = place_in(grid, plane, center)
        sizes = [
            2 * max(min(a + 0.5, n - 0.5 - a), 0.0) * size
            for a, n, size in zip(at, shape.counts, shape.spacing, strict=True)
        ]
    return sizes[0], sizes[1], sizes[2]
