"""T1 of limbs simulated from the training patients' own CTs, pixel on pixel.

A real pair is never quite in register, so that what is learned from pairs alone has soft bone
edges, and few patients show few shapes. An MR made from the CT lies on it exactly, reaches as far
as the CT does, and can have any scanner's contrast, chemical shift and flow voids: what is dark in
it is not always bone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage

from SynthCore.physics.mr_signal import spin_echo
from SynthCore.physics.tissues import TISSUES
from SynthCore.training.cases import Case
from SynthCore.training.extremity.sampler import PairSampler
from SynthCore.training.pairs import BONE_HU, HU_SCALE, OUTSIDE_WEIGHT, Pair, ct_body
from SynthCore.training.quiet import quiet
from SynthCore.training.registration import AIR_HU

Float32 = npt.NDArray[np.float32]

FAT_HU = (-85.0, 5.0)
"""Nothing but fat below, none above. Steeper than the mixture of the two is, so that small
differences of CT number within a tissue, which MR does not show, are not told to the network."""

MARROW_FAT_HU = -80.0
SOLID_HU = 1500.0
"""Of compact bone without marrow; a voxel of spongy bone lies between the two."""

CORTEX_HU = 180.0
TR_MS = (350.0, 800.0)
TE_MS = (8.0, 20.0)
FIELDS = (0, 1)
"""Columns of the tissue table: 1.5 T and 3 T."""

SPREAD = 0.12
SHIFT_PIXELS = 2.0
"""Largest chemical shift of fat along one axis: 220 Hz at 1.5 T over 110 Hz in a pixel."""

HIGH = (0.85, 1.2)
"""What the 99th percentile of an MR is, in units of the signal of its fat."""

DARK_SPOTS = 3.0
"""Mean number of vessels in a crop, dark by flow or bright by inflow."""

AREAS = 0.7
"""Mean number of large areas in a crop whose water is brighter or darker: tumors, edema."""


def limb(pair: Pair) -> Case:
    """A patient's CT in the parts that a signal is made from, on the CT's own grid.

    The inputs are water, fat and marrow, each 0 to 1; the target is the CT without its noise.
    """
    hu = pair.ct.voxels.astype(np.float32)
    body = ct_body(hu)
    still = np.where(body, quiet(hu), np.float32(AIR_HU))
    inside = within_cortex(still)
    solid = np.clip((still - MARROW_FAT_HU) / (SOLID_HU - MARROW_FAT_HU), 0, 1)
    # T2* falls with the trabeculae, faster than the marrow they displace
    marrow = np.where(inside, (1 - solid) ** 2.5, 0)
    low, high = FAT_HU
    share = np.clip((high - still) / (high - low), 0, 1)
    share = share * share * (3 - 2 * share)
    there = np.clip((still + 600) / 400, 0, 1)
    flesh = np.clip(1 - (still - BONE_HU) / 450, 0, 1) * there * ~inside
    parts = np.stack([flesh * (1 - share), flesh * share, marrow]).astype(np.float32)
    return Case(
        patient=pair.patient,
        inputs=parts,
        target=np.clip(still, -1024, 2000).astype(np.float32) / np.float32(HU_SCALE),
        weight=np.where(body, 1.0, OUTSIDE_WEIGHT).astype(np.float32),
        points=np.argwhere(still > BONE_HU),
    )


def within_cortex(hu: Float32) -> npt.NDArray[np.bool_]:
    """[k, j, i], marrow and spongy bone: what cortex encloses in a slice, cortex included."""
    cross = ndimage.generate_binary_structure(2, 1)
    made = []
    for slice_ in hu > CORTEX_HU:
        padded = np.pad(slice_, 6, mode="edge")
        closed = ndimage.binary_closing(padded, cross, iterations=3)
        made.append(ndimage.binary_fill_holes(closed)[6:-6, 6:-6])
    return np.stack(made)


@dataclass(frozen=True)
class SimulatedSampler(PairSampler):
    """Draws crops of limbs (`limb`) with a scanner drawn for each."""

    degrees: ClassVar[float] = 180
    zoom: ClassVar[float] = 0.2

    def scan(self, rng: np.random.Generator, inputs: torch.Tensor) -> torch.Tensor:
        """The signal of the parts."""
        water, fat, marrow = inputs.numpy().reshape(3, self.slices, self.patch, self.patch)
        return torch.from_numpy(signal(rng, water, fat, marrow))


def signal(rng: np.random.Generator, water: Float32, fat: Float32, marrow: Float32) -> Float32:
    """[k, j, i] of a T1-weighted spin echo whose scanner is drawn, normalized as an MR's is.

    Parameters
    ----------
    water, fat, marrow : numpy.ndarray
        [k, j, i], parts of a voxel from 0 to 1; marrow is that of the limbs, mostly fat.
    """
    at = int(rng.choice(FIELDS))
    tr, te = float(rng.uniform(*TR_MS)), float(rng.uniform(*TE_MS))
    bright = {
        name: float(spin_echo(t.t1[at], t.t2[at], t.density, tr=tr, te=te))
        * float(np.exp(rng.normal(0, SPREAD)))
        for name, t in ((name, TISSUES[name]) for name in ("muscle", "fat"))
    }
    wet = bright["muscle"] * water * _texture(rng, water.shape, 0.10) * _areas(rng, water.shape)
    wet = wet * _vessels(rng, water.shape)
    fatty = bright["fat"] * (fat * _texture(rng, fat.shape, 0.05)
                             + float(rng.uniform(0.75, 1.1)) * marrow)  # fmt: skip
    shift = np.zeros(3)
    shift[int(rng.integers(1, 3))] = rng.uniform(-SHIFT_PIXELS, SHIFT_PIXELS)
    fatty = ndimage.shift(fatty, shift, order=1, mode="nearest")
    made: Float32 = (wet + fatty) / (bright["fat"] * rng.uniform(*HIGH))
    return made.astype(np.float32)


def _texture(rng: np.random.Generator, shape: Sequence[int], spread: float) -> Float32:
    """Smooth factors around 1, finer and coarser."""
    made = np.zeros(tuple(shape), dtype=np.float32)
    for size in (1.0, float(rng.uniform(3, 8))):
        grain = ndimage.gaussian_filter(rng.standard_normal(tuple(shape)), (0.5, size, size))
        made += (grain / max(float(grain.std()), 1e-6)).astype(np.float32)
    factors: Float32 = np.exp(np.float32(rng.uniform(0, spread)) * made)
    return factors


def _ellipse(rng: np.random.Generator, shape: Sequence[int], radius: float) -> Float32:
    """[k, j, i], 0 outside to 1 inside an ellipse that drifts through the slices."""
    k, j, i = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in shape), indexing="ij")
    drift = rng.normal(0, 0.3 * radius, size=2)
    row = rng.uniform(0, shape[1]) + drift[0] * (k - shape[0] // 2)
    column = rng.uniform(0, shape[2]) + drift[1] * (k - shape[0] // 2)
    turn, ratio = rng.uniform(0, np.pi), rng.uniform(0.5, 1.0)
    a = (j - row) * np.cos(turn) + (i - column) * np.sin(turn)
    b = (i - column) * np.cos(turn) - (j - row) * np.sin(turn)
    away = np.sqrt(a**2 + (b / ratio) ** 2)
    made: Float32 = np.clip(radius - away + 0.5, 0, 1).astype(np.float32)
    return made


def _vessels(rng: np.random.Generator, shape: Sequence[int]) -> Float32:
    factor = np.ones(tuple(shape), dtype=np.float32)
    for _ in range(int(rng.poisson(DARK_SPOTS))):
        level = float(rng.uniform(0.05, 0.5) if rng.random() < 0.7 else rng.uniform(1.5, 2.5))
        factor *= 1 + (level - 1) * _ellipse(rng, shape, float(rng.uniform(1.0, 5.0)))
    return factor


def _areas(rng: np.random.Generator, shape: Sequence[int]) -> Float32:
    factor = np.ones(tuple(shape), dtype=np.float32)
    for _ in range(int(rng.poisson(AREAS))):
        level = float(np.exp(rng.normal(0, 0.3)))
        factor *= 1 + (level - 1) * _ellipse(rng, shape, float(rng.uniform(8, 35)))
    return factor
