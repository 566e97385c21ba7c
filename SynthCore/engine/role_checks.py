"""Can an image play a role? By the modality its file states, and by its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from SynthCore.dicom.roles import suggest_role
from SynthCore.engine.ct_check import AIR_HU, ct_check
from SynthCore.errors import InputError, RefusedError
from SynthCore.image import Array, Image
from SynthCore.request import Check
from SynthCore.tasks import CT_ROLES, MR_ROLES

FEWEST_VALUES = 4
"""Different ones in an image: fewer are labels."""

NOT_CONE_BEAM = (
    "Nothing in the headers of the CBCT image speaks of a cone beam. If it is a diagnostic CT, use "
    "it as it is: a correction makes it worse (in an abdomen bone came out 52 HU too high, soft "
    "tissue 10 HU too low)."
)

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
    if role == "CBCT" and header is not None and suggest_role(header).role == "CT":
        return Check(name, "warn", NOT_CONE_BEAM)
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


MOST_BELOW_0 = 0.2
"""Of what differs from 0 in an MR that a model takes: more are below it in an image that was scaled
around its mean, be it that of the brain alone with air left at 0 (0.38 of a T1). Interpolation
undershoots in 0.013 at most of 55 real MR."""

DIFFERS = 0.05
"""Of the 99th percentile of magnitudes: below it are air and its noise."""

LEAST_AIR = 0.005
"""Of the voxels of a CT, at or below `AIR_HU`: 0.1 and more in 27 real CT, and 0.001 at most in
real MR that were interpolated and scaled to large numbers."""


def like_ct(image: Image) -> bool:
    """Whether an image lies as far below 0 as the air of a CT does, and no MR.

    Much of it does, or a little that is farther below 0 than what is bright is above it: gas in a
    CT that was cut out within the body. One without any gas is not known for a CT here.
    """
    air = image.voxels <= AIR_HU
    if float(np.mean(air)) > LEAST_AIR:
        return True
    return bool(air.any()) and -float(image.voxels.min()) > float(np.percentile(image.voxels, 99))


def _below_0(voxels: Array) -> float:
    """Share below 0 of the voxels that differ from 0."""
    size = np.abs(voxels.astype(np.float32))
    seen = size > DIFFERS * float(np.percentile(size, 99))
    return float(np.mean(voxels[seen] < 0)) if seen.any() else 0.0


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
        return ct_check(name, role, voxels)
    if role in MR_ROLES:
        looks_ct = like_ct(image)
        if looks_ct or _below_0(voxels) > MOST_BELOW_0:
            why = (
                "these look like CT numbers, not MR"
                if looks_ct
                else "most of an MR lies above 0; add a constant that makes its air 0, or give the "
                "image whose background noise was taken away"
            )
            told = f"The {role} image runs from {low:g} to {high:g}: {why}."
            return Check(name, "refuse", told, low, AIR_HU)
    return Check(name, "pass", f"The {role} image runs from {low:g} to {high:g}.", low)
