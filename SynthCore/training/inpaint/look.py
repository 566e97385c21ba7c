"""Random contrast: one curve of intensities for everything that is shown of a head.

A few real heads in a few sequences become many that way, and the network learns to continue what
it sees around a region and not what a sequence looks like. Air stays air.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

AIR = 0.08
"""Normalized intensity up to which a voxel is partly air."""

NODES = 7
TOP = 1.5


@dataclass(frozen=True)
class Contrast:
    """A curve from 0 to `TOP`: ``gain * x ** gamma``, mixed with a random one through nodes.

    Attributes
    ----------
    gain, gamma : float
        1 changes nothing.
    nodes : tuple of float
        Values of the random curve, evenly spaced; in any order, so that contrast may be reversed.
    share : float
        Of the random curve.
    """

    gain: float = 1.0
    gamma: float = 1.0
    nodes: tuple[float, ...] = (0.0,) * NODES
    share: float = 0.0


def draw_contrast(rng: np.random.Generator, strange: float = 0.3) -> Contrast:
    """A mild change, and for a share `strange` of all one that is no sequence's own."""
    gain, gamma = math.exp(rng.normal(0, 0.1)), math.exp(rng.normal(0, 0.2))
    nodes = tuple(float(v) for v in rng.uniform(0.1, 1.1, NODES))
    share = float(rng.uniform(0.3, 1.0)) if rng.random() < strange else 0.0
    return Contrast(gain, gamma, nodes, share)


def apply_contrast(contrast: Contrast, x: torch.Tensor) -> torch.Tensor:
    """Normalized intensities of any shape, changed; within 0 and `TOP`."""
    x = x.clamp(0, TOP)
    mild = contrast.gain * x**contrast.gamma
    if contrast.share == 0:
        return mild.clamp(0, TOP)
    place = x * ((NODES - 1) / TOP)
    below = place.floor().clamp(max=NODES - 2)
    nodes = torch.tensor(contrast.nodes)
    low = nodes[below.long()]
    high = nodes[below.long() + 1]
    tissue = (x / AIR).clamp(max=1)
    strange = tissue * (low + (place - below) * (high - low))
    return torch.lerp(mild, strange, contrast.share).clamp(0, TOP)
