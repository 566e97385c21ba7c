"""The cerebrum: hemispheres, folded cortex, white matter.

Folding. The hemisphere's surface is smooth at first: skull, falx, tentorium and Sylvian fissure, a
margin of CSF inside each. Sulci are sheets that start on it and go straight in: the zero surfaces
of a winding random field (see `labyrinth`), read at the nearest point of the smooth surface, so
that they stand upright on it everywhere, down to a depth that varies. A few named sulci are drawn
into the field. Cortex is what lies within its thickness of any of these surfaces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from SynthCore.physics.phantom.canvas import Canvas
from SynthCore.physics.phantom.layers import Grid, Region
from SynthCore.physics.phantom.noise import labyrinth, smooth_noise
from SynthCore.physics.phantom.shapes import Field, Points, ellipsoid, union
from SynthCore.physics.phantom.solids import blob, pipe
from SynthCore.physics.phantom.surfaces import Surfaces

BOUNDS = ((-71.0, -96.0, -50.0), (71.0, 82.0, 80.0))

CALLOSUM = pipe(
    [(0, 22, -2), (0, 30, 1), (0, 34, 9), (0, 28, 19), (0, 12, 26), (0, -10, 28), (0, -28, 24),
     (0, -38, 16), (0, -36, 11)],
    [1.2, 2.0, 4.6, 3.4, 2.6, 2.3, 2.4, 4.4, 3.4],
    wide=(4.5, 1, 1),
)  # fmt: skip
"""Corpus callosum: an arch that is wide from side to side."""

_UNDER_ARCH = blob((0, -4, 4), (26, 34, 22))
_CORE = blob((0, -4, 6), (37, 42, 22))


@dataclass(frozen=True)
class Cerebrum:
    """What later parts need of the cerebrum, in its own region.

    Attributes
    ----------
    region : tuple of slice
        Where the fields lie in the grid.
    hull : numpy.ndarray
        Signed distance of the hemispheres with sulci filled in.
    depth : numpy.ndarray
        Distance (mm) of tissue from the nearest CSF.
    cortex : numpy.ndarray
        Thickness of the cortex (mm).
    """

    region: Region
    hull: Field
    depth: Field
    cortex: Field

    def outside_white(self) -> Field:
        """Signed distance of white matter."""
        return np.maximum(self.cortex - self.depth, self.hull)


def tentorium_height(x: Field, a: Field) -> Field:
    """Height z (mm) of the tentorium at (|x|, a)."""
    return 3.0 - 0.42 * x - 0.24 * np.maximum(-30 - a, 0)


def behind_petrous(x: Field, a: Field) -> Field:
    """How far (mm) a place lies behind the petrous ridge, where the tentorium begins."""
    return -9.0 - 0.54 * np.maximum(x - 17, 0) - a


def sylvian_height(a: Field) -> Field:
    """Height z (mm) of the Sylvian fissure."""
    return -3.0 - 0.40 * a


def paint_cerebrum(canvas: Canvas, surfaces: Surfaces) -> Cerebrum:
    """Paint hemispheres, cortex and sulci."""
    region = canvas.grid.region(*BOUNDS)
    points = canvas.at(region)
    coarse, fine = surfaces.coarse[region], surfaces.fine[region]
    hull = hemispheres(points, surfaces.cavity[region], coarse, fine)
    spacing = canvas.grid.spacing_mm
    hull = ndimage.gaussian_filter(hull, 0.9 / spacing)
    inside = hull < 0.5
    sheet, outward_depth = _sulci(canvas, region, points, hull, inside)
    # sulci gape where they open and close toward their bottom
    half_width = 0.40 + 1.1 * np.exp(-np.maximum(outward_depth, 0) / 2.0)
    half_width += 0.25 * np.clip(0.6 + 0.6 * coarse, 0, 2)
    csf = sheet - half_width
    depth = np.minimum(-hull, csf)
    cortex = 2.7 + 0.25 * coarse + 0.15 * fine
    arch = np.minimum(CALLOSUM.distance(points), _UNDER_ARCH.distance(points))
    canvas.paint("gray matter", hull, region)
    white = np.minimum(cortex - depth, arch + 0.5)
    canvas.paint("white matter", np.maximum(white, hull), region)
    canvas.paint("csf", np.maximum(csf, hull), region)
    depth = np.maximum(depth, np.minimum(-arch + 3.0, -hull))
    return Cerebrum(region, hull, depth, cortex)


def hemispheres(points: Points, cavity: Field, coarse: Field, fine: Field) -> Field:
    """Signed distance of both hemispheres without sulci."""
    x, a, z = np.abs(points[0]), points[1], points[2]
    gap = 1.4 + 0.4 * coarse + 0.7 * np.clip((z - 40) / 40, 0, 1)
    outer = cavity + gap
    below = np.maximum(z - (tentorium_height(x, a) + 1.0), -behind_petrous(x, a) - 2.0)
    cistern = ellipsoid((x, a, z), (0, 2, -24), (17.5, 25, 13))
    stem = pipe([(0, -17, -7), (0, -17, -45)], [17, 21], wide=(1.0, 0.95, 1)).distance((x, a, z))
    midline = np.abs(points[0] + 0.8 * coarse)
    fissure = midline - (0.75 + 0.4 * np.clip(fine, -1, 1))
    arch = np.minimum(CALLOSUM.distance(points), _UNDER_ARCH.distance(points))
    fissure = np.maximum(fissure, -arch)
    rise = z - sylvian_height(a) - 1.5 * coarse
    opening = 0.7 + 0.9 * np.clip((x - 50) / 12, 0, 1) + 0.3 * fine
    lateral = np.maximum(np.abs(rise) - opening, 40 - x)
    lateral = np.maximum(lateral, np.abs(a + 3) - 34)
    face = np.sqrt(((a - 2) / 24) ** 2 + (rise / 15) ** 2)
    insula = np.maximum(np.abs(x - 40.0 + 0.6 * coarse) - 0.8, (face - 1) * 15)
    stem_of_sylvian = pipe([(18, 16, -14), (32, 22, -13), (42, 24, -12)], 2.2).distance((x, a, z))
    removed = [below, cistern, stem, fissure, lateral, insula, stem_of_sylvian]
    return np.maximum(outer, -union(*removed))


def _sulci(
    canvas: Canvas, region: Region, points: Points, hull: Field, inside: Field
) -> tuple[Field, Field]:
    """Distance (mm) from the nearest sulcal sheet, and depth under the smooth surface."""
    spacing = canvas.grid.spacing_mm
    # smoothed so much that it shrinks to nothing where opposite walls meet: sheets bend, not tear
    smooth = ndimage.gaussian_filter(hull, 4.5 / spacing)
    gradient = np.gradient(smooth, spacing)  # along z, -a, x
    norm = np.maximum(np.sqrt(sum(g * g for g in gradient)), np.float32(0.75))
    depth = -hull
    reach = np.clip(depth, 0, 20)[inside]
    noise = [_local_noise(canvas, region, 11.0) for _ in range(2)]
    normal = [(g / norm)[inside] for g in gradient]
    surface = [
        points[0][inside] + normal[2] * reach + 0.10 * reach * noise[0][inside],
        points[1][inside] - normal[1] * reach + 0.10 * reach * noise[1][inside],
        points[2][inside] + normal[0] * reach,
    ]
    pattern = np.full(hull.shape, 3.0, dtype=np.float32)
    pattern[inside] = _pattern_at(canvas, surface)
    slope = np.sqrt(sum(g * g for g in np.gradient(pattern, spacing)))
    distance = np.abs(pattern) / np.maximum(slope, 0.16)
    bottom = 16.5 + 3.5 * _local_noise(canvas, region, 20.0)
    bottom = np.clip(bottom, 9.0, 22.0)
    x = np.abs(points[0])
    medial = np.clip((9.0 - np.abs(x - depth)) / 4, 0, 1) * np.clip((18 - x) / 3, 0, 1)
    bottom -= np.maximum(bottom - 8.5 - 2.5 * noise[1], 0) * medial  # shallow toward the falx
    core = _CORE.distance(points)
    beyond = np.maximum(depth - bottom, 0)
    near_core = np.maximum(4.0 - core, 0)
    torn = 12.0 * np.maximum(slope - 0.75, 0)  # steeper than the field ever is by itself
    sheet = np.sqrt(np.clip(distance, 0, 20) ** 2 + beyond**2 + near_core**2) + torn
    return np.where(inside, sheet, np.float32(9.0)), depth


def _pattern_at(canvas: Canvas, surface: list[Field]) -> Field:
    """The winding field at points near the hemisphere's surface, named sulci drawn in."""
    step = 2.0
    grid = Grid((76, 100, 82), step, (-81.0, 99.0, -60.0))
    field = labyrinth(grid.shape, step, 20.0, canvas.random)
    right = surface[0] < 0  # the right is not the left's mirror image across the fissure
    index = [
        (surface[2] - grid.origin[2] + np.where(right, 9.0, 0.0)) / step,
        (grid.origin[1] - surface[1] + np.where(right, 13.0, 0.0)) / step,
        (surface[0] - grid.origin[0]) / step,
    ]
    value = ndimage.map_coordinates(field, index, order=1, mode="grid-wrap")
    x, a, z = np.abs(surface[0]), surface[1], surface[2]
    wave = ndimage.map_coordinates(field, [i + 7 for i in index], order=1, mode="grid-wrap")
    upper = np.clip((z - 14) / 8, 0, 1)
    # central sulcus: from the midline behind the vertex down and forward to the Sylvian fissure
    central = a - (-30 + 0.62 * x + 2.0 * wave)
    value = _drawn(value, central, upper * np.clip((x - 4) / 6, 0, 1))
    # cingulate sulcus: follows the callosum
    arch = CALLOSUM.distance((0 * x, a, z)) - 11.5 - 2.2 * wave
    value = _drawn(value, arch, np.clip((9 - x) / 4, 0, 1) * np.clip((z + 4) / 8, 0, 1))
    # calcarine and parieto-occipital sulci
    medial = np.clip((10 - x) / 4, 0, 1) * np.clip((-42 - a) / 6, 0, 1)
    value = _drawn(value, z - (2 + 0.5 * wave - 0.10 * (a + 60)), medial)
    occipital = a - (-58 - 0.45 * (z - 5) + 1.0 * wave)
    return _drawn(value, occipital, medial * np.clip((z - 6) / 6, 0, 1))


def _drawn(value: Field, distance: Field, where: Field) -> Field:
    """Draw a sheet at distance 0 into a field, letting the field be beyond 9 mm."""
    share = where * np.clip((9.0 - np.abs(distance)) / 4.0, 0, 1)
    return value + share * (0.27 * distance - value)


def _local_noise(canvas: Canvas, region: Region, scale_mm: float) -> Field:
    shape = tuple(len(range(*s.indices(n))) for s, n in zip(region, canvas.grid.shape, strict=True))
    return smooth_noise(
        (shape[0], shape[1], shape[2]), canvas.grid.spacing_mm, scale_mm, canvas.random
    )
