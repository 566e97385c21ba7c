"""The border of a placed lesion, made like tissue by a learned model.

What was painted ends by partial volume and by nothing else. A thin shell about the outline of the
lesion is filled once more by the task ``inpaint``, from what lies on both sides of it, and mixed
with what was painted: not at all at the shell's two edges, most at the outline. The mask stays, and
so does every voxel beyond the shell; edema, which is soft by itself, and fluid are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import RefusedError
from SynthCore.image import Image
from SynthCore.lesions.body import Body
from SynthCore.lesions.grids import Block, averaged, grid_of
from SynthCore.lesions.levels import flat_half, make_noise, noise_of, whole_numbers
from SynthCore.lesions.paint import part_medians
from SynthCore.lesions.placed import Placed
from SynthCore.models.card import Card
from SynthCore.models.library import rank
from SynthCore.request import Options, Progress, part_of
from SynthCore.tasks import get_task

if TYPE_CHECKING:
    from SynthCore.engine.warm import Warm

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SHELL_MM = 2.0
"""Half of the shell's thickness, where the lesion is thick enough for it."""

MOST_WEIGHT = 0.5
"""Of what is filled, at the outline."""

_SHELL_SHARE = 0.35
"""Of a lesion's own depth, at most: what is left of it inside is as it was painted."""

_NEAR_MM = 12.0
_FAINT = 0.02


@dataclass(frozen=True)
class _Shell:
    """Where to mix, in a block of an image: weights 0 to 1 [k, j, i]."""

    block: Block
    weight: Floats = field(repr=False)
    parts: dict[int, Floats] = field(repr=False)
    half_mm: float


def blend_border(placed: Placed, body: Body, *, progress: Progress | None = None) -> Placed:
    """Blend the border of a lesion in every image that a learned model takes.

    Parameters
    ----------
    placed : Placed
        As painted.
    body : Body
        The same lesion.
    progress : callable, optional
        Told the fraction done and the stage; what it raises stops the work.

    Returns
    -------
    Placed
        Images, levels of parts, facts (``blend`` by role) and warnings changed; the mask is not.
    """
    from SynthCore.engine.warm import Warm  # where torch is, and placing alone needs none

    options = Options(placed.wish.seed)
    warm = Warm()
    images, levels = dict(placed.images), dict(placed.facts["levels"])
    told: dict[str, Any] = {}
    left: list[str] = []
    for n, (role, image) in enumerate(placed.images.items()):
        part = part_of(progress, n / len(images), (n + 1) / len(images))
        part(0.0, f"blend {role}")
        shell = _shell(image, body, placed)
        if shell is None:
            told[role] = {"blended": False, "why": "no border without edema or fluid"}
            continue
        found = _filled(image, role, shell, options, part, warm)
        if found is None:
            told[role] = {"blended": False, "why": "no learned model takes this image"}
            left.append(role)
            continue
        fill, model = found
        seed = placed.wish.seed + 211 * n
        images[role] = image.with_voxels(_mixed(image, fill, shell, seed))
        medians = part_medians(images[role].voxels[shell.block], shell.parts, placed.wish)
        levels[role] = {**levels[role], "parts_median": medians}
        told[role] = {
            "blended": True,
            "model": model.id,
            "weights_sha256": model.weights_sha256,
            "shell_mm": round(2 * shell.half_mm, 2),
            "most_weight": MOST_WEIGHT,
        }
    warnings = placed.warnings
    if left:
        warnings += (
            f"The border of the lesion was not blended in {', '.join(left)}: no learned model "
            "takes it. There it ends by partial volume.",
        )
    facts = {**placed.facts, "levels": levels, "blend": {"asked": True, "images": told}}
    return replace(placed, images=images, facts=facts, warnings=warnings)


def _shell(image: Image, body: Body, placed: Placed) -> _Shell | None:
    """The shell in an image, None where all of the border is soft or lies in fluid."""
    grid = grid_of(image)
    block = grid.around(*body.box.ends)
    if block is None:
        return None
    labels = list(body.parts)
    proper, fluid, *shares = averaged(
        [body.proper, body.shares[2], *body.parts.values()], body.box, grid, block
    )
    inside = proper > 0.5
    if not inside.any():
        return None
    spacing = grid.spacing
    step = min(spacing)
    # from centers of voxels to the outline between them
    deep = ndimage.distance_transform_edt(inside, spacing)
    away = np.where(inside, deep - step / 2, step / 2 - ndimage.distance_transform_edt(
        ~inside, spacing))  # fmt: skip
    half = min(SHELL_MM, max(_SHELL_SHARE * float(np.percentile(deep[inside], 98)), 0.6 * step))
    weight = np.where(np.abs(away) < half, np.cos(np.pi * away / (2 * half)) ** 2, 0)
    soft = [shares[n] for n, part in enumerate(placed.wish.what.parts) if not part.proper]
    for share in (*soft, fluid):
        # by what lies about a voxel: at the outline itself, half of it is the lesion's
        near = ndimage.maximum_filter(
            share, size=[max(1, 2 * round(half / s) + 1) for s in spacing]
        )
        weight = weight * np.clip(1 - 2 * near, 0, 1)
    weight = np.where(weight > _FAINT, weight, 0).astype(np.float32)
    if not weight.any():
        return None
    return _Shell(block, weight, dict(zip(labels, shares, strict=True)), half)


def _filled(
    image: Image, role: str, shell: _Shell, options: Options, progress: Progress, warm: Warm
) -> tuple[Floats, Card] | None:
    """The shell filled by a learned model, and its card; None where there is none."""
    from SynthCore.engine.synthesize import synthesize

    if role not in get_task("inpaint").inputs:
        return None
    region = np.zeros(image.shape, dtype=np.uint8)
    region[shell.block] = shell.weight > 0
    mask = image.with_voxels(region, modality="", unit="1")
    given: Mapping[str, Image] = {role: replace(image, modality=role)}
    for bundle in rank("inpaint", (role,), role):
        if bundle.card.kind != "network":
            continue
        try:
            made = synthesize(
                "inpaint", given, mask=mask, model=bundle.card.id, options=options,
                progress=lambda fraction, stage: progress(fraction, f"blend {role}"), warm=warm,
            )  # fmt: skip
        except RefusedError:
            continue
        return made.image.voxels.astype(np.float32), bundle.card
    return None


def _mixed(image: Image, fill: Floats, shell: _Shell, seed: int) -> Floats:
    """The image with its shell mixed, and as noisy there as around."""
    out = image.voxels.astype(np.float32)
    painted, filled = out[shell.block], fill[shell.block]
    share = MOST_WEIGHT * shell.weight
    region = shell.weight > 0
    away = ndimage.distance_transform_edt(~region, image.spacing[::-1])
    ring = (away > 0) & (away <= _NEAR_MM) & (painted > 0 if image.unit != "HU" else True)
    noise, correlation = noise_of(painted, flat_half(painted, ring))
    own, _ = noise_of(filled, flat_half(filled, region))
    # two fields of noise that are mixed are less than either
    held = (1 - share) ** 2 + (share * min(own / max(noise, 1e-9), 1.0)) ** 2
    lack = np.sqrt(np.clip(1 - held, 0, None)) * region
    grain = make_noise(painted.shape, noise, correlation, seed)
    mixed = (1 - share) * painted + share * filled + lack * grain
    if image.unit != "HU":
        mixed = np.maximum(mixed, min(0.0, float(out.min())))
    if np.array_equal(out, np.rint(out)):
        mixed = whole_numbers(mixed)
    done = out.copy()
    done[shell.block] = np.where(region, mixed, painted)
    return done
