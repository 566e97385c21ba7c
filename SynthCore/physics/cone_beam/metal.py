"""Metal put into a patient."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from SynthCore.physics.cone_beam.scan import Metal

_BODY_HU = -200.0


def insert_metal(
    hu: Tensor, spacing_mm: tuple[float, float, float], pieces: Sequence[Metal]
) -> Tensor:
    """The volume [k, j, i] with every piece in it; the same volume where there is none.

    A slice without anything denser than fat is left as it is.
    """
    if not pieces:
        return hu
    made = hu.clone()
    depth = hu.shape[0]
    k, j, i = (
        torch.arange(n, device=hu.device) * step
        for n, step in zip(hu.shape, spacing_mm, strict=True)
    )
    for piece in pieces:
        slice_ = min(int(piece.slice_share * depth), depth - 1)
        body = torch.nonzero(hu[slice_] > _BODY_HU)
        if len(body) == 0:
            continue
        row, column = body[min(int(piece.rank * len(body)), len(body) - 1)].tolist()
        round_ = (j[:, None] - j[row]) ** 2 + (i[None, :] - i[column]) ** 2 <= piece.radius_mm**2
        near = (k - k[slice_]).abs() <= piece.half_length_mm
        made[near[:, None, None] & round_[None]] = piece.hu
    return made
