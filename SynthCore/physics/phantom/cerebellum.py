"""The cerebellum: hemispheres, vermis and tonsils with lobules and folia."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from SynthCore.physics.phantom.canvas import Canvas
from SynthCore.physics.phantom.cerebrum import behind_petrous, tentorium_height
from SynthCore.physics.phantom.shapes import Field
from SynthCore.physics.phantom.solids import blob, pipe
from SynthCore.physics.phantom.surfaces import Surfaces

_HULL = blob((25, -54, -30), (37, 36, 29)).plus(
    blob((0, -58, -22), (16, 27, 24)), blob((9, -45, -52), (7.5, 8.5, 9)), blend=5.0
)
_BOUNDS = ((-62.0, -96.0, -68.0), (62.0, -14.0, 8.0))
_PIVOT = (-36.0, -31.0)


def paint_cerebellum(canvas: Canvas, surfaces: Surfaces) -> None:
    """Paint cortex with folia, white matter branching into the lobules, dentate nuclei."""
    region = canvas.grid.region(*_BOUNDS)
    points = canvas.at(region)
    x, a, z = np.abs(points[0]), points[1], points[2]
    coarse, fine = surfaces.coarse[region], surfaces.fine[region]
    roof = z - (tentorium_height(x, a) - 1.0)
    hull = np.maximum(_HULL.distance((x, a, z)), surfaces.cavity[region] + 2.2)
    hull = np.maximum(hull, np.maximum(roof, -behind_petrous(x, a) + 2.0))
    falx = blob((0, -92, -42), (3.5, 20, 18)).plus(blob((0, -66, -62), (5, 16, 10)), blend=4.0)
    hull = np.maximum(hull, -falx.distance((x, a, z)))
    hull = ndimage.gaussian_filter(hull, 1.2 / canvas.grid.spacing_mm)
    sheet = _folia(x, a, z, hull, coarse, fine)
    depth = np.minimum(-hull, sheet)
    canvas.paint("gray matter", hull, region)
    canvas.paint("white matter", np.maximum(2.0 + 0.3 * fine - depth, hull), region)
    canvas.paint("csf", np.maximum(sheet - 0.32, hull), region)
    dentate = blob((14, -49, -34), (6.5, 8, 5.5), (2, 25))
    canvas.add("gray matter", dentate, both=True, bumps=1.2 * surfaces.fine, strength=0.75)
    inner = pipe([(13, -45, -34), (15, -52, -34)], [3.2, 4.4])
    canvas.add("white matter", inner, both=True, bumps=1.4 * surfaces.fine)


def _folia(x: Field, a: Field, z: Field, hull: Field, coarse: Field, fine: Field) -> Field:
    """Distance (mm) from the nearest fissure.

    Fissures are fans about an axis from left to right through the fourth ventricle, turning to the
    side in the hemispheres; lobules are parted by deep ones, folia by shallow ones.
    """
    back, up = _PIVOT[0] - a, z - _PIVOT[1]
    radius = np.sqrt(back**2 + up**2 + 1)
    around = np.arctan2(x - 10, np.maximum(back, 1)) * np.clip(x / 18, 0, 1)
    angle = np.arctan2(up, back) + 0.75 * around + 0.10 * coarse + 0.02 * fine
    lobule, folium = 0.36, 0.135
    deep = np.abs(angle / lobule - np.round(angle / lobule)) * lobule * radius
    shallow = np.abs(angle / folium - np.round(angle / folium)) * folium * radius
    depth = -hull
    deep = np.sqrt(deep**2 + np.maximum(depth - 13.5 - 2 * coarse, 0) ** 2)
    shallow = np.sqrt(shallow**2 + np.maximum(depth - 3.6, 0) ** 2)
    return np.asarray(np.minimum(deep, shallow))
