"""Small maps for tests of the scanner, made from single tissues."""

from __future__ import annotations

import torch
from torch import Tensor

from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.tissue_values import INDEX, TABLE


def tissue_maps(
    names: Tensor,
    tissues: tuple[str, ...],
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0),
    field_t: float = 3.0,
) -> TissueMaps:
    """Maps of an integer tensor [k, j, i] of numbers into `tissues`."""
    field = 1 if field_t > 2 else 0
    values = [TABLE[name] for name in tissues]

    def spread(numbers: list[float]) -> Tensor:
        return torch.tensor(numbers)[names]

    number = torch.tensor([INDEX[name] for name in tissues], dtype=torch.int16)[names]
    return TissueMaps(
        spacing,
        spread([v.density for v in values]),
        spread([float(v.t1[field]) for v in values]),
        spread([float(v.t2[field]) for v in values]),
        spread([float(v.t2_star[field]) for v in values]),
        spread([v.agent for v in values]),
        spread([float(v.hu) for v in values]),
        number,
        torch.zeros_like(names, dtype=torch.uint8),
        number > 0,
        field_t,
        spread([float("blood" in name) for name in tissues]),
    )


def stripes(tissues: tuple[str, ...], shape: tuple[int, int, int] = (4, 48, 64)) -> Tensor:
    """Bands of equal width along i, one a tissue."""
    band = torch.arange(shape[2]) * len(tissues) // shape[2]
    return band.expand(shape).contiguous()
