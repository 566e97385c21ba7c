"""What lies in the scanner: maps of physical properties on one grid."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from SynthCore.physics.generator.tissue_values import BRAIN


@dataclass(frozen=True)
class TissueMaps:
    """Physical properties of a person in a window, all tensors [k, j, i] on one device.

    Attributes
    ----------
    spacing : tuple of float
        mm along (k, j, i).
    density : Tensor
        Protons that give signal, water = 1.
    t1, t2, t2_star : Tensor
        ms, at the person's field strength.
    agent : Tensor
        mmol/l of contrast agent some minutes after a dose, 0 where none arrives.
    hu : Tensor
        CT number.
    tissue : Tensor
        int16, the most likely tissue: an index of `tissue_values.NAMES`.
    lesion : Tensor
        uint8, the kind of lesion (`lesions.KINDS`), 0 where there is none.
    body : Tensor
        bool, the person with the air inside.
    field_t : float
        1.5 or 3.0.
    flow : Tensor
        1 where blood flows, 0 elsewhere; between where a voxel holds both.
    """

    spacing: tuple[float, float, float]
    density: Tensor
    t1: Tensor
    t2: Tensor
    t2_star: Tensor
    agent: Tensor
    hu: Tensor
    tissue: Tensor
    lesion: Tensor
    body: Tensor
    field_t: float
    flow: Tensor

    @property
    def brain(self) -> Tensor:
        """What skull stripping leaves, bool [k, j, i]: brain, its CSF, its lesions."""
        kept = torch.as_tensor(BRAIN, device=self.tissue.device)
        return kept[self.tissue.long()]
