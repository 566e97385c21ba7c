"""Do all inputs show the same part of the patient? What one lacks, the model sees as air."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from SynthCore.image import Image
from SynthCore.request import Check
from SynthCore.tasks import CT_ROLES

POINTS = 48
"""Along each axis, at which the first input is looked at."""

SIGNAL, BODY_HU = 0.1, -300.0
"""Share of the 99th percentile from which an MR shows something, and CT number."""

ROUNDING = 1e-3
"""Of a voxel: fields of view that end alike do not differ by it."""

REFUSED_BELOW, WARNED_BELOW = 0.5, 0.95
"""Share of what the first input shows that the other one has to cover. With a fifth of it, a
network gave a worse FLAIR than without the other sequence."""


def check_coverage(inputs: Mapping[str, Image]) -> tuple[Check, ...]:
    """Whether inputs on other grids cover what the first one shows.

    Parameters
    ----------
    inputs : mapping
        By role; the first is the one whose grid the result has.

    Returns
    -------
    tuple of Check
        One of each input that lies on another grid; none of the others.
    """
    (first_role, first), *others = inputs.items()
    found = []
    for role, image in others:
        if first.same_grid(image):
            continue
        share = covered(first, image)
        enough = share >= WARNED_BELOW
        far = share < REFUSED_BELOW
        told = f"{role} covers {share:.0%} of what {first_role} shows"
        advice = f"give images of the same part of the body, or leave {role} out"
        found.append(
            Check(
                f"coverage of {role}",
                "refuse" if far else "pass" if enough else "warn",
                f"{told}." if enough else f"{told}, and the model sees air beyond: {advice}.",
                round(share, 3),
                REFUSED_BELOW if far else WARNED_BELOW,
            )
        )
    return tuple(found)


def covered(first: Image, other: Image) -> float:
    """Share of what an image shows that lies within another one's field of view, 0 to 1."""
    steps = [max(1, n // POINTS) for n in first.shape]
    some = first.voxels[tuple(slice(step // 2, None, step) for step in steps)]
    if first.modality in CT_ROLES:
        shown = some > BODY_HU
    else:
        shown = some > SIGNAL * float(np.percentile(some, 99))
    if not shown.any():
        shown = np.ones(some.shape, dtype=np.bool_)
    at = np.argwhere(shown) * steps + [step // 2 for step in steps]
    points = at[:, ::-1] @ first.affine[:3, :3].T + first.affine[:3, 3]
    inverse = np.linalg.inv(other.affine)
    voxels = points @ inverse[:3, :3].T + inverse[:3, 3]
    ends = np.array(other.shape[::-1]) - 0.5
    within = (voxels >= -0.5 - ROUNDING) & (voxels <= ends + ROUNDING)
    return float(np.mean(np.all(within, axis=1)))
