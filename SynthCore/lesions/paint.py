"""Put a lesion into one image: displace, then replace or change the tissue of every part."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.lesions.appearance import Look, look_of
from SynthCore.lesions.body import Body
from SynthCore.lesions.grids import Block, Grid, averaged, grid_of, sample
from SynthCore.lesions.levels import Levels, local_levels, whole_numbers
from SynthCore.lesions.scene import Scene
from SynthCore.lesions.wish import LesionWish
from SynthCore.request import Progress, part_of

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

LEVELS_MM = 28.0
"""Around a lesion, in which levels of healthy tissue are measured."""

BONE_HU = 200.0

_FAINT = 0.004
"""A voxel with less of a lesion than this stays as it is."""


@dataclass(frozen=True)
class Painted:
    """An image with a lesion.

    Attributes
    ----------
    image : Image
        float32; voxels that were not reached have their values.
    facts : dict
        Levels of healthy tissue and of every part, and the share of the lesion that lies in the
        image, JSON-ready.
    """

    image: Image
    facts: dict[str, Any] = field(repr=False)


def paint(image: Image, role: str, scene: Scene, wish: LesionWish, body: Body,
          progress: Progress | None = None) -> Painted:  # fmt: skip
    """Put a lesion into an image on the image's grid.

    Parameters
    ----------
    image : Image
        On any grid of the patient's space.
    role : str
        What it is.
    scene : Scene
        Tissues, on the scene's grid.
    wish : LesionWish
        Contrast and texture count here.
    body : Body
        The lesion.
    progress : callable, optional
        Told the fraction done and the stage, between all steps that take long.
    """
    tell, stage = part_of(progress, 0.0, 1.0), f"paint {role}"
    tell(0.0, stage)
    grid = grid_of(image)
    original = image.voxels.astype(np.float32)
    block = _reached(grid, body)
    if block is None:
        return Painted(image.with_voxels(original), {"share_shown": 0.0})
    out = original.copy()
    points = grid.points(block)
    shift = body.displacement.at(points)
    tell(0.1, stage)
    moved = np.any(shift != 0, axis=-1)
    warped = original[block].copy()
    if moved.any():
        warped[moved] = sample(original, grid, points[moved] - shift[moved], order=3)
    tell(0.2, stage)
    labels = list(body.parts)
    fields = [*body.parts.values(), body.proper, *body.shares, body.rough]
    means = averaged(fields, body.box, grid, block)
    parts = dict(zip(labels, means[: len(labels)], strict=True))
    total = np.clip(sum(parts.values()), 0, 1)
    lesion = total > _FAINT
    levels = _levels(grid, original, scene, role, block, part_of(progress, 0.25, 0.8))
    tell(0.8, stage)
    look = look_of(role, wish, levels, warped, scene, grid, block)
    shares = (means[-4], means[-3], means[-2])
    tell(0.9, stage)
    painted = _mixed(look, warped, parts, total, shares, means[-1], wish)
    new = np.where(lesion, painted, warped)
    low = float(original.min())
    if low >= 0 or image.unit == "HU":
        new = np.maximum(new, max(low, -1024.0) if image.unit == "HU" else 0.0)
    if np.array_equal(original[block], np.rint(original[block])):
        new = whole_numbers(new)
    changed = moved | lesion
    if role == "CT" and wish.what.organ == "brain":
        changed &= original[block] < BONE_HU  # the skull stays, whatever the organ's outline says
    out[block] = np.where(changed, new, original[block])
    whole = max(float(body.proper.sum()) * body.box.voxel_ml, 1e-9)
    shown = min(1.0, float(means[len(labels)].sum()) * grid.voxel_ml / whole)
    facts = {**look.facts, "share_shown": round(shown, 3)}
    return Painted(
        image.with_voxels(out), {**facts, "parts_median": part_medians(out[block], parts, wish)}
    )


def _reached(grid: Grid, body: Body) -> Block | None:
    low, high = (np.asarray(end) for end in body.box.ends)
    if body.displacement.size_mm > 0:
        center = np.asarray(body.displacement.shape.center)
        reach = 1.6 * body.displacement.reach_mm
        low, high = np.minimum(low, center - reach), np.maximum(high, center + reach)
    return grid.around([float(v) for v in low], [float(v) for v in high])


def _levels(
    grid: Grid, voxels: Floats, scene: Scene, role: str, block: Block, tell: Progress
) -> Levels:
    """Levels in the block, measured in it and some way around."""
    margins = [math.ceil(LEVELS_MM / s) for s in grid.spacing]
    wide = tuple(
        slice(max(0, s.start - m), min(n, s.stop + m))
        for s, m, n in zip(block, margins, grid.shape, strict=True)
    )
    large = (wide[0], wide[1], wide[2])
    points = grid.points(large)
    shares = []
    for n, share in enumerate((scene.white, scene.gray, scene.fluid)):
        tell(0.2 * n, f"paint {role}")
        shares.append(sample(share, scene.grid, points))
    tell(0.6, f"paint {role}")
    found = local_levels(voxels[large], (shares[0], shares[1], shares[2]), grid.spacing)
    inner = tuple(
        slice(b.start - w.start, b.stop - w.start) for b, w in zip(block, wide, strict=True)
    )
    return Levels(
        found.white[inner], found.gray[inner], found.fluid[inner],
        found.medians, found.noise, found.correlation,
    )  # fmt: skip


def _mixed(
    look: Look,
    warped: Floats,
    parts: dict[int, Floats],
    total: Floats,
    shares: tuple[Floats, Floats, Floats],
    rough: Floats,
    wish: LesionWish,
) -> Floats:
    out = warped * (1 - total)
    whole = np.maximum(sum(parts.values()), 1e-6)
    for label, share in parts.items():
        own = share * (total / whole)
        if float(own.max()) <= 0:
            continue
        out = out + own * look.value(label, warped, shares, rough * wish.texture)
    return np.asarray(out, dtype=np.float32)


def part_medians(voxels: Floats, parts: dict[int, Floats], wish: LesionWish) -> dict[str, float]:
    """The level of every part by its name, from its share of voxels [k, j, i]."""
    seen = {}
    for label, share in parts.items():
        pure = share > 0.9
        if pure.sum() < 5:
            pure = share > 0.6
        if pure.any():
            name = wish.what.parts[label - 1].name
            seen[name] = round(float(np.median(voxels[pure])), 4)
    return seen
