"""Where a lesion may lie: brain, lungs and liver, by simple rules that hold for clean images.

Arrays are [k, j, i] with axes toward superior, posterior and left.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import RefusedError
from SynthCore.image import Image
from SynthCore.lesions.grids import Grid
from SynthCore.physics.generator.distances import largest_part
from SynthCore.quality.body import body_in_ct
from SynthCore.quality.masks import otsu_foreground
from SynthCore.quality.morphology import fill_slices

Mask = npt.NDArray[np.bool_]
Triple = tuple[float, float, float]

SKULL_MM = 14.0
"""From the skin to the brain; scalp and skull of adults are 10 to 16 mm thick (estimate)."""

CEREBRUM_MM = 95.0
"""From the top of a head down to the level of the ears."""

LUNG_HU = -500.0
LIVER_HU = (0.0, 200.0)
BONE_HU = 300.0

_ZEROS = 0.2
"""Of the voxels: as many exact zeros lie around a brain without its skull."""

_WIDEST_CM2 = 228.0
"""Of a slice of a brain; heads of adults are wider (estimate from the images at hand)."""


def is_stripped(image: Image) -> bool:
    """Whether an MR shows the brain alone: zeros around it, and no slice as wide as a head."""
    if np.mean(image.voxels == 0) < _ZEROS:
        return False
    shown = ndimage.binary_opening(image.voxels > 0, np.ones((1, 3, 3)))
    widest = fill_slices(shown).sum(axis=(1, 2)).max()
    return bool(widest * image.spacing[0] * image.spacing[1] / 100 < _WIDEST_CM2)


def brain_mr(image: Image) -> Mask:
    """The brain in MR: all that is shown, or what lies `SKULL_MM` below the skin.

    Raises
    ------
    RefusedError
        If nothing is found.
    """
    spacing = image.spacing[::-1]
    if is_stripped(image):
        found = largest_part(ndimage.binary_opening(image.voxels > 0, np.ones((1, 3, 3))))
        # by slices: at the first and last one, a closing in three dimensions would erode
        closed = ndimage.binary_closing(found, np.ones((1, 3, 3))) | found
        found = fill_slices(closed)
        return _some(found, "brain")
    head = largest_part(otsu_foreground(image.voxels))
    head = fill_slices(_closed(head, 10.0, spacing))
    # the first and last slices are not the head's surface
    padded = np.pad(head, ((2, 2), (0, 0), (0, 0)), mode="edge")
    depth = ndimage.distance_transform_edt(padded, spacing)[2:-2]
    area = head.sum(axis=(1, 2)) * spacing[1] * spacing[2]
    top = int(np.flatnonzero(area > 500).max(initial=0))
    level = (top - np.arange(head.shape[0])) * spacing[0]
    return _some((depth > SKULL_MM) & (level <= CEREBRUM_MM)[:, None, None], "brain")


def brain_ct(image: Image) -> Mask:
    """The brain in CT: the largest piece of soft tissue that bone encloses in the slice.

    Raises
    ------
    RefusedError
        If there is none.
    """
    spacing = image.spacing[::-1]
    smooth = ndimage.gaussian_filter(image.voxels.astype(np.float32), [1.0 / s for s in spacing])
    bone = _closed(smooth > BONE_HU, 6.0, spacing)
    inside = fill_slices(bone) & ~bone
    soft = inside & (smooth > -20) & (smooth < 110)
    cross = ndimage.generate_binary_structure(3, 1)
    return _some(largest_part(ndimage.binary_opening(soft, cross)), "brain")


def lungs(image: Image) -> Mask:
    """The lungs with their vessels: air within the body, in pieces of at least 100 ml.

    Raises
    ------
    RefusedError
        If there are none.
    """
    body = body_in_ct(image)
    air = (image.voxels < LUNG_HU) & ndimage.binary_erosion(body, iterations=2)
    pieces, count = ndimage.label(air)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1) * float(np.prod(image.spacing)) / 1e3
    sizes[0] = 0
    return _some(_closed((sizes >= 100)[pieces], 6.0, image.spacing[::-1]), "lung")


def liver_from(image: Image, at: Triple) -> Mask:
    """What is like the tissue at a point of a CT and hangs together with it, opened by 4 mm.

    Smoothed by 2 mm, and within 25 HU of the median within 8 mm of the point.

    Raises
    ------
    RefusedError
        If the point does not lie in soft tissue of 0 to 200 HU.
    """
    spacing = image.spacing[::-1]
    grid = Grid(image.shape, image.affine)
    index = grid.index(np.asarray(at, dtype=np.float32))
    place = tuple(round(float(v)) for v in index)
    smooth = ndimage.gaussian_filter(image.voxels.astype(np.float32), [2.0 / s for s in spacing])
    near = tuple(
        slice(max(0, p - round(8 / s)), p + round(8 / s) + 1)
        for p, s in zip(place, spacing, strict=True)
    )
    level = float(np.median(smooth[near]))
    if not LIVER_HU[0] < level < LIVER_HU[1] or abs(float(smooth[place]) - level) > 25:
        raise RefusedError(
            f"The tissue at the point is of {float(smooth[place]):.0f} HU amid {level:.0f} HU and "
            "no liver; give a point inside the liver, or a mask of it."
        )
    like = np.abs(smooth - level) < 25
    steps = [max(1, round(4 / s)) for s in spacing]
    ball = _ball(steps)
    opened = ndimage.binary_opening(like, ball)
    pieces, _ = ndimage.label(opened)
    own = int(pieces[place]) or _nearest_label(pieces, place, steps)
    if own == 0:
        raise RefusedError(
            "The tissue at the point is not a piece of liver larger than 8 mm; give a point inside "
            "the liver, or a mask of it."
        )
    return np.asarray(pieces == own)


def _nearest_label(pieces: npt.NDArray[np.int32], place: tuple[int, ...], steps: list[int]) -> int:
    around = tuple(slice(max(0, p - s), p + s + 1) for p, s in zip(place, steps, strict=True))
    found = pieces[around]
    return int(np.bincount(found[found > 0]).argmax()) if (found > 0).any() else 0


def _closed(mask: Mask, mm: float, spacing: Triple) -> Mask:
    """Closed within the slice, by distances."""
    steps = spacing[1:]
    out = np.zeros_like(mask)
    pad = [max(1, int(mm / s) + 1) for s in steps]
    for n, piece in enumerate(mask):
        if not piece.any():
            continue
        wide = np.pad(piece, [(p, p) for p in pad])
        wide = ndimage.distance_transform_edt(~wide, steps) <= mm
        wide = ndimage.distance_transform_edt(wide, steps) > mm
        out[n] = wide[pad[0] : -pad[0], pad[1] : -pad[1]]
    return out | mask


def _ball(steps: list[int]) -> Mask:
    axes = np.ogrid[tuple(slice(-s, s + 1) for s in steps)]
    return np.asarray(sum((a / s) ** 2 for a, s in zip(axes, steps, strict=True)) <= 1.01)


def _some(mask: Mask, organ: str) -> Mask:
    if not mask.any():
        raise RefusedError(
            f"No {organ} was found in the image; give an image of it, or a mask of it."
        )
    return np.asarray(mask)
