"""A voxel that holds several tissues: shares of each, summed as a scanner would see them.

Density, CT number and contrast agent add up by share. Logarithms of T1, T2 and T2* are averaged
with the density of each share: what gives no signal (bone, air) leaves the times of its neighbor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from SynthCore.physics.generator.tissue_values import INDEX, NAMES

PROPERTIES = ("density", "t1", "t2", "t2_star", "hu", "agent")

LEAST_DENSITY = 1e-4
"""Of air, so that times are defined everywhere."""

Part = tuple[slice, slice, slice]
WHOLE: Part = (slice(None), slice(None), slice(None))


def summands(values: Sequence[Sequence[float]]) -> npt.NDArray[np.float32]:
    """What adds up of each tissue, [tissues, PROPERTIES].

    Parameters
    ----------
    values : sequence
        For every tissue t1, t2, t2_star (ms), density, hu, agent.
    """
    table = np.asarray(values, dtype=np.float64)
    density = np.maximum(table[:, 3], LEAST_DENSITY)
    times = np.log(np.maximum(table[:, :3], 1e-3)) * density[:, None]
    made = np.column_stack([density, times, table[:, 4], table[:, 5]])
    return np.asarray(made, dtype=np.float32)


@dataclass
class Mixture:
    """Shares collected so far on one grid [k, j, i].

    Attributes
    ----------
    table : Tensor
        `summands` of the person's tissues.
    sums : Tensor
        [PROPERTIES, k, j, i].
    tissue, most : Tensor
        Most likely tissue so far (int64), and its share.
    """

    table: Tensor
    sums: Tensor
    tissue: Tensor
    most: Tensor

    def add(self, share: Tensor, name: str) -> None:
        """Add a share of a tissue to what is there."""
        row = self.table[INDEX[name]].tolist()
        for target, value in zip(self.sums, row, strict=True):
            if value:
                target.add_(share, alpha=value)
        more = share > self.most
        self.tissue.masked_fill_(more, INDEX[name])
        torch.maximum(self.most, share, out=self.most)

    def replace(
        self, share: Tensor, name: str, part: Part = WHOLE, of: Tensor | None = None
    ) -> None:
        """Let a tissue take `share` (0 to 1) of whatever is there, in a part of the grid.

        `of` is the share of every voxel (of that part) that is filled so far; all of it where not
        given.
        """
        row = self.table[INDEX[name]][:, None, None, None]
        inside = self.sums[(slice(None), *part)]
        full = row.expand_as(inside) if of is None else row * of[None]
        inside.lerp_(full, share[None].expand_as(inside))
        most, tissue = self.most[part], self.tissue[part]
        most.mul_(1 - share)
        taken = share if of is None else share * of
        tissue.masked_fill_(taken > most, INDEX[name])
        torch.maximum(most, taken, out=most)

    def is_any(self, *names: str, part: Part = WHOLE) -> Tensor:
        """Bool: where one of these tissues is the most likely."""
        wanted = torch.zeros(len(NAMES), dtype=torch.bool, device=self.tissue.device)
        wanted[[INDEX[name] for name in names]] = True
        return wanted[self.tissue[part]]


def below(values: Tensor, limit: Tensor | float, width: float) -> Tensor:
    """Smooth share that falls from 1 to 0 where `values` passes `limit`, over about 4 widths."""
    return torch.sigmoid((limit - values) * (1 / width))
