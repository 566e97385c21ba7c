"""How noisy a CT is, what dose that stands for, and how much of the noise to take for it."""

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

DOSES = (0.05, 0.5)
"""Between these a dose is estimated for the share of the noise that is taken."""

UNKNOWN_SHARE = 0.825
"""Where the noise cannot be measured: between a quarter and a tenth of the dose."""


def measured(image: Image) -> float | None:
    """Noise (HU) in the soft tissue of a CT [k, j, i], None where there is too little of it."""
    depth = image.shape[0]
    chosen = np.unique(np.linspace(depth / 3, 2 * depth / 3, SLICES).astype(int).clip(0, depth - 1))
    try:
        return noise_level(image.voxels[chosen], image.spacing[:2])
    except InputError:
        return None


def dose_of(level: float, full: float = ROUTINE_HU) -> float:
    """The fraction of a dose whose noise is `full`: its variance is inversely proportional."""
    return (full / max(level, 0.1)) ** 2


def share_taken(image: Image, full: float) -> float:
    """Share of a CT's noise to take away so that it comes nearest to its full dose.

    The full dose has noise itself. At dose fraction a, the noise's variance is 1 / a of the full
    dose's, and the best linear estimate of the full dose takes the share 1 - a of it.

    Parameters
    ----------
    image : Image
        CT, [k, j, i] with k along the patient.
    full : float
        Noise of the full dose in soft tissue, HU.
    """
    level = measured(image)
    if level is None:
        return UNKNOWN_SHARE
    return 1.0 - float(np.clip(dose_of(level, full), *DOSES))


def noise_check(image: Image) -> Check:
    """The noise in soft tissue and, from it, an estimate of the dose; it refuses nothing."""
    level = measured(image)
    if level is None:
        return Check(NAME, "pass", "There is too little soft tissue to measure the noise in.")
    if level == 0:
        return Check(
            NAME,
            "warn",
            "In soft tissue all voxels around one are alike: there is no noise to take away. Was "
            "the CT image filled in, simulated or smoothed?",
            level,
        )
    share = dose_of(level)
    dose = (
        f"about {100 * share:.2g}% of a dose that has {ROUTINE_HU:g} HU"
        if share < 1
        else f"no more than the {ROUTINE_HU:g} HU of a routine dose"
    )
    return Check(NAME, "pass", f"The noise in soft tissue is {level:.0f} HU: {dose}.", level)
