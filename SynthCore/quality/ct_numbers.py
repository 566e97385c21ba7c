"""CT numbers by tissue: what is there, whether it is plausible, and the signed error of each.

Tissues are ranges of the CT number. They meet without a gap, so that every voxel belongs to one:

========  ==================  ==========================================================
air       below -200 HU       gas, lung, and what a partial volume leaves of them
fat       -200 to -30 HU      adipose tissue is measured from -190 to -30 HU
soft      -30 to 200 HU       muscle is measured from -29 to 150 HU; organs, blood, fluid
bone      above 200 HU        as bone is outlined for bone Dice; trabecular bone lies lower
========  ==================  ==========================================================

The validation of the extremity models takes fat and soft together as soft tissue, -200 to 200 HU.

References
----------
Aubrey et al., Acta Physiologica 210, 489 (2014): adipose tissue -190 to -30, muscle -29 to 150.
Schneider, Bortfeld, Schlegel, Phys. Med. Biol. 45, 459 (2000): CT numbers of body tissues.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.quality.intensity import error_in

Voxels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Tissue:
    """A range of CT numbers in HU, ``low`` included, ``high`` not.

    `plausible` is where the median of that tissue lies in a patient, in HU.
    """

    name: str
    title: str
    low: float
    high: float
    plausible: tuple[float, float]


TISSUES = (
    Tissue("air", "Air", -math.inf, -200.0, (-1024.0, -200.0)),
    Tissue("fat", "Fat", -200.0, -30.0, (-130.0, -60.0)),
    Tissue("soft_tissue", "Soft tissue", -30.0, 200.0, (0.0, 100.0)),
    Tissue("bone", "Bone", 200.0, math.inf, (220.0, 1500.0)),
)
"""Air to bone. Plausible medians of fat and soft tissue are those of Schneider 2000 with room for
tube voltage, contrast agent and noise; bone is anything from trabecular to cortical. Air is
anything, too: where the body holds no gas, all of it is partial volume of the skin."""

BONE_HU = 200.0
"""Above it is bone, as in the tissues."""


LOWEST_HU, HIGHEST_HU = -150.0, 50.0
"""What CT numbers of a patient reach at least: fat or air, and soft tissue."""


def reach_hu(low: float, high: float) -> bool:
    """Whether values from `low` to `high` may be CT numbers of a patient."""
    return low <= LOWEST_HU and high >= HIGHEST_HU


@dataclass(frozen=True)
class TissueError:
    """Error of the voxels that are of one tissue in the reference, in HU."""

    tissue: Tissue
    voxels: int
    mae: float
    me: float


@dataclass(frozen=True)
class TissueShare:
    """How much of an image is one tissue, its median in HU, and whether that is plausible."""

    tissue: Tissue
    voxels: int
    share: float
    median: float
    plausible: bool


def in_tissue(voxels: Voxels, tissue: Tissue) -> Mask:
    """Mask of the voxels whose CT number lies in the tissue's range."""
    return np.asarray((voxels >= tissue.low) & (voxels < tissue.high))


def tissue_errors(synthetic: Voxels, reference: Voxels, mask: Mask) -> tuple[TissueError, ...]:
    """Mean absolute and mean signed error by the reference's tissue, inside a mask.

    Classes come from the reference, so that the tissue is where it truly is; noise in the
    reference then moves voxels between neighboring classes and pulls the error of a perfect,
    noise-free image toward the class: read fat and soft tissue together on noisy data.

    Parameters
    ----------
    synthetic, reference : numpy.ndarray
        One shape, HU.
    mask : numpy.ndarray of bool
        The same shape.

    Returns
    -------
    tuple of TissueError
        Tissues without a voxel are left out.
    """
    values, errors = reference[mask], error_in(synthetic, reference, mask)
    found = []
    for tissue in TISSUES:
        here = errors[in_tissue(values, tissue)]
        if here.size:
            found.append(
                TissueError(tissue, here.size, float(np.abs(here).mean()), float(here.mean()))
            )
    return tuple(found)


def tissue_shares(voxels: Voxels, mask: Mask) -> tuple[TissueShare, ...]:
    """Share and median of each tissue inside a mask; tissues without a voxel are left out."""
    values = voxels[mask]
    found = []
    for tissue in TISSUES:
        here = values[in_tissue(values, tissue)]
        if here.size:
            median = float(np.median(here))
            low, high = tissue.plausible
            found.append(
                TissueShare(
                    tissue, here.size, here.size / values.size, median, low <= median <= high
                )
            )
    return tuple(found)


def as_metrics(errors: tuple[TissueError, ...]) -> Mapping[str, float]:
    """Flatten the table: ``mae_bone_hu``, ``me_bone_hu`` and so on."""
    flat: dict[str, float] = {}
    for error in errors:
        flat[f"mae_{error.tissue.name}_hu"] = error.mae
        flat[f"me_{error.tissue.name}_hu"] = error.me
    return flat
