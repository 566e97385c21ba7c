"""What of an image is compared when it is matched with one of another modality."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.training.pairs import ct_body
from SynthCore.training.registration import AIR_HU, interior

HU_MODALITIES = ("CT", "CBCT")
WINDOW_HU = (-250.0, 500.0)
"""Skin, fat, muscle and cortical bone; noise in air and the spread within cortex tell nothing."""

STIFF_HU = 200.0
"""CT numbers above it are bone, which keeps its shape."""

COMPACT_HU = (350.0, 650.0)
"""From no compact bone in a voxel to nothing else. Compact bone gives no signal in any common MR
sequence; spongy bone, whose marrow is bright, seldom reaches these numbers."""

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Matchable:
    """An image reduced to what another modality can be matched with.

    Attributes
    ----------
    values : numpy.ndarray
        [k, j, i] float32, clipped to (`low`, `high`).
    low, high : float
        Range that the bins of a histogram span.
    body : numpy.ndarray of bool
        [k, j, i], holes filled.
    sure : numpy.ndarray of bool
        [k, j, i], where `body` is known: not in the corners that a field of view cuts off.
    bone : numpy.ndarray of bool
        [k, j, i]; empty where the modality does not show it.
    compact : numpy.ndarray
        [k, j, i] float32, how much of a voxel is compact bone, 0 to 1; 0 in MR.
    signal : numpy.ndarray
        [k, j, i] float32, MR from 0 to 1 at `high`; 0 in other modalities.
    """

    values: npt.NDArray[np.float32] = field(repr=False)
    low: float
    high: float
    body: Bools = field(repr=False)
    sure: Bools = field(repr=False)
    bone: Bools = field(repr=False)
    compact: npt.NDArray[np.float32] = field(repr=False)
    signal: npt.NDArray[np.float32] = field(repr=False)


def matchable(image: Image) -> Matchable:
    """Body, bone and clipped values of a CT, a cone-beam CT or an MR."""
    voxels = image.voxels.astype(np.float32)
    if image.modality in HU_MODALITIES:
        body = ct_body(voxels)
        alone = np.where(body, voxels, np.float32(AIR_HU))  # no couch
        values = np.clip(alone, *WINDOW_HU)
        sure = np.ones(body.shape, dtype=np.bool_)
        low, high = COMPACT_HU
        compact = np.clip((alone - low) / (high - low), 0, 1).astype(np.float32)
        bone = alone > STIFF_HU
        return Matchable(values, *WINDOW_HU, body, sure, bone, compact, np.zeros_like(compact))
    body = interior(image, erode=0, past_edge=True)
    sure = body == interior(image, erode=0)
    inside = voxels[body] if body.any() else voxels
    low, high = (float(v) for v in np.percentile(inside, (0.5, 99.5)))
    high = max(high, low + 1e-6)
    values = np.clip(voxels, low, high)
    signal = np.clip(voxels / high, 0, 1).astype(np.float32)
    empty = np.zeros_like(signal)
    return Matchable(values, low, high, body, sure, np.zeros_like(body), empty, signal)
