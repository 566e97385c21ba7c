"""Where a lesion of a rule lies: a voxel drawn from those that the rule allows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import RefusedError
from SynthCore.lesions.hemispheres import may_be_cortex, right_of_middle
from SynthCore.lesions.organs import CEREBRUM_MM
from SynthCore.lesions.regions import NAMES, USUAL_ML, region_numbers
from SynthCore.lesions.scene import Scene, require_held
from SynthCore.lesions.wish import LesionWish, Point

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_REGION_WORDS = {"deep": "deep gray matter", "cerebellum": "cerebellum"}
_LEAST_SEEN = 0.4
"""Of a region's usual volume: at the image's end, less of it may be something else."""


def radius_of(volume_ml: float) -> float:
    """Radius in mm of a ball of that volume."""
    return float((3 * volume_ml * 1000 / (4 * np.pi)) ** (1 / 3))


def draw_sites(
    scene: Scene, wish: LesionWish, count: int, apart_mm: float = 0.0
) -> tuple[str, list[Point]]:
    """The rule, and places for lesions in the order drawn, so far apart where there is room.

    Raises
    ------
    RefusedError
        If the rule fits nowhere.
    """
    radius = radius_of(wish.volume_ml / max(count, 1))
    place = place_of(wish)
    inside = _inside(scene, wish) if place else None
    # a lobe may have no place of the usual rule: then the next of the kind's counts
    sites = (wish.site,) if wish.site else wish.what.sites if place else wish.what.sites[:1]
    for site in sites:
        allowed = _allowed(scene, wish, site, radius)
        if inside is not None:
            allowed = _within(allowed, inside, radius)
        if allowed.any():
            break
    voxels = np.argwhere(allowed)
    if not len(voxels):
        rule = f"of the rule {sites[0]}" if len(sites) == 1 else "of any of its rules"
        where = f"the {place}" if place else "this image"
        raise RefusedError(
            f"There is no place {rule} for {wish.named} of {wish.volume_ml:g} ml in {where}; "
            "ask for a smaller one, another site, or a point."
        )
    rng = np.random.default_rng([wish.seed, 11])
    order = rng.permutation(len(voxels))[:4000]
    points = voxels[order][:, ::-1] @ scene.grid.affine[:3, :3].T + scene.grid.affine[:3, 3]
    chosen: list[Point] = []
    while len(chosen) < count and apart_mm >= 0:
        for x, y, z in points:
            far = all(np.linalg.norm(np.subtract((x, y, z), c)) >= apart_mm for c in chosen)
            if far and (float(x), float(y), float(z)) not in chosen:
                chosen.append((float(x), float(y), float(z)))
                if len(chosen) == count:
                    break
        apart_mm = apart_mm / 2 if apart_mm > 1 else -1
    return site, chosen


def place_of(wish: LesionWish) -> str:
    """Side and region in words, such as ``left frontal lobe``; empty where none is asked for."""
    if wish.region is None:
        return f"{wish.side} hemisphere" if wish.side else ""
    words = _REGION_WORDS.get(wish.region, f"{wish.region} lobe")
    return f"{wish.side} {words}" if wish.side else words


def share_in_place(scene: Scene, wish: LesionWish, points: Floats, weights: Floats) -> float:
    """How much of what lies at points [..., 3] lies on the side and in the region of a wish."""
    inside = _asked(wish, scene.proportions.coordinates(points))
    return float((weights * inside).sum() / max(float(weights.sum()), 1e-9))


def _asked(wish: LesionWish, coordinates: Floats) -> Mask:
    found = np.ones(coordinates.shape[:-1], dtype=np.bool_)
    if wish.side is not None:
        right = coordinates[..., 0]
        found &= (right < 0) if wish.side == "left" else (right > 0)
    if wish.region is not None:
        found &= region_numbers(coordinates) == NAMES.index(wish.region)
    return found


def _inside(scene: Scene, wish: LesionWish) -> Floats:
    """Distance in mm from what is not on the side and in the region asked for, 0 there."""
    found = scene.organ & _asked(wish, scene.coordinates)
    sides = 1 if wish.side else 2
    usual = USUAL_ML.get(wish.region or "", 200.0) * sides * float(np.prod(scene.proportions.scale))
    if float(found.sum()) * scene.grid.voxel_ml < _LEAST_SEEN * usual:
        raise RefusedError(
            f"The brain that is found in the image does not reach the {place_of(wish)}; name "
            "another region, or a point."
        )
    # borders within the brain count, not the outline of the brain
    away = ndimage.distance_transform_edt(found | ~scene.organ, scene.grid.spacing)
    return np.asarray(away * found, dtype=np.float32)


def _within(allowed: Mask, inside: Floats, radius_mm: float) -> Mask:
    """Centers for which most of a lesion lies inside, where there is room for that."""
    for share in (0.7, 0.35):
        inner = allowed & (inside > share * radius_mm)
        if inner.any():
            return np.asarray(inner)
    return np.asarray(allowed & (inside > 0))


def _allowed(scene: Scene, wish: LesionWish, site: str, radius_mm: float) -> Mask:
    depth = scene.depth
    if site in ("lung", "liver"):
        deep = depth > radius_mm + 4.0
        return deep if deep.any() else depth > max(radius_mm, 2.0)
    if site == "subpleural":
        return np.asarray((depth > 0.7 * radius_mm) & (depth < radius_mm + 4.0))
    found = _brain(scene, site, radius_mm)
    # a region says at which level it lies
    return found if wish.region else np.asarray(found & _cerebrum(scene))


def _brain(scene: Scene, site: str, radius_mm: float) -> Mask:
    depth, ventricle = scene.depth, scene.from_ventricle
    if site == "periventricular":
        near = (ventricle > 1.0) & (ventricle < 4.0 + radius_mm)
        return np.asarray((scene.smooth(scene.white, 1.0) > 0.7) & near & (depth > 14))
    if site == "deep-white-matter":
        white = scene.smooth(scene.white, max(2.5, 0.25 * radius_mm))
        for least, below in ((0.7, 12 + 0.5 * radius_mm), (0.6, 8 + 0.3 * radius_mm)):
            found = (white > least) & (depth > below) & (ventricle > 4)
            if found.any():
                break
        return np.asarray(found)
    if site == "cortical":
        gray = scene.smooth(scene.gray, 1.0)
        reach = (depth > 3 + 0.45 * radius_mm) & (depth < 9 + 0.7 * radius_mm)
        found = (gray > 0.3) & (scene.fluid < 0.3) & reach
        return np.asarray(found & may_be_cortex(scene) if found.any() else found)
    gray = scene.smooth(scene.gray, 2.5)
    # to the side of the gray matter between the hemispheres
    aside = np.abs(right_of_middle(scene, scene.grid.points()))
    beside = (aside > 10 + 0.3 * radius_mm) & (aside < 40)
    return np.asarray((gray > 0.55) & (depth > 27) & (ventricle > 3) & (ventricle < 28) & beside)


def _cerebrum(scene: Scene) -> Mask:
    """From below the top of the brain down to where the brainstem and cerebellum begin."""
    slices = np.flatnonzero(scene.organ.any(axis=(1, 2)))
    area = scene.organ.sum(axis=(1, 2))
    wide = np.flatnonzero(area > 0.08 * area.max())
    top = int(wide.max()) if len(wide) else int(slices.max())
    level = (top - np.arange(scene.organ.shape[0])) * scene.grid.spacing[0]
    inside = (level > 6) & (level < CEREBRUM_MM - 22)
    if not inside[slices].any():
        inside[:] = True
    return np.broadcast_to(inside[:, None, None], scene.organ.shape)


def check_point(scene: Scene, wish: LesionWish, at: Point) -> None:
    """Refuse a point that does not lie in the organ.

    Raises
    ------
    RefusedError
        In one sentence.
    """
    require_held(scene.grid, at)
    index = scene.grid.index(np.asarray(at, dtype=np.float32))
    place = tuple(round(float(v)) for v in index)
    told = ", ".join(f"{v:.0f}" for v in at)
    near = tuple(slice(max(0, p - 1), p + 2) for p in place)
    if not scene.organ[near].any():
        raise RefusedError(
            f"The point {told} does not lie in the {wish.what.organ}, where {wish.named} lies: "
            "name another point, or a site."
        )
    if wish.what.organ == "brain" and float(scene.fluid[near].mean()) > 0.7:
        raise RefusedError(
            f"The point {told} lies in cerebrospinal fluid, where no {wish.kind} starts: name a "
            "point in the tissue of the brain."
        )


def direction_at(scene: Scene, field: npt.NDArray[np.float32], at: Point, mm: float) -> Point:
    """Unit vector (LPS) along which a field of the scene rises fastest at a point, smoothed."""
    grid = scene.grid
    (x, y, z), reach = at, 3 * mm
    block = grid.around((x - reach, y - reach, z - reach), (x + reach, y + reach, z + reach))
    if block is None or min(s.stop - s.start for s in block) < 2:
        return 0.0, 0.0, 1.0
    part = ndimage.gaussian_filter(field[block].astype(np.float32), [mm / s for s in grid.spacing])
    slopes = np.gradient(part)
    index = grid.index(np.asarray(at, dtype=np.float32))
    place = tuple(
        int(np.clip(round(float(v)) - s.start, 0, s.stop - s.start - 1))
        for v, s in zip(index, block, strict=True)
    )
    rise = np.array([slopes[2][place], slopes[1][place], slopes[0][place]])  # per index i, j, k
    world = np.linalg.inv(grid.affine[:3, :3]).T @ rise
    norm = float(np.linalg.norm(world))
    if norm < 1e-6:
        return 0.0, 0.0, 1.0
    a, b, c = (float(v) / norm for v in world)
    return a, b, c
