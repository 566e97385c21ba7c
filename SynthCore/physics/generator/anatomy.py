"""A label map made ready: what is computed once for each, and read for every person drawn from it.

Distances are kept as bytes (half or quarter millimeters), so that twenty heads fit into memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor

from SynthCore.errors import InputError
from SynthCore.physics.generator import labels as names

MARGIN_MM = 12.0
"""Air kept around the body."""

DEPTH_STEP = 0.5
SKULL_STEP = 0.25
"""mm of one unit of `Anatomy.depth`, and of `Anatomy.outer` and `Anatomy.inner`."""

PLACES = 4096
"""Voxels kept of each kind of tissue that lesions start from."""

Bools = npt.NDArray[np.bool_]
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Anatomy:
    """A label map cropped to the body, axes (k, j, i) toward superior, posterior, left.

    Attributes
    ----------
    spacing : tuple of float
        mm along (k, j, i).
    codes : Tensor
        uint8 [k, j, i], `labels.CODES`.
    depth : Tensor
        int8, depth under the skin in `DEPTH_STEP`, negative outside.
    outer : Tensor
        int8, depth under the surface of bone and what it encloses in `SKULL_STEP`, negative
        outside.
    inner : Tensor
        int8, distance from the cavity of skull and spine in `SKULL_STEP`, negative inside.
    air : Tensor
        uint8, share of air and nasal cavity within 3 mm, 255 for all; inside the body only.
    origin : tuple of int
        Voxel of the whole label map at which the crop begins.
    center : tuple of float
        Middle of the cerebrum, crop voxels.
    eyes : tuple
        Centers of the eyeballs, crop voxels.
    ears : tuple
        About the middle of the two temporal bones, crop voxels.
    vault : float
        Level (crop voxel along k) above which the skull is a shell.
    white, periventricular, cortical : Tensor
        int16 [n, 3], crop voxels that lesions start from.
    """

    spacing: Triple
    codes: Tensor
    depth: Tensor
    outer: Tensor
    inner: Tensor
    air: Tensor
    origin: tuple[int, int, int]
    center: Triple
    eyes: tuple[Triple, ...]
    ears: tuple[Triple, ...]
    vault: float
    white: Tensor
    periventricular: Tensor
    cortical: Tensor

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along (k, j, i)."""
        k, j, i = self.codes.shape
        return k, j, i

    @property
    def extent_mm(self) -> Triple:
        """From the center of the first voxel to that of the last."""
        k, j, i = ((n - 1) * s for n, s in zip(self.shape, self.spacing, strict=True))
        return k, j, i

    def to(self, device: torch.device | str) -> Anatomy:
        """The same on another device."""
        moved = {n: v.to(device) for n, v in vars(self).items() if isinstance(v, Tensor)}
        return replace(self, **moved)  # type: ignore[arg-type]


def read_anatomy(labels: Tensor, spacing: Triple = (1.0, 1.0, 1.0)) -> Anatomy:
    """Make a label map ready; some seconds for a whole head.

    Parameters
    ----------
    labels : Tensor
        int16 [k, j, i], numbers of `labels`, axes toward superior, posterior, left.
    spacing : tuple of float
        mm along (k, j, i).

    Raises
    ------
    InputError
        If there is no body in it.
    """
    device = labels.device
    whole = labels.cpu().numpy()
    body = _largest(whole > 0)
    if not body.any():
        raise InputError("The label map holds no body: every label is 0.")
    crop, origin = _crop(body, spacing)
    voxels, body = np.where(body, whole, 0)[crop], body[crop]
    cavity = _largest(np.isin(voxels, names.CAVITY) | _sinuses(voxels))
    bone = np.isin(voxels, names.BONE)
    enclosed = bone | cavity
    outer = _signed(enclosed, spacing)
    inner = _outside(cavity, spacing)
    depth, inside = _depth(body, spacing)
    hollow = inside & ((voxels == 0) | (voxels == names.MIXED["nasal"]))
    air = ndimage.uniform_filter(hollow.astype(np.float32), [_odd(5.0 / s) for s in spacing])
    center = _middle(np.isin(voxels, names.CEREBRUM), voxels.shape)
    places = _places(voxels, spacing)

    def tensor(array: npt.NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(device)

    return Anatomy(
        spacing,
        tensor(names.code_table()[np.clip(voxels, 0, 1023)]),
        tensor(_bytes(depth, DEPTH_STEP)),
        tensor(_bytes(outer, SKULL_STEP)),
        tensor(_bytes(inner, SKULL_STEP)),
        tensor((255 * air * inside).astype(np.uint8)),
        origin,
        center,
        _eyes(voxels, spacing),
        _ears(voxels, spacing),
        _vault(voxels, center, spacing),
        *(tensor(p) for p in places),
    )


def _sinuses(voxels: npt.NDArray[np.int16]) -> Bools:
    """Veins above the middle of the cerebellum: those between skull and brain."""
    veins: Bools = voxels == 514
    levels = np.flatnonzero(np.isin(voxels, names.CEREBELLUM).any(axis=(1, 2)))
    if levels.size:
        veins[: int(levels.mean())] = False
    return veins


def _crop(body: Bools, spacing: Triple) -> tuple[tuple[slice, ...], tuple[int, int, int]]:
    slices, start = [], []
    for axis, step in enumerate(spacing):
        found = np.flatnonzero(body.any(axis=tuple(n for n in range(3) if n != axis)))
        margin = round(MARGIN_MM / step)
        first = max(0, int(found[0]) - margin)
        slices.append(slice(first, min(body.shape[axis], int(found[-1]) + 1 + margin)))
        start.append(first)
    return tuple(slices), (start[0], start[1], start[2])


def _largest(mask: Bools) -> Bools:
    parts, count = ndimage.label(mask)
    if count < 2:
        return mask
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.asarray(parts == sizes.argmax())


def _signed(mask: Bools, spacing: Triple) -> npt.NDArray[np.float32]:
    """Distance to the mask's surface in mm, positive inside; the surface lies between voxels."""
    half = min(spacing) / 2
    if not mask.any():
        return np.full(mask.shape, -100.0, dtype=np.float32)
    within = ndimage.distance_transform_edt(mask, spacing) - half
    without = ndimage.distance_transform_edt(~mask, spacing) - half
    return np.asarray(np.where(mask, within, -without), dtype=np.float32)


def _outside(cavity: Bools, spacing: Triple) -> npt.NDArray[np.float32]:
    """Distance from the cavity in mm; inside it negative, to a depth of three voxels."""
    half = min(spacing) / 2
    if not cavity.any():
        return np.full(cavity.shape, 100.0, dtype=np.float32)
    away = np.asarray(ndimage.distance_transform_edt(~cavity, spacing) - half, dtype=np.float32)
    peeled, depth = cavity, half
    for _ in range(4):
        away[peeled] = -depth
        peeled, depth = ndimage.binary_erosion(peeled), depth + min(spacing)
    return away


def _depth(body: Bools, spacing: Triple) -> tuple[npt.NDArray[np.float32], Bools]:
    """Depth under the skin in mm, and the body with the air inside of it.

    Outside is the air that a ball of 5 mm radius reaches from the edge of the label map, so that
    nostrils and ear canals are inside.
    """
    thin = [max(1, round(2.0 / s)) for s in spacing]
    pick = tuple(slice(None, None, n) for n in thin)
    steps = [n * s for n, s in zip(thin, spacing, strict=True)]
    air = np.pad(~body[pick], 4, constant_values=True)
    roomy = ndimage.distance_transform_edt(air, steps) > 5.0
    parts, _ = ndimage.label(roomy)
    core = parts == parts[0, 0, 0]
    to_core = ndimage.distance_transform_edt(~core, steps)
    skin = to_core - 5.0  # the ball's own radius brings it back to the surface
    skin = np.where(core, -(ndimage.distance_transform_edt(core, steps) + 5.0), skin)[
        4:-4, 4:-4, 4:-4
    ]
    zoom = [a / b for a, b in zip(body.shape, skin.shape, strict=True)]
    depth = ndimage.zoom(skin.astype(np.float32), zoom, order=1, grid_mode=True, mode="nearest")
    inside = body | (depth > 1.0)
    return depth, inside


def _bytes(values: npt.NDArray[np.float32], step: float) -> npt.NDArray[np.int8]:
    return np.clip(np.round(values / step), -127, 127).astype(np.int8)


def _odd(count: float) -> int:
    return max(1, 2 * round((count - 1) / 2) + 1)


def _middle(mask: Bools, shape: tuple[int, ...]) -> Triple:
    if not mask.any():
        return (shape[0] / 2, shape[1] / 2, shape[2] / 2)
    k, j, i = (float(c) for c in ndimage.center_of_mass(mask))
    return k, j, i


def _eyes(voxels: npt.NDArray[np.int16], spacing: Triple) -> tuple[Triple, ...]:
    parts, count = ndimage.label(np.isin(voxels, names.EYES))
    found, volume = [], spacing[0] * spacing[1] * spacing[2]
    for number in range(1, count + 1):
        if int((parts == number).sum()) * volume > 1000:  # cubic mm; an eyeball has 6,500
            k, j, i = (float(c) for c in ndimage.center_of_mass(parts == number))
            found.append((k, j, i))
    return tuple(found[:2])


def _ears(voxels: npt.NDArray[np.int16], spacing: Triple) -> tuple[Triple, ...]:
    """Temporal bones: 22 mm before the middle of the cerebellum, 42 mm to either side of it."""
    mask = np.isin(voxels, names.CEREBELLUM)
    if not mask.any():
        return ()
    k, j, i = (float(c) for c in ndimage.center_of_mass(mask))
    before, aside = 22.0 / spacing[1], 42.0 / spacing[2]
    return (k, j - before, i - aside), (k, j - before, i + aside)


def _vault(voxels: npt.NDArray[np.int16], center: Triple, spacing: Triple) -> float:
    """Above the roofs of the orbits: 12 mm over the middle of the eyeballs, or of the cerebrum."""
    eyes = np.isin(voxels, names.EYES)
    if not eyes.any():
        return center[0]
    return float(ndimage.center_of_mass(eyes)[0]) + 22.0 / spacing[0]


def _places(
    voxels: npt.NDArray[np.int16], spacing: Triple
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """White matter, white matter within 8 mm of a ventricle, gray matter; each thinned evenly."""
    white = np.isin(voxels, (2, 41))
    ventricle = np.isin(voxels, names.VENTRICLES)
    reach = [_odd(16.0 / s) for s in spacing]
    near = white & (ndimage.uniform_filter(ventricle.astype(np.float32), reach) > 0.02)
    found = []
    for mask in (white, near if near.any() else white, np.isin(voxels, (3, 42))):
        places = np.argwhere(mask)
        every = max(1, len(places) // PLACES)
        found.append(places[::every].astype(np.int16))
    return found[0], found[1], found[2]
