"""What a person is told of a lesion that was placed, beside where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SynthCore.lesions.sites import place_of
from SynthCore.lesions.wish import LesionWish

_FEW_VOXELS = 25
"""A mask of fewer cannot be within 2% of every volume."""

SHOWN_WHOLE = 0.95
"""Of a lesion: an image that shows less is told, as one that ends there."""

_MOST_OF_IT = 0.6
"""Of a lesion in the region that was asked for: with less, the user is told."""


def warnings_of(
    wish: LesionWish,
    count: int,
    voxel_ml: float,
    levels: Mapping[str, Any],
    where: Mapping[str, Any],
) -> tuple[str, ...]:
    """Sentences on its place, its size in voxels and each image it was placed in."""
    found = []
    if (share := where.get("share_in_region", 1.0)) < _MOST_OF_IT:
        found.append(
            f"Only {share:.0%} of the lesion lies in the {place_of(wish)}, which has no room for "
            "more of it; ask for a smaller one, or name a point."
        )
    if count < _FEW_VOXELS:
        found.append(
            f"The lesion is {count} voxels of the first image, so its mask has a volume only in "
            f"steps of {voxel_ml:.3g} ml."
        )
    if wish.what.organ == "liver" and any(f.get("unenhanced") for f in levels.values()):
        found.append(
            "The liver has the CT number of a scan without contrast agent, in which such a lesion "
            "does not look like this."
        )
    for role, shown in shares_shown(levels).items():
        if shown < SHOWN_WHOLE:
            found.append(
                f"Only {shown:.0%} of the lesion lies in the {role} image."
                if shown > 0
                else f"The lesion does not reach the {role} image: there is none in it."
            )
    poor = [role for role, f in levels.items() if f.get("misfit", 0.0) > 0.15]
    if poor:
        found.append(
            f"No sequence of the catalogue has the contrast of {', '.join(poor)}: gray levels of "
            "the lesion there are less certain."
        )
    return tuple(found)


def shares_shown(levels: Mapping[str, Any]) -> dict[str, float]:
    """By role, how much of a lesion lies in its image, of the facts on gray levels."""
    return {role: float(found.get("share_shown", 1.0)) for role, found in levels.items()}
