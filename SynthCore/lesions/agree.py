"""Fills of several sequences made to tell of the same fluid.

Each sequence is filled alone, so one may continue a ventricle where another continues white matter.
T1, T1c, T2 and PD order white matter, gray matter and fluid in a row: a gray value is a place in
that row. What looks like fluid in one sequence and in another does not becomes gray matter, or what
lies between as far as they all see it. Within tissue the fills stay: a common place there made them
worse against the other hemisphere. FLAIR and DIR have no such order, and CT no such contrast.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.axes import toward_lps
from SynthCore.errors import SynthCoreError
from SynthCore.image import Image
from SynthCore.lesions.scene import make_scene
from SynthCore.lesions.wish import LesionWish

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Triple = tuple[float, float, float]

ORDERED = ("T1", "T1c", "T2", "PD")
LEVELS_MM = 40.0
"""Around the mask, in which levels of tissue are measured."""

_PLACES = (0.0, 1.0, 2.0)


def agree(
    images: Mapping[str, Image], fills: Mapping[str, Floats], wide: Mask
) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Fills that agree, and the roles that were brought together (none where it cannot be told).

    Parameters
    ----------
    images : mapping
        The real images by role.
    fills : mapping
        Of those, with the region filled: [k, j, i].
    wide : numpy.ndarray of bool
        The region on the first image's grid; roles on other grids keep their fill.
    """
    out = dict(fills)
    first = next(iter(images.values()))
    roles = [r for r in ORDERED if r in images and images[r].same_grid(first)]
    if len(roles) < 2:
        return out, ()
    # of the filled images: what lay in the region must not decide where tissue is
    levels = _levels({r: images[r].with_voxels(fills[r]) for r in roles}, wide)
    roles = [r for r in roles if r in levels]
    if len(roles) < 2:
        return out, ()
    places = {r: _place(fills[r][wide], levels[r]) for r in roles}
    least = np.maximum(1.0, np.min(list(places.values()), axis=0))
    for role in roles:
        moved = fills[role].copy()
        common = np.minimum(places[role], least)
        own, shared = (np.interp(p, _PLACES, levels[role]) for p in (places[role], common))
        moved[wide] += (shared - own).astype(np.float32)
        out[role] = moved
    return out, tuple(roles)


def _place(values: Floats, levels: Triple) -> npt.NDArray[np.float64]:
    """0 in white matter, 1 in gray matter, 2 in fluid, and between."""
    if levels[0] > levels[2]:
        return np.interp(-values, [-v for v in levels], _PLACES)
    return np.interp(values, levels, _PLACES)


def _levels(images: Mapping[str, Image], wide: Mask) -> dict[str, Triple]:
    """Medians of white matter, gray matter and fluid near the region, where they are in order."""
    first = next(iter(images.values()))
    try:
        scene = make_scene(images, LesionWish("glioma", 1.0))
    except SynthCoreError:  # no brain is seen: nothing is known of tissue
        return {}
    _, order = toward_lps(first)
    away = ndimage.distance_transform_edt(~wide, first.spacing[::-1])
    near = (away > 3) & (away < LEVELS_MM)
    found = {}
    for role, image in images.items():
        medians = []
        for share in (scene.white, scene.gray, scene.fluid):
            values = image.voxels[near & (order.back(share) > 0.85)]
            medians.append(float(np.median(values)) if values.size > 50 else float("nan"))
        steps = np.diff(medians)
        if np.isfinite(medians).all() and (np.all(steps > 0) or np.all(steps < 0)):
            found[role] = (medians[0], medians[1], medians[2])
    return found
