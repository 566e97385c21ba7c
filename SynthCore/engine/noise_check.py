"""How noisy a CT is, told beside its cleaned image: what dose that would be."""

from __future__ import annotations

import numpy as np

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.physics.ct_noise_level import noise_level
from SynthCore.request import Check

NAME = "noise"
ROUTINE_HU = 10.0
"""Noise of a routine abdomen CT of 5 mm, for a dose to compare with."""

SLICES = 2
"""Measured in so many, a third of the way from either end: more would only take time."""


def noise_check(image: Image) -> Check:
    """The noise in soft tissue and, from it, an estimate of the dose; it refuses nothing.

    At a fraction of the dose the variance of the noise is so many times larger.

    Parameters
    ----------
    image : Image
        CT, [k, j, i] with k along the patient.
    """
    depth = image.shape[0]
    chosen = np.unique(np.linspace(depth / 3, 2 * depth / 3, SLICES).astype(int).clip(0, depth - 1))
    try:
        level = noise_level(image.voxels[chosen], image.spacing[:2])
    except InputError:
        return Check(NAME, "pass", "There is too little soft tissue to measure the noise in.")
    share = (ROUTINE_HU / max(level, 0.1)) ** 2
    dose = (
        f"about {100 * share:.2g}% of a dose that has {ROUTINE_HU:g} HU"
        if share < 1
        else f"no more than the {ROUTINE_HU:g} HU of a routine dose"
    )
    return Check(NAME, "pass", f"The noise in soft tissue is {level:.0f} HU: {dose}.", level)
