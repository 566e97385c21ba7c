"""The patient around a synthetic CT, as the real CT shows him: what the synthetic CT cuts off.

On the synthetic CT's own grid both CTs end at the same place, and a beam is too short by the same
length in each: nothing that is computed there finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.quality.body import body_in_ct
from SynthCore.quality.grids import reached, resample_to

Mask = npt.NDArray[np.bool_]

COARSE_MM = 2.0
"""Voxels of this size show how much is missing, and a wide CT in them takes little memory."""

_BESIDE = np.ones((3, 3), dtype=np.bool_)


@dataclass(frozen=True)
class Surroundings:
    """The real body beside and within the synthetic CT.

    Attributes
    ----------
    body : Image
        [k, j, i], bool: the real body in the synthetic CT's slices, as wide as the real CT.
    within : numpy.ndarray of bool
        [k, j, i] on that grid: what lies within the synthetic CT.
    along : int
        The array axis that runs along the body.
    longer_mm : float
        How far the real CT goes beyond the synthetic one along the body, both ends together.
    """

    body: Image
    within: Mask
    along: int
    longer_mm: float

    def share(self, target: Image | None = None) -> float:
        """Of the body that lies within the synthetic CT; NaN where there is no body.

        Parameters
        ----------
        target : Image, optional
            Then only its slices count, and in them only the part of the body that holds it, such
            as one of two legs.
        """
        counted = np.asarray(self.body.voxels > 0)
        if target is not None:
            moved, _ = resample_to(target, self.body, outside=0.0)
            counted = _parts(counted, np.asarray(moved.voxels > 0), self.along)
        return self._within(counted)

    def share_of_largest(self) -> float:
        """The same of the largest part of the body in every slice."""
        return self._within(_parts(np.asarray(self.body.voxels > 0), None, self.along))

    def _within(self, counted: Mask) -> float:
        return float(self.within[counted].mean()) if counted.any() else float("nan")


def surroundings(
    synthetic: Image, real: Image, place: Callable[[Image], Image] | None = None
) -> Surroundings | None:
    """What the real CT shows beside the synthetic one; nothing where both lie on one grid.

    Parameters
    ----------
    synthetic, real : Image
        HU.
    place : callable, optional
        Brings the real CT onto a grid; by their affines where not given.
    """
    if real.same_grid(synthetic):
        return None
    along = along_body(synthetic)
    grid, longer = _wider(synthetic, real, 2 - along)
    there = place(grid) if place is not None else resample_to(real, grid)[0]
    body = grid.with_voxels(body_in_ct(there), modality="", unit="")
    return Surroundings(body, reached(synthetic, grid), along, longer)


def along_body(image: Image) -> int:
    """The array axis of [k, j, i] that runs nearest to the patient's length."""
    return 2 - int(np.abs(image.direction[2]).argmax())


def _wider(synthetic: Image, real: Image, axis: int) -> tuple[Image, float]:
    """A coarse grid as wide as both, without voxels of its own; `axis` (i, j, k) is not widened."""
    faces = np.array(list(product(*((-0.5, n - 0.5) for n in real.shape[::-1]))))
    world = faces @ real.affine[:3, :3].T + real.affine[:3, 3]
    inverse = np.linalg.inv(synthetic.affine)
    there = world @ inverse[:3, :3].T + inverse[:3, 3]
    own = np.array(synthetic.shape[::-1])
    low, high = np.minimum(there.min(axis=0), -0.5), np.maximum(there.max(axis=0), own - 0.5)
    spacing = np.asarray(synthetic.spacing)
    longer = float((high - low - own)[axis] * spacing[axis])
    low[axis], high[axis] = -0.5, own[axis] - 0.5
    # whole numbers of voxels, so that the edge of one grid is an edge of the other
    times = np.maximum(1, np.floor(COARSE_MM / spacing + 1e-6))
    times[axis] = min(times[axis], own[axis])
    low = -0.5 - times * np.ceil((-0.5 - low) / times - 1e-6)
    count = np.maximum(1, np.ceil((high - low) / times - 1e-6)).astype(int)
    # along the body no voxel reaches beyond the last slice, where only the real CT is
    count[axis] = own[axis] // int(times[axis])
    affine = synthetic.affine.copy()
    affine[:3, :3] = synthetic.affine[:3, :3] * times
    affine[:3, 3] += synthetic.affine[:3, :3] @ (low + times / 2)
    empty = np.broadcast_to(np.float32(0), tuple(int(n) for n in count[::-1]))
    return Image(empty, affine, "CT", "HU"), longer


def _parts(body: Mask, target: Mask | None, along: int) -> Mask:
    """In each slice the parts of the body that hold a target, or the largest."""
    chosen = np.zeros_like(body)
    for n in range(body.shape[along]):
        at = (slice(None),) * along + (n,)
        if target is not None and not target[at].any():
            continue
        labels, count = ndimage.label(body[at], _BESIDE)
        if count == 0:
            continue
        names = np.unique(labels[target[at]]) if target is not None else np.array(
            [1 + int(np.bincount(labels.ravel())[1:].argmax())]
        )  # fmt: skip
        chosen[at] = np.isin(labels, names[names > 0])
    return chosen
