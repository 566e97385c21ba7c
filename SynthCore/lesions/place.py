"""Place a lesion in the images of a patient, in all of them the same one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import RefusedError
from SynthCore.image import Image, notes_of
from SynthCore.lesions.blend import blend_border
from SynthCore.lesions.body import Body, build
from SynthCore.lesions.drawn import Drawn, draw
from SynthCore.lesions.grids import averaged, grid_of
from SynthCore.lesions.paint import paint
from SynthCore.lesions.placed import Placed
from SynthCore.lesions.scene import Scene, make_scene
from SynthCore.lesions.sites import share_in_place
from SynthCore.lesions.told import warnings_of
from SynthCore.lesions.wish import LesionWish
from SynthCore.request import Progress, part_of

__all__ = ["Placed", "place"]


def place(
    images: Mapping[str, Image],
    wish: LesionWish,
    *,
    organ: Image | None = None,
    scene: Scene | None = None,
    blend: bool = False,
    progress: Progress | None = None,
) -> Placed:
    """Place a lesion.

    Parameters
    ----------
    images : mapping
        Images of one patient in one frame of reference by role, each on its own grid. The first
        gives the organ and its tissues, and the grid of the mask.
    wish : LesionWish
        What is asked.
    organ : Image, optional
        Mask of the organ, where the rules of `SynthCore.lesions.organs` do not find it.
    scene : Scene, optional
        Of `make_scene` for the same images: saves its time when many lesions are placed.
    blend : bool
        Whether a learned model blends the border (`SynthCore.lesions.blend`), where one takes the
        image.
    progress : callable, optional
        Told the fraction done and the stage; what it raises stops the work.

    Returns
    -------
    Placed
        The images with the lesion, its mask, parts and facts.

    Raises
    ------
    InputError
        If the images cannot show such a lesion or do not belong together.
    RefusedError
        If it cannot lie where it is asked for, in one sentence.
    """
    scene = scene or make_scene(images, wish, organ, part_of(progress, 0.0, 0.25))
    measure(scene, wish, part_of(progress, 0.25, 0.3))
    drawn = draw(scene, wish)
    body = build_in(scene, images, wish, drawn, progress=part_of(progress, 0.3, 0.4))
    if not blend:
        return finish(images, wish, scene, body, part_of(progress, 0.4, 1.0))
    made = finish(images, wish, scene, body, part_of(progress, 0.4, 0.6))
    return blend_border(made, body, progress=part_of(progress, 0.6, 1.0))


def measure(scene: Scene, wish: LesionWish, progress: Progress) -> None:
    """Find, step by step, what drawing a wish asks of its scene, which keeps it."""
    needs = ["depth"]
    if wish.what.organ == "brain" and wish.at is None:
        needs.append("from_ventricle")
        if wish.side or wish.region:
            needs += ["proportions", "coordinates"]
    for n, name in enumerate(needs):
        progress(n / len(needs), "draw the lesion")
        getattr(scene, name)
    progress(1.0, "draw the lesion")


def build_in(
    scene: Scene,
    images: Mapping[str, Image],
    wish: LesionWish,
    drawn: Drawn,
    earlier: Body | None = None,
    progress: Progress | None = None,
) -> Body:
    """The lesion in a box as fine as the finest image."""
    finest = min(min(image.spacing) for image in images.values())
    return build(scene, wish, drawn, float(np.clip(finest, 0.5, 2.0)), earlier, progress)


def finish(
    images: Mapping[str, Image],
    wish: LesionWish,
    scene: Scene,
    body: Body,
    progress: Progress | None = None,
    held: npt.NDArray[np.bool_] | None = None,
) -> Placed:
    """Paint a lesion into every image and make its mask, which takes the voxels `held` first."""
    tell = part_of(progress, 0.0, 1.0)
    made, levels = {}, {}
    for n, (role, image) in enumerate(images.items()):
        part = part_of(progress, 0.95 * n / len(images), 0.95 * (n + 1) / len(images))
        painted = paint(image, role, scene, wish, body, part)
        made[role] = painted.image
        levels[role] = painted.facts
    tell(0.95, "make its mask")
    first = next(iter(images.values()))
    mask, parts = _masks(first, wish, body, held)
    inside = mask.voxels > 0
    voxel_ml = grid_of(first).voxel_ml
    volume = float(inside.sum()) * voxel_ml
    index = np.argwhere(inside)[:, ::-1].mean(axis=0)
    x, y, z = (float(v) for v in first.affine[:3, :3] @ index + first.affine[:3, 3])
    names = {n: part.name for n, part in enumerate(wish.what.parts, start=1)}
    where = _where(scene, wish, body)
    warnings = (
        *notes_of(images), *filter(None, [scene.doubt]),
        *warnings_of(wish, int(inside.sum()), voxel_ml, levels, where),
    )  # fmt: skip
    facts: dict[str, Any] = {
        "wish": wish.to_dict(),
        "volume_ml": round(volume, 4),
        "center_lps": [round(v, 2) for v in (x, y, z)],
        "parts_ml": {
            names[n]: round(float((parts.voxels == n).sum()) * voxel_ml, 4) for n in names
        },
        "organ_ml": round(scene.organ_ml, 1),
        "displacement_mm": round(body.displacement.size_mm, 3),
        "displacement_reach_mm": round(body.displacement.reach_mm, 1),
        "least_jacobian": round(body.least_jacobian, 3),
        "levels": levels,
        "source": wish.what.source,
        "blend": {"asked": False},
        **where,
    }
    tell(1.0, "done")
    return Placed(made, mask, parts, names, wish, volume, (x, y, z), facts, warnings)


def _where(scene: Scene, wish: LesionWish, body: Body) -> dict[str, Any]:
    """By which rules it lies where it lies."""
    told: dict[str, Any] = {"site": body.site or "point"}
    if wish.side is None and wish.region is None:
        return told
    share = share_in_place(scene, wish, body.box.points(), body.proper)
    return told | {
        "side": wish.side,
        "region": wish.region,
        "share_in_region": round(share, 3),
        "anterior_commissure_lps": [round(v, 1) for v in scene.proportions.ac],
    }


def _masks(
    first: Image, wish: LesionWish, body: Body, held: npt.NDArray[np.bool_] | None
) -> tuple[Image, Image]:
    """The mask, of the voxels that hold most of the lesion, as many as its volume asks for."""
    grid = grid_of(first)
    block = grid.around(*body.box.ends)
    if block is None:
        raise RefusedError("The lesion lies outside of the first image; name another place.")
    labels = list(body.parts)
    proper, *parts = averaged([body.proper, *body.parts.values()], body.box, grid, block)
    count = max(1, round(wish.volume_ml / grid.voxel_ml))
    if count > int((proper > 0.05).sum()) or float(proper.max()) < 0.05:
        raise RefusedError(
            f"A part of the {wish.kind} would lie outside of the first image: name a place "
            "farther from its edge, or ask for a smaller one."
        )
    rank = proper if held is None else proper + 2 * held[block]
    order = np.argsort(-rank, axis=None, kind="stable")[:count]
    chosen = np.zeros(proper.size, dtype=np.bool_)
    chosen[order] = True
    inside = chosen.reshape(proper.shape)
    solid = [n for n, part in zip(labels, wish.what.parts, strict=True) if part.proper]
    stack = np.stack([parts[labels.index(n)] for n in solid])
    own = np.asarray(solid, dtype=np.uint8)[stack.argmax(axis=0)]
    label = np.where(inside, own, 0).astype(np.uint8)
    if labels[0] not in solid:
        label[~inside & (parts[0] + proper > 0.4) & (parts[0] > 0.1)] = labels[0]
    mask = np.zeros(first.shape, dtype=np.uint8)
    whole = np.zeros(first.shape, dtype=np.uint8)
    mask[block], whole[block] = inside, label
    shown = Image(mask, first.affine, unit="1")
    return shown, shown.with_voxels(whole)
