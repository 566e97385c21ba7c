"""Are these CT numbers of a patient, in HU and not 1024 off, with air where nothing was seen?"""

from __future__ import annotations

import numpy as np

from SynthCore.image import Array
from SynthCore.physics.field_of_view import fillings, seen_by_scan
from SynthCore.quality.ct_numbers import HIGHEST_HU
from SynthCore.request import Check

AIR_HU = -800.0
"""Air lies at or below it, and so does what a CT is filled with where nothing was scanned."""

OFFSET = 1024
"""What files store is often so much above HU, and a rescale intercept takes it off."""

SHIFTED_HU = (850.0, 1200.0)
MOST_SHIFTED = 0.2
"""Fat and soft tissue lie in this range where the offset was not taken off, and hardly anything
else does. Of what is no air (above `NO_AIR_HU`) 3% at most in 27 real CT and 8% in blocks of 64
pixels of them, all bone; 31% or more in the same CT with the offset and air around."""

SHIFTED_AIR_HU = (-80.0, 130.0)
LEAST_SHIFTED_AIR = 0.01
"""Of what was scanned. Teflon, a dry skull or a jaw is as dense, and has air where it belongs."""

NO_AIR_HU = -300.0


def ct_check(name: str, role: str, voxels: Array) -> Check:
    """Check the numbers of a CT or a cone-beam CT, which are finite and not all the same."""
    low, high = float(np.min(voxels)), float(np.max(voxels))
    runs = f"The {role} image runs from {low:g} to {high:g}"
    if low >= 0 and high > OFFSET:
        return Check(
            name,
            "refuse",
            f"{runs}, with nothing below 0: it may be stored with an offset of {OFFSET} (apply the "
            "rescale intercept), or be an MR.",
            low,
            AIR_HU,
        )
    if low >= 0 or high < HIGHEST_HU:
        return Check(name, "refuse", f"{runs}: these are not CT numbers in HU.", low, AIR_HU)
    offset = _offset_check(name, role, voxels)
    if offset is not None and offset.outcome == "refuse":
        return offset
    filling = _filling(voxels)
    if filling is not None and low > AIR_HU:
        return Check(
            name,
            "refuse",
            f"{runs} without any air: these are not CT numbers in HU, or what was not scanned is "
            f"filled with {filling:g}; then fill it with -1000.",
            filling,
            AIR_HU,
        )
    if filling is not None:
        return Check(
            name,
            "refuse" if role == "CBCT" else "warn",
            f"Outside of what was scanned the {role} image is filled with {filling:g}, which "
            f"{'would be' if role == 'CBCT' else 'is'} taken for tissue: fill it with -1000.",
            filling,
            AIR_HU,
        )
    if low > AIR_HU:
        return Check(
            name,
            "warn",
            f"{runs}, and no air is seen: unless it was cut out from within the body, these are "
            "not CT numbers in HU.",
            low,
            AIR_HU,
        )
    return offset or Check(name, "pass", f"{runs}.", low)


def _offset_check(name: str, role: str, voxels: Array) -> Check | None:
    """Refuse or warn where much lies where soft tissue does with the offset; else nothing."""
    if (share := _shifted(voxels)) <= MOST_SHIFTED:
        return None
    return Check(
        name,
        "refuse" if _shifted_air(voxels) else "warn",
        f"In the {role} image {share:.0%} of what is not air lies at {SHIFTED_HU[0]:g} to "
        f"{SHIFTED_HU[1]:g} HU, where a patient has hardly anything: it seems to be stored "
        f"with an offset of {OFFSET}; apply the rescale intercept.",
        share,
        MOST_SHIFTED,
    )


def _shifted(voxels: Array) -> float:
    """Share of what is no air that lies where soft tissue does with the offset."""
    low, high = SHIFTED_HU
    shown = int(np.count_nonzero(voxels > NO_AIR_HU))
    return int(np.count_nonzero((voxels > low) & (voxels < high))) / max(shown, 1)


def _shifted_air(voxels: Array) -> bool:
    """Whether the air that was scanned lies at the offset, too, and none where air belongs."""
    scanned = voxels[seen_by_scan(voxels)]
    low, high = SHIFTED_AIR_HU
    shifted = float(np.mean((scanned > low) & (scanned < high)))
    return shifted > LEAST_SHIFTED_AIR > float(np.mean(scanned < NO_AIR_HU))


def _filling(voxels: Array) -> float | None:
    """The highest value that was filled in, if it is higher than air."""
    ends = voxels[np.ix_(*((0, n - 1) for n in voxels.shape))]
    if float(ends.max()) <= AIR_HU:  # nothing else begins at a corner
        return None
    found = max(fillings(voxels), default=AIR_HU)
    return found if found > AIR_HU else None
