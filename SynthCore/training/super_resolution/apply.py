"""Make thin slices with a network in plain torch, as the engine does in blocks and tiles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from torch import nn

from SynthCore.models.normalize import Normalization, normalize, scale_of
from SynthCore.physics.consistency import agree
from SynthCore.physics.thick_slices import Float32, ThickStack, along_first
from SynthCore.training.apply import predict_volume
from SynthCore.training.super_resolution.sampler import CHANGE_SCALE

SLICES = 3


def estimate(
    network: nn.Module, thick: npt.NDArray[np.generic], stack: ThickStack, how: Normalization
) -> Float32:
    """Made slices [m, a, b] of thick ones [n, a, b], not yet in agreement with them."""
    scale = scale_of(thick, how)
    smooth = along_first(stack.smoothest, thick)
    seen = normalize(smooth, how, scale)
    for across in (1, 2):
        planes = np.moveaxis(seen, across, 0)
        place = np.broadcast_to(stack.place[:, np.newaxis], planes.shape)
        change = predict_volume(network, np.stack([planes, place]), SLICES)
        smooth += np.float32(scale * CHANGE_SCALE / 2) * np.moveaxis(change, 0, across)
    return smooth


def made(
    network: nn.Module,
    thick: npt.NDArray[np.generic],
    stack: ThickStack,
    how: Normalization,
    floor: float,
) -> Float32:
    """Made slices [m, a, b] whose means are the thick ones [n, a, b]."""
    found = estimate(network, thick, stack, how)
    return agree(found, thick.astype(np.float32), stack, min(floor, float(thick.min())))
