"""What a sampler draws from, and what the loop asks of a sampler."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """One patient's volumes on one grid.

    Attributes
    ----------
    patient : str
        Identifier in the data set; splits are by it.
    inputs : numpy.ndarray
        [role, k, j, i], normalized float32.
    target : numpy.ndarray
        [k, j, i], in the network's output scale.
    weight : numpy.ndarray
        [k, j, i], of each voxel in the loss; 0 where nothing is known.
    points : numpy.ndarray
        [n, 3] voxels (k, j, i) to center crops on more often.
    """

    patient: str
    inputs: Float32 = field(repr=False)
    target: Float32 = field(repr=False)
    weight: Float32 = field(repr=False)
    points: npt.NDArray[np.int64] = field(repr=False)


@dataclass(frozen=True)
class Batch:
    """Tensors of one step: x [n, channels, h, w], y and weight [n, 1, h, w]."""

    x: torch.Tensor
    y: torch.Tensor
    weight: torch.Tensor


def batch_of(crops: Iterable[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]) -> Batch:
    """Crops of x [channels, h, w], y and weight [1, h, w], laid together."""
    x, y, weight = (torch.stack(parts) for parts in zip(*crops, strict=True))
    return Batch(x, y, weight)


class Sampler(Protocol):
    """Draws batches; the same generator state gives the same batch."""

    @property
    def patients(self) -> list[str]:
        """Everyone who can be drawn."""
        ...

    def draw(self, rng: np.random.Generator) -> Batch:
        """One batch."""
        ...
