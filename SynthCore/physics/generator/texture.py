"""Roughness within tissues: density, T1 and CT number vary by tissue and place."""

from __future__ import annotations

import torch
from torch import Tensor

from SynthCore.physics.generator.tissue_values import TABLE


def roughen(
    tissue: Tensor,
    density: Tensor,
    t1: Tensor,
    hu: Tensor,
    fields: tuple[list[Tensor], list[Tensor]],
    strength: float,
) -> None:
    """Change density, T1 and CT number in place.

    Parameters
    ----------
    tissue : Tensor
        int64 [k, j, i].
    density, t1, hu : Tensor
        [k, j, i].
    fields : tuple of list of Tensor
        Fields of a grain of 3 and of 6 mm; those used here are the last of each.
    strength : float
        1 as in the table.
    """
    values = list(TABLE.values())
    amounts = torch.tensor(
        [[v.texture * strength for v in values], [v.hu_texture * strength for v in values]],
        device=tissue.device,
    )
    fine, middle = fields
    rough = 0.75 * fine[3] + 0.66 * middle[3]
    by_tissue = amounts[0].index_select(0, tissue.reshape(-1)).reshape(tissue.shape)
    density.mul_(torch.exp(by_tissue * rough))
    t1.mul_(torch.exp(by_tissue * (0.7 * rough + 0.7 * fine[1])))
    by_tissue = amounts[1].index_select(0, tissue.reshape(-1)).reshape(tissue.shape)
    hu.add_(by_tissue * (0.75 * fine[0] + 0.66 * middle[2]))
