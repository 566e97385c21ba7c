"""Predictions of patients left out, their spread and their error, voxel by voxel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from SynthCore.engine import network
from SynthCore.engine.mean import answer
from SynthCore.engine.prepare import restore
from SynthCore.engine.ready import make_ready
from SynthCore.engine.spread import on_input_grid, spread
from SynthCore.engine.warm import Warm
from SynthCore.image import Affine, Image
from SynthCore.quality.ct_numbers import TISSUES
from SynthCore.request import Progress, SynthesisRequest, part_of

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

CUBE_MM = 20.0
FILLED = 0.5
"""Share of a cube that must be measured for its mean to count."""


@dataclass(frozen=True)
class Case:
    """One image of one patient left out.

    Attributes
    ----------
    patient, name : str
        Who; and which of the patient's images.
    request : SynthesisRequest
        What the model is asked for.
    truth : Image
        The acquired CT, on the grid of the result.
    mask : numpy.ndarray of bool
        Where it is compared, [k, j, i].
    """

    patient: str
    name: str
    request: SynthesisRequest
    truth: Image
    mask: Mask


@dataclass(frozen=True)
class Observed:
    """Voxels of a case's mask, one entry each.

    Attributes
    ----------
    value, spread, error : numpy.ndarray
        Predicted CT number; root mean square difference of the changed runs; predicted less
        acquired: float32, HU.
    cube : numpy.ndarray
        Number of the cube of `CUBE_MM` the voxel lies in, -1 where too little of it is measured.
    tissue : numpy.ndarray
        Index in `TISSUES`, by the acquired CT.
    place : numpy.ndarray
        Flat index of the voxel in an image of `shape` [k, j, i] and `affine`.
    """

    patient: str
    name: str
    value: Float32
    spread: Float32
    error: Float32
    cube: npt.NDArray[np.int32]
    tissue: npt.NDArray[np.int8]
    place: npt.NDArray[np.int64]
    shape: tuple[int, int, int]
    affine: Affine


def observe(case: Case, changes: tuple[str, ...], warm: Warm, progress: Progress) -> Observed:
    """Run the model of a case as `synthesize` does, with its changed runs."""
    ready = make_ready(case.request, warm, None, None)
    card = ready.chosen.bundle.card
    prepared = network.prepared_inputs(ready, warm)
    once = card.runs / (card.runs + len(changes))
    predicted, _ = answer(ready, prepared, warm, part_of(progress, 0.0, once), None)
    moved = spread(ready, prepared, predicted, changes, warm, part_of(progress, once, 1.0), None)
    voxels = restore(card, prepared, predicted, ready.body)
    mask = case.mask & ready.body
    return gather(
        case.patient, case.name, voxels, on_input_grid(card, prepared, moved), case.truth, mask
    )


def gather(
    patient: str, name: str, voxels: Float32, spread: Float32, truth: Image, mask: Mask
) -> Observed:
    """The voxels of a mask, with the cube and the tissue each belongs to."""
    actual = truth.voxels[mask].astype(np.float32)
    bounds = [tissue.high for tissue in TISSUES[:-1]]
    return Observed(
        patient,
        name,
        voxels[mask],
        spread[mask],
        voxels[mask] - actual,
        cubes(mask, truth.spacing)[mask],
        np.searchsorted(bounds, actual, side="right").astype(np.int8),
        np.flatnonzero(mask),
        truth.shape,
        truth.affine,
    )


def cubes(mask: Mask, spacing: tuple[float, float, float]) -> npt.NDArray[np.int32]:
    """Number of the cube that each voxel [k, j, i] lies in, -1 where little of it is in the mask.

    A cube has the whole number of voxels along each axis that is nearest to `CUBE_MM`.
    """
    steps = [max(1, round(CUBE_MM / step)) for step in spacing[::-1]]
    counts = [-(-n // step) for n, step in zip(mask.shape, steps, strict=True)]
    k, j, i = (np.arange(n) // step for n, step in zip(mask.shape, steps, strict=True))
    numbers = (k[:, None, None] * counts[1] + j[:, None]) * counts[2] + i
    filled = np.bincount(numbers[mask], minlength=int(np.prod(counts)))
    enough = filled >= FILLED * np.prod(steps)
    return np.where(enough[numbers], numbers, -1).astype(np.int32)
