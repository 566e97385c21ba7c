"""What every part of a lesion looks like in one image, beside the tissue around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import RefusedError
from SynthCore.lesions.contrast import fit_contrast
from SynthCore.lesions.grids import Block, Grid, sample
from SynthCore.lesions.levels import Levels, make_noise, noise_of
from SynthCore.lesions.scene import Scene
from SynthCore.lesions.wish import LesionWish
from SynthCore.physics.generator.tissue_values import TABLE
from SynthCore.tasks import CT_ROLES, MR_ROLES

Floats = npt.NDArray[np.float32]
Shares = tuple[Floats, Floats, Floats]
Value = Callable[[int, Floats, Shares, Floats], Floats]

GRAY_SHARE = {"edema": 0.25, "plaque": 0.85, "acute infarct": 0.9}
"""Of the change in white matter, what gray matter changes by; tissues named here keep their
structure, all others replace it (estimates; edema spares gray matter)."""

STRENGTH = {"plaque": 0.7}
"""Power of the ratio to white matter, 1 where not named. Lesions of two real patients are at 0.8 in
T1, 1.6 in T2 and 1.4 in FLAIR (docs/generator.md); the equations give 0.64, 1.9 and 1.7 where gray
matter is as in those images: plaques are mixed with what is left of the tissue."""

TEXTURE = {"tumor": 0.10, "necrosis": 0.07, "acute blood": 0.08, "edema": 0.04, "plaque": 0.05,
           "acute infarct": 0.05}  # fmt: skip
"""Relative standard deviation of the signal within a part (estimates)."""

ENHANCED_TEXTURE = 0.16
"""Of tumor with contrast agent: vessels differ from place to place (estimate)."""

WHITE_HU = (26.0, 36.0)
"""White matter in CT (Hofer, CT Teaching Manual, Thieme 2007: about 30 HU): a level outside is that
of something else, such as edema."""

CT_TEXTURE = {"tumor": 2.5, "necrosis": 2.0, "acute blood": 4.0}
LUNG_TEXTURE_HU = {"ground glass": 35.0, "solid": 12.0}
LIVER_TEXTURE_HU = 5.0
NOISE_SEED = 77
"""Added to a lesion's seed."""
_CT_NOISE_HU = 10.0
_MOST_NOISE_HU = 40.0
_UNENHANCED_HU = 75.0


@dataclass(frozen=True)
class Look:
    """How to compute values.

    Attributes
    ----------
    value : callable
        Label of a part, the displaced image, shares of white matter, gray matter and fluid, the
        texture's random field: the voxels as if all were of that part.
    facts : dict
        JSON-ready.
    """

    value: Value
    facts: dict[str, Any] = field(repr=False)


def look_of(
    role: str,
    wish: LesionWish,
    levels: Levels,
    voxels: Floats,
    scene: Scene,
    grid: Grid,
    block: Block,
) -> Look:
    """The look of a wish in an image's block.

    Raises
    ------
    RefusedError
        If there is no healthy white matter near a place in the brain to compare with.
    """
    if wish.what.organ == "lung":
        return _lung(wish, voxels)
    if wish.what.organ == "liver":
        return _liver(wish, voxels, sample(scene.organ.astype(np.float32), scene.grid,
                                           grid.points(block)) > 0.8)  # fmt: skip
    if not np.isfinite(levels.medians[0]):
        raise RefusedError(
            f"There is no healthy white matter around the place in {role} to measure its gray "
            "level in: name another place."
        )
    return _brain(role, wish, levels)


def _brain(role: str, wish: LesionWish, levels: Levels) -> Look:
    white, gray, fluid = levels.medians
    tissues = tuple(part.tissue for part in wish.what.parts)
    facts: dict[str, Any] = {
        "white": round(white, 4),
        "gray": _number(gray),
        "fluid": _number(fluid),
        "noise": round(levels.noise, 4),
    }
    if role == "CT":
        facts["hu_minus_white"] = {
            t: round(TABLE[t].hu - TABLE["white matter"].hu, 1) for t in tissues
        }
    else:
        found = fit_contrast(role, gray / white, fluid / white, tissues)
        facts["ratio_to_white"] = {t: round(found.ratio[t], 4) for t in tissues}
        facts["like_sequences"] = list(found.sequences[:3])
        facts["misfit"] = round(found.misfit, 4)
    # every scan has noise of its own: the same in all sequences would give a lesion away
    own = wish.seed + NOISE_SEED + (*MR_ROLES, *CT_ROLES).index(role)
    noise = make_noise(levels.white.shape, levels.noise, levels.correlation, own)

    def value(label: int, warped: Floats, shares: Shares, rough: Floats) -> Floats:
        tissue = wish.what.parts[label - 1].tissue
        w, g, c = shares
        base = w * levels.white + g * levels.gray + c * levels.fluid
        if role == "CT":
            change = wish.contrast * (TABLE[tissue].hu - TABLE["white matter"].hu)
            level = np.clip(levels.white, *WHITE_HU) + np.float32(change)
            level = level + np.float32(CT_TEXTURE.get(tissue, 0.8)) * rough
        else:
            power = wish.contrast * STRENGTH.get(tissue, 1.0)
            ratio = facts["ratio_to_white"][tissue] ** power
            size = ENHANCED_TEXTURE if role == "T1c" and tissue == "tumor" else TEXTURE[tissue]
            level = levels.white * np.float32(ratio) * (1 + np.float32(size) * rough)
        if tissue not in GRAY_SHARE:
            return np.asarray(level + noise, dtype=np.float32)
        kept = np.float32(GRAY_SHARE[tissue])
        target = w * level + g * (levels.gray + kept * (level - levels.gray)) + c * levels.fluid
        # voxels of no tissue (a share of the box's edge) keep their own value
        rest = np.clip(1 - w - g - c, 0, 1)
        limit = 3.5 * max(levels.noise, 1e-6)
        fine = np.clip(warped - base - rest * warped, -limit, limit)
        return np.asarray(target + fine + rest * warped, dtype=np.float32)

    return Look(value, facts)


def _lung(wish: LesionWish, voxels: Floats) -> Look:
    air = voxels[(voxels < -700) & (voxels > -1000)]
    lung = float(np.median(air)) if air.size else -850.0
    # few voxels of muscle by the lung are an edge rather than noise
    soft = ndimage.binary_erosion((voxels > -60) & (voxels < 130), np.ones((1, 5, 5)))
    noise_hu, correlation = noise_of(voxels, soft) if soft.sum() > 1500 else (_CT_NOISE_HU, 0.3)
    noise_hu = min(noise_hu or _CT_NOISE_HU, _MOST_NOISE_HU)
    noise = make_noise(voxels.shape, noise_hu, correlation, wish.seed + NOISE_SEED)
    facts = {"lung_hu": round(lung, 1), "noise_hu": round(noise_hu, 1)}

    def value(label: int, warped: Floats, shares: Shares, rough: Floats) -> Floats:
        part = wish.what.parts[label - 1]
        target = lung + wish.contrast * (part.hu - lung)
        grainy = np.float32(LUNG_TEXTURE_HU[part.name]) * rough
        if part.name != "ground glass":
            return np.asarray(target + grainy + noise, dtype=np.float32)
        # ground glass does not hide vessels: it fills air, and what is dense stays as it is
        air_share = np.clip((0 - warped) / (0 - lung), 0, 1)
        return np.asarray(warped + air_share * (target - lung + grainy), dtype=np.float32)

    return Look(value, facts)


def _liver(wish: LesionWish, voxels: Floats, organ: npt.NDArray[np.bool_]) -> Look:
    inside = voxels[organ]
    level = float(np.median(inside)) if inside.size else 60.0
    noise_hu, correlation = noise_of(voxels, organ)
    noise_hu = noise_hu or _CT_NOISE_HU
    noise = make_noise(voxels.shape, noise_hu, correlation, wish.seed + NOISE_SEED)
    facts = {
        "liver_hu": round(level, 1),
        "noise_hu": round(noise_hu, 1),
        "unenhanced": level < _UNENHANCED_HU,
    }

    def value(label: int, warped: Floats, shares: Shares, rough: Floats) -> Floats:
        part = wish.what.parts[label - 1]
        grainy = np.float32(LIVER_TEXTURE_HU) * rough
        return np.asarray(level + wish.contrast * part.hu + grainy + noise, dtype=np.float32)

    return Look(value, facts)


def _number(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
