"""Crops of heads with a region hidden and filled smoothly; the target is the healthy tissue there.

A crop is prepared as the engine prepares a whole image: the region is filled from what surrounds
it in three dimensions, and the head's mirror image shows the region's filling where it shows the
region. Parameters are drawn first (`draw_hole`), and applied to the arrays afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch.nn import functional

from SynthCore.models.smooth_fill import MARGIN_MM, smooth_fill
from SynthCore.tasks import CT_ROLES
from SynthCore.training.cases import Batch
from SynthCore.training.inpaint.look import Contrast, apply_contrast, draw_contrast
from SynthCore.training.inpaint.shapes import Shape, apply_shape, draw_shape, place
from SynthCore.training.inpaint.volumes import Volume

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SLICES_OF_HOLE = 2
"""Crops from each region that is hidden."""

AT_LESION, IN_BRAIN = 0.4, 0.7
"""Share of regions over a lesion, where there is one; share that end where the brain does."""

DEGREES, ZOOM = 12.0, 0.12
ASIDE = 14.0
"""Pixels that a region may lie beside the middle of its crop."""

EDGE_WEIGHT = 2.0
"""In the loss, of what lies at the region's border, so that the filling joins what is around it."""


@dataclass(frozen=True)
class Hole:
    """What is hidden in which volume, and how it is shown.

    Attributes
    ----------
    shape : Shape
        The region.
    center : tuple of int
        Voxel of the volume at its center.
    in_brain : bool
        Whether it is cut off where the brain ends.
    matrix : tuple of float
        Rows and columns of the volume per row and column of the crop, row by row.
    offset : tuple of float
        Pixels from the crop's center to the region's.
    contrast : Contrast
        The same for image, mirror image and target.
    slices : tuple of float
        Which of the region's slices are shown: how much of it lies below them.
    """

    shape: Shape
    center: tuple[int, int, int]
    in_brain: bool
    matrix: tuple[float, float, float, float]
    offset: tuple[float, float]
    contrast: Contrast
    slices: tuple[float, ...]


def draw_hole(rng: np.random.Generator, volume: Volume, patch: int) -> Hole:
    """A region in a volume, and the way it is shown in a crop of `patch` pixels."""
    shape = draw_shape(rng)
    lesion = len(volume.lesions) > 0 and rng.random() < AT_LESION
    places = volume.lesions if lesion else volume.centers
    k, j, i = (int(v) for v in places[int(rng.integers(len(places)))])
    angle = math.radians(rng.uniform(-DEGREES, DEGREES))
    zoom = math.exp(rng.uniform(-ZOOM, ZOOM))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    rows = volume.spacing[2] / volume.spacing[1]  # crops have square pixels
    cos, sin = zoom * math.cos(angle), zoom * math.sin(angle)
    room = patch / 2 - 6 - shape.reach_mm / volume.spacing[2] / zoom
    room = min(max(0.0, room), ASIDE)
    contrast = Contrast() if volume.role in CT_ROLES else draw_contrast(rng)
    return Hole(
        shape,
        (k, j, i),
        bool(rng.random() < IN_BRAIN),
        (rows * cos, -rows * sin * flip, sin, cos * flip),
        (float(rng.uniform(-room, room)), float(rng.uniform(-room, room))),
        contrast,
        tuple(float(v) for v in rng.random(SLICES_OF_HOLE)),
    )


@dataclass(frozen=True)
class Shown:
    """Slices through a region as the network sees them, float32.

    Attributes
    ----------
    x : numpy.ndarray
        [n, 3 * slices, row, column]: neighbors of the image with the region filled smoothly, of
        the same in the mirror, and of the region.
    target, weight : numpy.ndarray
        [n, 1, row, column]: what is to be learned, and its weight in the loss.
    """

    x: Float32
    target: Float32
    weight: Float32


def show(volume: Volume, hole: Hole, patch: int, slices: int) -> Shown | None:
    """Hide a region; None where nothing of it lies in healthy tissue."""
    step = volume.spacing[0]
    half = math.ceil(hole.shape.reach_mm / step)
    margin = max(slices // 2, math.ceil(MARGIN_MM / step))
    first = max(0, hole.center[0] - half - margin)
    last = min(volume.image.shape[0], hole.center[0] + half + margin + 1)
    pixel = math.hypot(hole.matrix[2], hole.matrix[3]) * volume.spacing[2]
    spacing = (step, pixel, pixel)
    may = _crop(volume.allowed[first:last], hole, patch) > 0.5
    if hole.in_brain:
        may &= _crop(volume.brain[first:last], hole, patch) > 0.5
    middle = [round((patch - 1) / 2 + o) for o in hole.offset]
    center = (hole.center[0] - first, middle[0], middle[1])
    region = place(apply_shape(hole.shape, spacing), center, tuple(may.shape)) & may.numpy()
    layers = np.flatnonzero(region.any(axis=(1, 2)))
    if len(layers) == 0:
        return None
    # slices that show more of the region are shown more often
    below = np.cumsum(np.sqrt(region.sum(axis=(1, 2)))[layers])
    chosen = [int(layers[np.searchsorted(below, s * below[-1])]) for s in hole.slices]
    image = apply_contrast(hole.contrast, _crop(volume.image[first:last], hole, patch)).numpy()
    filled = smooth_fill(image, region, spacing)
    reach = np.arange(slices) - slices // 2
    near = [np.clip(reach + k, 0, len(image) - 1) for k in chosen]
    used = np.unique(np.concatenate(near))
    seen = apply_contrast(hole.contrast, _crop(volume.seen[used + first], hole, patch)).numpy()
    seen = seen + _change_in_mirror(volume, hole, filled - image, used, first)
    hidden = region.astype(np.float32)
    x = [np.concatenate([filled[n], seen[np.searchsorted(used, n)], hidden[n]]) for n in near]
    target = _crop(volume.target[np.array(chosen) + first], hole, patch)
    inner = ndimage.binary_erosion(region[chosen], np.ones((1, 3, 3)), iterations=2)
    weight = np.where(inner, 1.0, EDGE_WEIGHT) * region[chosen]
    return Shown(
        np.stack(x),
        apply_contrast(hole.contrast, target).numpy()[:, None],
        weight.astype(np.float32)[:, None],
    )


def _crop(volume: npt.NDArray[np.generic], hole: Hole, patch: int) -> torch.Tensor:
    """[k, patch, patch] of a block [k, j, i], turned, scaled and flipped in the plane; 0 beyond."""
    h, w = volume.shape[1:]
    rows, columns = _in_volume(*_grid(patch), hole, patch)
    where = np.stack([(2 * columns + 1) / w - 1, (2 * rows + 1) / h - 1], axis=-1)
    block = torch.from_numpy(np.ascontiguousarray(volume)).float()
    grid = torch.from_numpy(where.astype(np.float32))[None]
    return functional.grid_sample(block[None], grid, align_corners=False)[0]


def _grid(patch: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    steps = np.arange(patch, dtype=np.float64)
    rows, columns = np.meshgrid(steps, steps, indexing="ij")
    return rows, columns


def _in_volume(
    rows: npt.NDArray[np.float64], columns: npt.NDArray[np.float64], hole: Hole, patch: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Crop pixels as rows and columns of the volume."""
    a, b, c, d = hole.matrix
    v = rows - (patch - 1) / 2 - hole.offset[0]
    u = columns - (patch - 1) / 2 - hole.offset[1]
    return hole.center[1] + a * v + b * u, hole.center[2] + c * v + d * u


def _in_crop(
    rows: npt.NDArray[np.float64], columns: npt.NDArray[np.float64], hole: Hole, patch: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Rows and columns of the volume as crop pixels."""
    a, b, c, d = hole.matrix
    across = a * d - b * c
    v, u = rows - hole.center[1], columns - hole.center[2]
    return (
        (d * v - b * u) / across + (patch - 1) / 2 + hole.offset[0],
        (a * u - c * v) / across + (patch - 1) / 2 + hole.offset[1],
    )


def _change_in_mirror(
    volume: Volume, hole: Hole, change: Float32, layers: npt.NDArray[np.int64], first: int
) -> Float32:
    """What filling the region changes in the mirror image, in these layers of the block."""
    patch = change.shape[1]
    step = np.asarray(volume.spacing)
    center = np.asarray(hole.center, dtype=np.float64) * step
    away = np.linalg.norm(volume.mirror.image_of(center) - center)
    if away > 2 * hole.shape.reach_mm + 4:
        return np.zeros((len(layers), patch, patch), dtype=np.float32)
    rows, columns = _in_volume(*_grid(patch), hole, patch)
    k = layers.astype(np.float64)[:, None, None] + first
    points = np.stack(np.broadcast_arrays(k, rows, columns)) * step[:, None, None, None]
    mirrored = volume.mirror.image_of(points) / step[:, None, None, None]
    rows, columns = _in_crop(mirrored[1], mirrored[2], hole, patch)
    places = np.stack([mirrored[0] - first, rows, columns])
    moved = ndimage.map_coordinates(change, places, order=1, output=np.float32)
    return np.asarray(moved, dtype=np.float32)


@dataclass(frozen=True)
class HoleSampler:
    """Draws regions from volumes; real and generated ones in fixed shares."""

    real: Sequence[Volume]
    generated: Sequence[Volume]
    share_generated: float
    slices: int
    batch: int
    patch: int

    @property
    def patients(self) -> list[str]:
        """Everyone who can be drawn."""
        return sorted({volume.patient for volume in (*self.real, *self.generated)})

    def draw(self, rng: np.random.Generator) -> Batch:
        """One batch."""
        crops: list[Shown] = []
        while len(crops) * SLICES_OF_HOLE < self.batch:
            pool = self.generated if rng.random() < self.share_generated else self.real
            volume = _choose(rng, pool or self.real or self.generated)
            shown = show(volume, draw_hole(rng, volume, self.patch), self.patch, self.slices)
            crops += [] if shown is None else [shown]
        x, y, weight = (
            torch.from_numpy(np.concatenate(parts)[: self.batch])
            for parts in zip(*((s.x, s.target, s.weight) for s in crops), strict=True)
        )
        return Batch(x, y, weight)


def _choose(rng: np.random.Generator, pool: Sequence[Volume]) -> Volume:
    """A patient, each alike, and one of the images of that patient."""
    everyone = sorted({volume.patient for volume in pool})
    patient = everyone[int(rng.integers(len(everyone)))]
    own = [volume for volume in pool if volume.patient == patient]
    return own[int(rng.integers(len(own)))]
