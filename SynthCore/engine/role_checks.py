"""Can an image play a role? By the modality its file states, and by its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from SynthCore.errors import InputError, RefusedError
from SynthCore.image import Array, Image
from SynthCore.physics.field_of_view import fillings
from SynthCore.quality.ct_numbers import LOWEST_HU, reach_hu
from SynthCore.request import Check
from SynthCore.tasks import CT_ROLES, MR_ROLES

AIR_HU = -800.0
"""CT numbers reach at least this far down, and MR intensities never do."""

FEWEST_VALUES = 4
"""Different ones in an image: fewer are labels."""

SAMPLED = 100_000
"""Voxels, before all of them are looked at."""


def role_checks(role: str, image: Image) -> tuple[Check, Check]:
    """Check modality and intensities of an image that is to play a role."""
    return _modality(role, image), _intensities(role, image)


def require_role(role: str, image: Image, advice: str) -> None:
    """Refuse an image that cannot play a role, by its file and by its numbers.

    Raises
    ------
    RefusedError
        With the reason, and `advice` as a sentence.
    """
    _require(role_checks(role, image), advice)


def require_modality(role: str, image: Image, advice: str) -> None:
    """Refuse an image whose file states another modality than a role's.

    Raises
    ------
    RefusedError
        As `require_role`.
    """
    _require((_modality(role, image),), advice)


def require_distinct(hashes: Mapping[str, str]) -> None:
    """Refuse one image in two roles.

    Parameters
    ----------
    hashes : mapping
        `Image.sha256` by role.

    Raises
    ------
    InputError
        Naming the two roles.
    """
    seen: dict[str, str] = {}
    for role, digest in hashes.items():
        other = seen.setdefault(digest, role)
        if other != role:
            raise InputError(
                f"{other} and {role} are the same image, voxel for voxel: give each its own."
            )


def _require(checks: tuple[Check, ...], advice: str) -> None:
    refusal = next((check for check in checks if check.outcome == "refuse"), None)
    if refusal is not None:
        raise RefusedError(f"{refusal.message} {advice}", checks)


def _modality(role: str, image: Image) -> Check:
    name = f"modality of {role}"
    header = image.source.headers[0] if image.source.headers else None
    stated = str(getattr(header, "Modality", ""))
    wanted = _family(role)
    if stated and wanted and stated != wanted:
        return Check(
            name, "refuse", f"{role} was asked for, but the file says its modality is {stated}."
        )
    if image.modality and image.modality != role:
        return Check(
            name, "warn", f"The image was given as {role}, but it looks like {image.modality}."
        )
    if not stated:
        return Check(name, "pass", f"No modality is stated; {role} was taken as given.")
    return Check(name, "pass", f"The file says {stated}, which fits {role}.")


def _family(role: str) -> str:
    if role in MR_ROLES:
        return "MR"
    return "CT" if role in CT_ROLES else {"PET": "PT"}.get(role, role)


def _few_values(voxels: Array) -> int:
    """How many different values there are, if they are fewer than `FEWEST_VALUES`; else 0."""
    flat = voxels.reshape(-1)
    if np.unique(flat[:: max(1, flat.size // SAMPLED)]).size >= FEWEST_VALUES:
        return 0
    count = int(np.unique(flat).size)
    return count if count < FEWEST_VALUES else 0


MOST_BELOW_0 = 0.4
"""Of the voxels of an MR that a model takes: more are those of an image scaled around its mean."""


def like_ct(image: Image) -> bool:
    """Whether intensities go as far below 0 as those of a CT do, and of an MR never."""
    return float(np.min(image.voxels)) <= AIR_HU


def _intensities(role: str, image: Image) -> Check:
    name = f"intensities of {role}"
    voxels = image.voxels
    low, high = float(np.min(voxels)), float(np.max(voxels))
    if not (np.isfinite(low) and np.isfinite(high)):
        return Check(name, "refuse", f"The {role} image holds values that are not numbers.")
    if low == high:
        return Check(name, "refuse", f"Every voxel of the {role} image has the value {low:g}.", low)
    if few := _few_values(voxels):
        return Check(
            name,
            "refuse",
            f"The {role} image holds {few} values, as a label map does: give the image itself.",
            few,
            FEWEST_VALUES,
        )
    if role in CT_ROLES:
        filling = max(fillings(voxels), default=low) if role == "CBCT" else low
        if filling > AIR_HU:
            return Check(
                name,
                "refuse",
                f"Outside of what was scanned the {role} image is filled with {filling:g}, which "
                "would be taken for tissue: fill it with -1000.",
                filling,
                AIR_HU,
            )
        if not reach_hu(low, high):
            return Check(
                name,
                "refuse",
                f"The {role} image runs from {low:g} to {high:g}: these are not CT numbers in HU.",
                low,
                LOWEST_HU,
            )
    elif role in MR_ROLES and (like_ct(image) or float(np.mean(voxels < 0)) > MOST_BELOW_0):
        why = (
            "these look like CT numbers, not MR"
            if low <= AIR_HU
            else "most of an MR lies above 0; add a constant that makes its air 0"
        )
        return Check(
            name, "refuse", f"The {role} image runs from {low:g} to {high:g}: {why}.", low, AIR_HU
        )
    return Check(name, "pass", f"The {role} image runs from {low:g} to {high:g}.", low)
