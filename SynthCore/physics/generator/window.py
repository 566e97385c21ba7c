"""Which part of a person is made, and at which spacing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Orientation = Literal["axial", "sagittal", "coronal"]

AXES: dict[Orientation, tuple[int, int, int]] = {
    "axial": (0, 1, 2),
    "sagittal": (2, 0, 1),
    "coronal": (1, 0, 2),
}
"""Label map axis (0 superior, 1 posterior, 2 left) along each array axis of a window."""


@dataclass(frozen=True)
class Window:
    """A box of the label map; its slices lie along k.

    Attributes
    ----------
    center : tuple of float
        Voxel (k, j, i) of the label map, whatever the orientation.
    shape : tuple of int
        Voxels along the window's own (k, j, i).
    spacing : tuple of float
        mm along the window's own (k, j, i).
    orientation : {'axial', 'sagittal', 'coronal'}
        Of the slices.
    """

    center: tuple[float, float, float]
    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    orientation: Orientation = "axial"

    def points(self, spacing: tuple[float, float, float], device: torch.device) -> list[Tensor]:
        """Label map voxel coordinates along each array axis, three vectors.

        Parameters
        ----------
        spacing : tuple of float
            Of the label map, mm along its (k, j, i).
        device : torch.device
            Where they are to lie.

        Returns
        -------
        list of Tensor
            For each array axis of the window the coordinates along the label map axis that
            `AXES` gives for it.
        """
        made = []
        for axis, count, step in zip(AXES[self.orientation], self.shape, self.spacing, strict=True):
            index = torch.arange(count, dtype=torch.float32, device=device) - (count - 1) / 2
            made.append(self.center[axis] + index * (step / spacing[axis]))
        return made

    def to_label_axes(self, volume: Tensor) -> Tensor:
        """A tensor [..., k, j, i] of the window with its axes in the label map's order."""
        lead = volume.dim() - 3
        axes = AXES[self.orientation]
        order = [axes.index(axis) + lead for axis in range(3)]
        return volume.permute(*range(lead), *order)
