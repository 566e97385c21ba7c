"""Sides and lobes of a brain by straight lines in the coordinates of the proportional grid.

The lines run along the central sulcus, the Sylvian fissure, the parieto-occipital sulcus and the
tentorium, as they lie in the atlas of Talairach and Tournoux (1988). A lobe is what lies between
its lines: a rule of proportions and no segmentation, wrong by a gyrus near its borders.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from SynthCore.lesions.grids import Floats

Mask = npt.NDArray[np.bool_]

NAMES = ("other", "frontal", "temporal", "parietal", "occipital", "deep", "cerebellum")
"""By the numbers of `region_numbers`; other: brainstem."""

USUAL_ML = {"frontal": 240.0, "temporal": 140.0, "parietal": 155.0, "occipital": 70.0,
            "deep": 52.0, "cerebellum": 56.0}  # fmt: skip
"""Of one side of a brain as large as the atlas', by this rule: what two brains without their skull
agree upon within 10%."""


def region_numbers(coordinates: Floats) -> npt.NDArray[np.uint8]:
    """The number in `NAMES` of points [..., 3] in mm of the atlas (right, front, up)."""
    aside = np.abs(coordinates[..., 0])
    front, up = coordinates[..., 1], coordinates[..., 2]
    central = -2 - 0.3 * (up - 10) - 0.38 * np.maximum(45 - aside, 0)
    out = np.where(front > central, NAMES.index("frontal"), NAMES.index("parietal"))
    # the Sylvian fissure rises backward; toward the middle the temporal lobe lies below the deep
    # gray matter
    sylvian = np.minimum(-6 + 0.5 * (10 - front), 18.0)
    inner = np.where(front > -33, np.minimum(sylvian, -6.0), 8.0)
    ceiling = np.where(aside > 36, sylvian, inner)
    # before the commissure the gyrus rectus lies between the temporal poles
    temporal = (up < ceiling) & (front < 22) & ((front < 2) | (aside > 16))
    out[temporal] = NAMES.index("temporal")
    out[front < -60 - 0.6 * np.maximum(up - 8, 0)] = NAMES.index("occipital")
    deep = (aside < 34) & (front > -33) & (front < 22) & (up > -8) & (up < 20)
    out[deep] = NAMES.index("deep")
    out[is_cerebellum(coordinates)] = NAMES.index("cerebellum")
    out[is_brainstem(coordinates)] = 0
    return np.asarray(out, dtype=np.uint8)


def is_cerebellum(coordinates: Floats) -> Mask:
    """Whether points lie below the tentorium, which slopes from the middle to the sides."""
    aside = np.abs(coordinates[..., 0])
    front, up = coordinates[..., 1], coordinates[..., 2]
    tentorium = -12 - 0.35 * np.maximum(aside - 10, 0)
    return np.asarray((up < tentorium) & (front < -38) & (aside < 56))


def is_brainstem(coordinates: Floats) -> Mask:
    """Whether points lie in the midbrain, the pons or below."""
    aside = np.abs(coordinates[..., 0])
    front, up = coordinates[..., 1], coordinates[..., 2]
    return np.asarray((up < -8) & (aside < 16) & (front < -12) & (front >= -38))


def is_hindbrain(coordinates: Floats) -> Mask:
    """Whether points lie in brainstem or cerebellum, or below both."""
    return is_cerebellum(coordinates) | is_brainstem(coordinates) | (coordinates[..., 2] < -46)
