"""Where the parts of a head lie in a label map: eyes, ears, vault, veins, places for lesions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.physics.generator import labels as names
from SynthCore.physics.generator.distances import Bools, Triple, odd

PLACES = 4096
"""Voxels kept of each kind of tissue that lesions start from."""


def dural_sinuses(voxels: npt.NDArray[np.int16]) -> Bools:
    """Veins above the middle of the cerebellum: those between skull and brain."""
    veins: Bools = voxels == 514
    levels = np.flatnonzero(np.isin(voxels, names.CEREBELLUM).any(axis=(1, 2)))
    if levels.size:
        veins[: int(levels.mean())] = False
    return veins


def middle_of(mask: Bools, shape: tuple[int, ...]) -> Triple:
    """Center of mass, or the middle of the map where there is no such voxel."""
    if not mask.any():
        return (shape[0] / 2, shape[1] / 2, shape[2] / 2)
    k, j, i = (float(c) for c in ndimage.center_of_mass(mask))
    return k, j, i


def find_eyes(voxels: npt.NDArray[np.int16], spacing: Triple) -> tuple[Triple, ...]:
    """Centers of the eyeballs, two at most."""
    parts, count = ndimage.label(np.isin(voxels, names.EYES))
    found, volume = [], spacing[0] * spacing[1] * spacing[2]
    for number in range(1, count + 1):
        if int((parts == number).sum()) * volume > 1000:  # cubic mm; an eyeball has 6,500
            k, j, i = (float(c) for c in ndimage.center_of_mass(parts == number))
            found.append((k, j, i))
    return tuple(found[:2])


def find_ears(voxels: npt.NDArray[np.int16], spacing: Triple) -> tuple[Triple, ...]:
    """Temporal bones: 22 mm before the middle of the cerebellum, 42 mm to either side of it."""
    mask = np.isin(voxels, names.CEREBELLUM)
    if not mask.any():
        return ()
    k, j, i = (float(c) for c in ndimage.center_of_mass(mask))
    before, aside = 22.0 / spacing[1], 42.0 / spacing[2]
    return (k, j - before, i - aside), (k, j - before, i + aside)


def vault_level(voxels: npt.NDArray[np.int16], center: Triple, spacing: Triple) -> float:
    """Above the roofs of the orbits: 22 mm over the middle of the eyeballs, or of the cerebrum."""
    eyes = np.isin(voxels, names.EYES)
    if not eyes.any():
        return center[0]
    return float(ndimage.center_of_mass(eyes)[0]) + 22.0 / spacing[0]


def lesion_places(
    voxels: npt.NDArray[np.int16], spacing: Triple
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """White matter, white matter within 8 mm of a ventricle, gray matter; each thinned evenly."""
    white = np.isin(voxels, (2, 41))
    ventricle = np.isin(voxels, names.VENTRICLES)
    reach = [odd(16.0 / s) for s in spacing]
    near = white & (ndimage.uniform_filter(ventricle.astype(np.float32), reach) > 0.02)
    found = []
    for mask in (white, near if near.any() else white, np.isin(voxels, (3, 42))):
        places = np.argwhere(mask)
        every = max(1, len(places) // PLACES)
        found.append(places[::every].astype(np.int16))
    return found[0], found[1], found[2]
