"""A volume to time networks on: a limb-like body that fills half of the field of view."""

from __future__ import annotations

import numpy as np

from SynthCore.image import Image, make_affine
from SynthCore.tasks import CT_ROLES, unit_of

SHAPE = (64, 256, 256)


def body_phantom(role: str, shape: tuple[int, int, int] = SHAPE, seed: int = 0) -> Image:
    """An ellipse of tissue with fat, muscle, bone and noise; for timing, not for quality.

    Parameters
    ----------
    role : str
        CT and CBCT give HU, every other role arbitrary MR units.
    shape : tuple of int
        [k, j, i].
    seed : int
        Of the noise.
    """
    random = np.random.default_rng(seed)
    j, i = np.meshgrid(np.linspace(-1, 1, shape[1]), np.linspace(-1, 1, shape[2]), indexing="ij")
    radius = np.hypot(j / 0.85, i / 0.75)
    fat, muscle, bone, air = (-100, 50, 700, -1000) if role in CT_ROLES else (900, 400, 60, 0)
    plane = np.select([radius < 0.2, radius < 0.8, radius < 1], [bone, muscle, fat], air)
    noise = random.normal(0, 20, shape)
    voxels = np.where(radius < 1, plane + noise, plane + 0.2 * np.abs(noise))
    return Image(voxels.astype(np.float32), make_affine((1.0, 1.0, 3.0)), role, unit_of(role))
