"""What lies around a head in a scan: nothing, noise, or what else gives signal: pads, markers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

CLEARANCE = 4
"""Pixels between the head and what lies beside it, at least."""


@dataclass(frozen=True)
class Surroundings:
    """Drawn for one slab.

    Attributes
    ----------
    masked : bool
        Whether the background was set to zero, as some scanners do.
    discs : tuple
        Row, column (0 to 1 of the slab's sides), radius (pixels) and signal (of the image's scale)
        of objects that run through all slices.
    """

    masked: bool
    discs: tuple[tuple[float, float, float, float], ...]


def draw_surroundings(rng: np.random.Generator) -> Surroundings:
    """A third masked, a quarter with one to six objects."""
    count = int(rng.integers(1, 7)) if rng.random() < 0.25 else 0
    discs = [
        (
            float(rng.random()),
            float(rng.random()),
            float(np.exp(rng.uniform(np.log(1.0), np.log(9.0)))),
            float(rng.uniform(0.1, 1.2)),
        )
        for _ in range(count)
    ]
    return Surroundings(bool(rng.random() < 0.33), tuple(discs))


def surround(mr: Tensor, body: Tensor, drawn: Surroundings) -> Tensor:
    """Put surroundings around a head; its CT stays as it is, without them.

    Parameters
    ----------
    mr : Tensor
        [k, j, i], about 1 where tissue is bright.
    body : Tensor
        bool [k, j, i].
    drawn : Surroundings
        As drawn.
    """
    reach = 2 * CLEARANCE + 1
    near = functional.max_pool2d(body.float()[:, None], reach, stride=1, padding=CLEARANCE)[:, 0]
    if drawn.masked:
        edge = functional.max_pool2d(body.float()[:, None], 3, stride=1, padding=1)[:, 0]
        mr = mr * edge
    if not drawn.discs:
        return mr
    rows = torch.arange(mr.shape[1], device=mr.device)[:, None]
    columns = torch.arange(mr.shape[2], device=mr.device)
    away = near.amax(dim=0) < 0.5
    for row, column, radius, signal in drawn.discs:
        distance = torch.sqrt(
            (rows - row * mr.shape[1]) ** 2 + (columns - column * mr.shape[2]) ** 2
        )
        share = (radius + 0.5 - distance).clamp(0, 1) * away
        mr = mr + share * (signal - mr).clamp(min=0)
    return mr
