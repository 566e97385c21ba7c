"""What lies in the scanner: maps of everything an image is made from, on one grid."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class TissueMaps:
    """Maps of one person on one grid, indexed ``[k, j, i]`` with k along the slices.

    Attributes
    ----------
    spacing : tuple of float
        Distance of voxels along (k, j, i), mm.
    density : torch.Tensor
        Protons that give signal, water = 1; float32 as all but the last three.
    t1, t2, t2_star : torch.Tensor
        Relaxation times at `field_t`, ms.
    agent : torch.Tensor
        Contrast agent some minutes after a dose, mmol/l, 0 where none arrives. The scan decides
        whether a dose was given.
    hu : torch.Tensor
        CT number, HU.
    tissue : torch.Tensor
        int16, the most likely tissue by its number in the table of tissues.
    lesion : torch.Tensor
        uint8, kind of lesion, 0 for none.
    body : torch.Tensor
        bool, where the person is.
    field_t : float
        Field strength the relaxation times belong to, 1.5 or 3.0 tesla.
    flow : torch.Tensor
        float32, 1 where blood flows, 0 elsewhere.
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
