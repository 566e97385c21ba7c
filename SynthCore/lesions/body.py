"""A lesion in a fine box around it: how much of every voxel each of its parts takes.

The box is the one description of the lesion; every image samples it on its own grid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import RefusedError
from SynthCore.lesions.displacement import Displacement, make_displacement
from SynthCore.lesions.drawn import Drawn
from SynthCore.lesions.edema import spread_edema
from SynthCore.lesions.fields import octaves
from SynthCore.lesions.grids import Grid, box_around, sample
from SynthCore.lesions.hemispheres import same_side
from SynthCore.lesions.scene import Scene
from SynthCore.lesions.sites import radius_of
from SynthCore.lesions.wish import LesionWish
from SynthCore.request import Progress, part_of

Floats = npt.NDArray[np.float32]

_SQUEEZED = 1.5
"""How much larger than in free space a lesion's measure may get before there is no room for it."""

_FINEST_MM = 0.35


@dataclass(frozen=True)
class Body:
    """A lesion in its box.

    Attributes
    ----------
    box : Grid
        Isotropic.
    parts : mapping
        Label of a part to its share of every voxel [k, j, i]; together at most 1.
    proper : numpy.ndarray
        Share of the lesion without edema.
    shares : tuple of numpy.ndarray
        White matter, gray matter and fluid, displaced.
    rough : numpy.ndarray
        Random field of standard deviation 1: its texture.
    displacement : Displacement
        What it does to what lies around.
    least_jacobian : float
        Of that.
    site : str
        The rule of its place; empty for a point.
    """

    box: Grid
    parts: Mapping[int, Floats] = field(repr=False)
    proper: Floats = field(repr=False)
    shares: tuple[Floats, Floats, Floats] = field(repr=False)
    rough: Floats = field(repr=False)
    displacement: Displacement = field(repr=False)
    least_jacobian: float
    site: str = ""


def build(
    scene: Scene,
    wish: LesionWish,
    drawn: Drawn,
    step_mm: float,
    earlier: Body | None = None,
    progress: Progress | None = None,
) -> Body:
    """Build the lesion of a wish.

    Parameters
    ----------
    scene : Scene
        Where it lies.
    wish : LesionWish
        Its volume counts here.
    drawn : Drawn
        Its form.
    step_mm : float
        Of the box, at most; small lesions get a finer one.
    earlier : Body, optional
        The same lesion at an earlier date: what it holds, this one holds.
    progress : callable, optional
        Told the fraction done and the stage, between all steps that take long.

    Raises
    ------
    RefusedError
        If there is no room for it.
    """
    if wish.volume_ml > 0.7 * scene.organ_ml:
        raise RefusedError(
            f"A volume of {wish.volume_ml:g} ml is too large for the {wish.what.organ}, of which "
            f"the image shows {scene.organ_ml:.0f} ml: ask for a smaller one."
        )
    radius = radius_of(wish.volume_ml / len(drawn.shapes))
    extra = 6.0
    if drawn.edema_share:
        extra += min(26.0, 2.2 * radius * ((1 + drawn.edema_share) ** (1 / 3) - 1) + 6)
    heaviest = max(shape.weight for shape in drawn.shapes)
    centers = np.array([shape.center for shape in drawn.shapes], dtype=np.float32)
    reach = (2.6 if drawn.shapes[0].wedge else 2.1) * radius * heaviest + extra
    step = max(step_mm, min(1.25, radius / 12))
    box = box_around(centers, reach, float(np.clip(radius / 6, _FINEST_MM, step)))
    tell, stage = part_of(progress, 0.0, 1.0), "draw the lesion"
    tell(0.0, stage)
    points = box.points()
    share = wish.what.mass * wish.mass_effect
    displacement, least = make_displacement(scene, drawn.shapes[0], radius, share)
    tell(0.2, stage)
    source = points - displacement.at(points)
    white, gray, fluid = (sample(s, scene.grid, source) for s in _shares(scene))
    tell(0.4, stage)
    # a gyrus ends at the falx, and so does what a vessel supplies; plaques lie on both sides
    beside = centers[0] if drawn.site == "cortical" and len(centers) == 1 else None
    allowed, cost = _room(wish, drawn.site, scene, box, points, (white, gray, fluid), beside)
    gauge = _gauge(drawn, box, reach) * cost
    tell(0.6, stage)
    proper = _of_volume(gauge, allowed, wish, drawn, box)
    if earlier is not None:
        before = sample(earlier.proper, earlier.box, points)
        proper = _with_earlier(gauge, allowed, wish, drawn, box, before)
    tell(0.8, stage)
    rough = octaves(drawn.shapes[0].seed + 17, 2.2, box, count=2)
    parts = _parts(wish, drawn, box, proper, (white, gray, fluid), allowed, radius)
    return Body(box, parts, proper, (white, gray, fluid), rough, displacement, least, drawn.site)


def _shares(scene: Scene) -> tuple[Floats, Floats, Floats]:
    return scene.white, scene.gray, scene.fluid


def _room(
    wish: LesionWish,
    site: str,
    scene: Scene,
    box: Grid,
    points: Floats,
    shares: tuple[Floats, Floats, Floats],
    center: Floats | None,
) -> tuple[Floats, Floats]:
    """What of a voxel a lesion may take, and how hard it is for it to get there (1: not)."""
    organ = sample(scene.organ.astype(np.float32), scene.grid, points)
    ones = np.ones(organ.shape, dtype=np.float32)
    if wish.what.organ != "brain":
        return np.asarray(np.clip(2 * organ - 0.5, 0, 1)), ones
    _, gray, fluid = shares
    step = box.spacing[0]
    if center is not None:
        organ = organ * same_side(scene, center, points)
    hard: Floats
    if wish.kind in ("ms-plaques", "infarct"):
        hard = 1 + 0.3 * gray
        if wish.kind == "infarct":  # a territory ends at fissures, and far below the cortex
            depth = sample(scene.depth, scene.grid, points)
            below = np.clip((depth - 28) / 20, 0, 1) if site != "deep-gray-matter" else 0.0
            hard = 1 + 1.2 * ndimage.gaussian_filter(fluid, 2.5 / step) + below
        return organ * (1 - fluid), np.asarray(hard, dtype=np.float32)
    # thin sulci go under in what grows; ventricles do not
    wide = ndimage.gaussian_filter(fluid, 2.0 / step)
    open_fluid = np.clip((wide - 0.35) / 0.3, 0, 1)
    cost = 1 + 0.12 * ndimage.gaussian_filter(gray, 1.5 / step) + 0.8 * wide
    return np.asarray(organ * (1 - open_fluid)), np.asarray(cost, dtype=np.float32)


def _gauge(drawn: Drawn, box: Grid, reach: float) -> Floats:
    out = np.full(box.shape, 1e4, dtype=np.float32)
    for shape in drawn.shapes:
        x, y, z = shape.center
        block = box.around((x - reach, y - reach, z - reach), (x + reach, y + reach, z + reach))
        if block is not None:
            out[block] = np.minimum(out[block], shape.gauge(box.part(block)))
    return out


def _taken(gauge: Floats, threshold: float, edge: float) -> Floats:
    return np.asarray(np.clip(0.5 + (threshold - gauge) / edge, 0, 1), dtype=np.float32)


def _threshold(
    gauge: Floats, allowed: Floats | None, before: Floats | None, edge: float, wanted: float
) -> float:
    """Where the volume in voxels is as wanted; twice the largest gauge if it never is."""
    low, high = 0.0, 4 * float(np.percentile(gauge[gauge < 1e3], 99))
    near = gauge < 1e3
    values = gauge[near]
    room = None if allowed is None else allowed[near]
    held = None if before is None else before[near]
    for _ in range(40):
        middle = (low + high) / 2
        taken = _taken(values, middle, edge)
        if room is not None:
            taken = taken * room
        if held is not None:
            taken = np.maximum(taken, held)
        low, high = (middle, high) if float(taken.sum()) < wanted else (low, middle)
    return high


def _of_volume(gauge: Floats, allowed: Floats, wish: LesionWish, drawn: Drawn, box: Grid) -> Floats:
    found = _fitted(gauge, allowed, wish.volume_ml, drawn, box)
    if found is None:
        room = _room_ml(gauge, allowed, wish, drawn, box)
        only = f", only for about {room:.2g} ml: ask for a smaller one or" if room else ": ask for"
        raise RefusedError(
            f"There is no room for {wish.named} of {wish.volume_ml:g} ml at this place{only} "
            "another place."
        )
    return found


def _fitted(
    gauge: Floats, allowed: Floats, volume_ml: float, drawn: Drawn, box: Grid
) -> Floats | None:
    """The lesion of a volume, None where it would be squeezed too much."""
    wanted = volume_ml / box.voxel_ml
    edge = min(drawn.edge_mm, 0.5 * radius_of(volume_ml / len(drawn.shapes)))
    threshold = _threshold(gauge, allowed, None, edge, wanted)
    if threshold > _SQUEEZED * _threshold(gauge, None, None, edge, wanted):
        return None
    found = _taken(gauge, threshold, edge) * allowed
    return found if abs(float(found.sum()) / wanted - 1) <= 0.02 else None


def _room_ml(gauge: Floats, allowed: Floats, wish: LesionWish, drawn: Drawn, box: Grid) -> float:
    """About the largest volume that fits where one does not, rounded down by some percent."""
    low, high = 0.0, wish.volume_ml
    for _ in range(6):
        middle = (low + high) / 2
        fits = _fitted(gauge, allowed, middle, drawn, box) is not None
        low, high = (middle, high) if fits else (low, middle)
    return 0.95 * low


def _with_earlier(
    gauge: Floats, allowed: Floats, wish: LesionWish, drawn: Drawn, box: Grid, before: Floats
) -> Floats:
    """The same volume, with everything that the lesion held before."""
    wanted = wish.volume_ml / box.voxel_ml
    edge = min(drawn.edge_mm, 0.5 * radius_of(wish.volume_ml / len(drawn.shapes)))
    threshold = _threshold(gauge, allowed, before, edge, wanted)
    return np.asarray(np.maximum(_taken(gauge, threshold, edge) * allowed, before))


def _parts(
    wish: LesionWish,
    drawn: Drawn,
    box: Grid,
    proper: Floats,
    shares: tuple[Floats, Floats, Floats],
    allowed: Floats,
    radius: float,
) -> dict[int, Floats]:
    """Shares by label, as the kind orders its parts."""
    step = box.spacing[0]
    inner = np.zeros_like(proper)
    if drawn.rim_share:
        depth = ndimage.distance_transform_edt(proper > 0.5) * step
        rough = octaves(drawn.shapes[0].seed + 31, 0.5 * radius, box, count=2)
        thick = drawn.rim_share * radius * np.clip(1 + 0.35 * rough, 0.45, 1.9)
        thick = np.clip(thick, 1.2, 8.0)
        inner = np.asarray(
            np.clip(0.5 + (depth - thick) / max(1.0, drawn.edge_mm), 0, 1) * proper,
            dtype=np.float32,
        )
    labels = range(1, len(wish.what.parts) + 1)
    out = {label: np.zeros_like(proper) for label in labels}
    solid = [n for n, part in zip(labels, wish.what.parts, strict=True) if part.proper]
    out[solid[0]] = proper - inner
    if len(solid) > 1:
        out[solid[1]] = inner
    if not wish.what.parts[0].proper and drawn.edema_share:
        wanted = drawn.edema_share * wish.volume_ml / box.voxel_ml
        rough = octaves(drawn.shapes[0].seed + 41, max(4.0, 0.5 * radius), box, count=2)
        around = spread_edema(proper, shares, allowed, step, wanted, rough)
        out[1] = around * (1 - proper)
    return out
