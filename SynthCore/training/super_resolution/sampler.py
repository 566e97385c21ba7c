"""Crops of planes, thinned along one of their axes; the target is what the smoothest lack.

Not every image has more to show between its slices: much of what is stored at 1 mm was acquired in
thick slices and interpolated, and a limb hardly changes from slice to slice. Some crops are of that
kind (`Stage.interpolated`), so that the network sees by the slices when there is nothing to add.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.physics.thick_slices import Float32, ThickStack
from SynthCore.training.cases import Batch
from SynthCore.training.super_resolution.volumes import Volume

FACTORS = (2.0, 8.0)
TOUCHING = 0.7
"""Share of crops whose thick slices touch; the others have gaps."""

LEAST_THICKNESS = 0.3

CHANGE_SCALE = 0.25
"""The network's output is in this unit of normalized intensity: half of the changes' errors lie
where the loss is quadratic."""

ROWS_MORE = 1.5
"""A crop is cut from so many times its rows after thinning, so that most crops have slices above
and below that they do not hold, and some have the stack's end."""

SHARES = {"brain": 0.5, "head": 0.2, "limb": 0.08, "chest": 0.15, "limb CT": 0.07}
"""Of crops, by kind of volume."""

ACQUIRED_FACTORS = (1.4, 4.0)
"""Thin slices to a thick one of an image that was interpolated before it is thinned."""

ALONG = ("limb", "limb CT")
"""Kinds of volume that are also thinned along their own slices, interpolated before."""
ALONG_SHARE = 0.5

GAMMA = 0.35
GAIN = 0.2
NEIGHBORS_GIVEN = 0.5
"""Share of crops from volumes of thick slices that keep the slices beside their plane, which lie
farther away than in use; the others see the plane itself three times."""


@dataclass(frozen=True)
class ThinnedPlanes:
    """Draws crops from volumes.

    Attributes
    ----------
    volumes : sequence of Volume
        To draw from.
    batch, patch : int
        Crops in a batch, and pixels along their sides.
    interpolated : float
        Share of crops whose planes are interpolated from thicker slices; where it is not 0,
        `ALONG_SHARE` of the limbs' are seen along their slices.
    """

    volumes: Sequence[Volume] = field(repr=False)
    batch: int
    patch: int
    interpolated: float = 0.0

    @property
    def patients(self) -> list[str]:
        """Everyone who can be drawn."""
        return sorted({volume.patient for volume in self.volumes})

    def draw(self, rng: np.random.Generator) -> Batch:
        """One batch: x [n, 6, h, w], y and weight [n, 1, h, w]; h runs along the slices' axis."""
        drawn = [self._one(rng) for _ in range(self.batch)]
        x, y = (torch.from_numpy(np.stack(parts)) for parts in zip(*drawn, strict=True))
        return Batch(x, y, torch.ones_like(y))

    def _one(self, rng: np.random.Generator) -> tuple[Float32, Float32]:
        rows = int(self.patch * ROWS_MORE)
        planes = self._planes(rng, rows)
        factor = float(np.exp(rng.uniform(*np.log(FACTORS))))
        touching = rng.random() < TOUCHING
        thickness = 1.0 if touching else round(float(rng.uniform(LEAST_THICKNESS, 1)), 1)
        means, smoothest, place = _matrices(round(rows / factor), rows, thickness)
        columns = np.ascontiguousarray(planes.transpose(1, 0, 2)).reshape(rows, -1)
        if self.interpolated and rng.random() < self.interpolated:
            acquired = float(np.exp(rng.uniform(*np.log(ACQUIRED_FACTORS))))
            means_before, smoothest_before, _ = _matrices(round(rows / acquired), rows, 1.0)
            columns = smoothest_before @ (means_before @ columns)
            planes = columns.reshape(rows, 3, self.patch).transpose(1, 0, 2)
        smooth = (smoothest @ (means @ columns)).reshape(rows, 3, self.patch).transpose(1, 0, 2)
        first = int(rng.integers(rows - self.patch + 1))
        cut = slice(first, first + self.patch)
        where = np.broadcast_to(place[cut, np.newaxis], (3, self.patch, self.patch))
        x = np.concatenate([smooth[:, cut], where]).astype(np.float32)
        y = (planes[1:2, cut] - smooth[1:2, cut]) / np.float32(CHANGE_SCALE)
        return x, y.astype(np.float32)

    def _planes(self, rng: np.random.Generator, rows: int) -> Float32:
        """Three neighboring planes [3, rows, patch], the axis to thin along the rows."""
        kinds = [k for k in SHARES if any(v.kind == k for v in self.volumes)]
        shares = np.array([SHARES[k] for k in kinds])
        kind = kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]
        among = [v for v in self.volumes if v.kind == kind]
        volume = among[int(rng.integers(len(among)))]
        along = bool(self.interpolated) and kind in ALONG and rng.random() < ALONG_SHARE
        found = _cut(rng, volume, rows, self.patch, along=along)
        for axis in range(3):
            if rng.random() < 0.5:
                found = np.flip(found, axis)
        if volume.contrast:
            found = np.maximum(found, 0) ** np.float32(np.exp(rng.uniform(-GAMMA, GAMMA)))
            found *= np.float32(np.exp(rng.uniform(-GAIN, GAIN)))
        return found


def _cut(
    rng: np.random.Generator, volume: Volume, rows: int, patch: int, *, along: bool
) -> Float32:
    """Three neighboring planes [3, rows, patch] of a volume, its own slices along the rows or not.

    The edges are repeated where the volume ends.
    """
    axes = rng.permutation(3) if volume.isotropic else np.array([0, *(1 + rng.permutation(2))])
    if along:
        axes = axes[[1, 0, 2]]
    turned = volume.voxels.transpose(axes)
    plane, row, column = (
        int(n) for n in volume.points[int(rng.integers(len(volume.points)))][axes]
    )
    near = np.clip(plane + np.arange(-1, 2), 0, len(turned) - 1)
    if not volume.isotropic and not along and rng.random() > NEIGHBORS_GIVEN:
        near[:] = plane
    left = _start(rng, column, turned.shape[2], patch)
    found: Float32 = turned[near][:, :, left : left + patch].astype(np.float32)
    if along:
        slices = found.shape[1]
        _, finer, _ = _matrices(slices, round(slices * volume.apart), 1.0)
        found = finer @ found
        row = round((row + 0.5) * volume.apart)
    top = _start(rng, row, found.shape[1], rows)
    found = found[:, top : top + rows]
    lack = [(0, 0), (0, rows - found.shape[1]), (0, patch - found.shape[2])]
    return np.pad(found, lack, mode="edge") if any(more for _, more in lack) else found


def _start(rng: np.random.Generator, center: int, length: int, size: int) -> int:
    return max(0, min(center - int(rng.integers(size)), length - size))


@lru_cache(maxsize=512)
def _matrices(
    slices: int, made: int, thickness: float
) -> tuple[Float32, Float32, npt.NDArray[np.float32]]:
    stack = ThickStack(slices, made, thickness)
    return stack.means.astype(np.float32), stack.smoothest.astype(np.float32), stack.place
