"""Images of a person on their grid, as whole numbers: what a scanner would store."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.image import Image
from SynthCore.people.draws import Draws
from SynthCore.people.grid import Grid
from SynthCore.people.wish import CT
from SynthCore.physics.generator.contrast import reference_signal
from SynthCore.physics.generator.ct_look import apply_ct
from SynthCore.physics.generator.lesions import KINDS
from SynthCore.physics.generator.maps import TissueMaps
from SynthCore.physics.generator.scan import apply_scan
from SynthCore.tasks import unit_of

BRAIN_LEVEL = 500
"""Gray level of white or gray matter, whichever is brighter, before coils shade it."""

_HIGHEST = 32767


def image_of(draws: Draws, role: str, maps: TissueMaps) -> Image:
    """One image, int16, on the grid of the draws; CT in HU.

    Parameters
    ----------
    draws : Draws
        Of the person.
    role : str
        One of `Draws.images`.
    maps : TissueMaps
        The person on the fine grid.
    """
    if role == CT and draws.ct is not None:
        voxels = _whole(apply_ct(draws.ct, maps), draws.grid)
    else:
        scan = next(one for one in draws.scans if one.role == role)
        signal = apply_scan(scan, maps)
        scale = BRAIN_LEVEL / reference_signal(scan.sequence, scan.field_t)
        voxels = _whole((signal * scale).clamp_max_(_HIGHEST), draws.grid)
    return Image(voxels, draws.grid.affine, modality=role, unit=unit_of(role))


def tissues_of(grid: Grid, maps: TissueMaps) -> Image:
    """The truth: number of the tissue (of `tissue_values.NAMES`) that most of a voxel is."""
    return Image(_most(maps.tissue, grid).astype(np.int16), grid.affine)


def lesions_of(grid: Grid, maps: TissueMaps) -> dict[str, Image]:
    """The truth: a mask for each kind of lesion that there is, in the order of `KINDS`."""
    marked = _most(maps.lesion, grid)
    there = set(np.unique(marked).tolist())
    return {
        kind: Image((marked == number).astype(np.uint8), grid.affine)
        for kind, number in KINDS.items()
        if number in there
    }


def volume_ml(mask: Image) -> float:
    """Of what a mask holds."""
    i, j, k = mask.spacing
    return float(np.count_nonzero(mask.voxels)) * i * j * k / 1000


def _whole(values: torch.Tensor, grid: Grid) -> npt.NDArray[np.int16]:
    """The slices that the images keep, rounded."""
    kept = values[grid.every // 2 :: grid.every]
    return np.asarray(kept.round().to(torch.int16).numpy())


def _most(numbers: torch.Tensor, grid: Grid) -> npt.NDArray[np.generic]:
    """The number that most of a slice's fine voxels have."""
    if grid.every == 1:
        return np.asarray(numbers.numpy())
    k, j, i = numbers.shape
    parts = numbers.reshape(k // grid.every, grid.every, j, i)
    return np.asarray(torch.stack([part.mode(dim=0).values for part in parts]).numpy())
