"""What a stated uncertainty is worth along beams: path lengths to the middle of a patient left out.

The figure of `SynthCore.planning.uncertainty_check` has two ends, all errors of one sign and errors
that go together over 10 mm; here both are held against the true difference of path lengths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SynthCore.bench.uncertainty.observe import Float32, Mask, Observed
from SynthCore.image import Image
from SynthCore.models.uncertainty import Calibration
from SynthCore.planning.density import GENERIC_SPR
from SynthCore.planning.path_length import Beam, path_lengths, points_in
from SynthCore.planning.uncertainty_check import CORRELATED_MM, density_deviation

GANTRIES = (0.0, 45.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0)
POINTS = 60
REACH_MM = 10.0
"""Points lie so near to the middle of the mask, or as near as it is there."""


@dataclass(frozen=True)
class PathFigure:
    """Of one beam, mm of water: difference of mean path lengths, and both ends of what is said."""

    gantry: float
    error: float
    together: float
    apart: float


def path_figures(one: Observed, calibration: Calibration) -> tuple[PathFigure, ...]:
    """Path lengths of eight beams to the middle of the mask; outside the mask nothing differs."""

    def volume(values: Float32) -> Image:
        voxels = np.zeros(one.shape, dtype=np.float32)
        voxels.reshape(-1)[one.place] = values
        return Image(voxels, one.affine, "CT", "HU")

    made = volume(one.value)
    sigma = volume(calibration.deviation(one.value, one.spread))
    stated = density_deviation(made, sigma, GENERIC_SPR)
    wrong = (GENERIC_SPR(one.value) - GENERIC_SPR(one.value - one.error)).astype(np.float32)
    difference = volume(wrong).voxels
    mask = np.zeros(one.shape, dtype=np.bool_)
    mask.reshape(-1)[one.place] = True
    points = points_in(_middle(mask, made), one.affine, POINTS)
    found = []
    for gantry in GANTRIES:
        beam = Beam(gantry)
        error = path_lengths(difference, one.affine, beam, points).mean()
        together = path_lengths(stated, one.affine, beam, points).mean()
        squares = path_lengths(stated**2, one.affine, beam, points).mean()
        apart = np.sqrt(CORRELATED_MM * squares)
        found.append(PathFigure(gantry, float(error), float(together), float(apart)))
    return tuple(found)


def _middle(mask: Mask, image: Image) -> Mask:
    places = np.argwhere(mask)
    step = np.array(image.spacing[::-1])
    away = np.linalg.norm((places - places.mean(axis=0)) * step, axis=1)
    near = places[away <= max(REACH_MM, float(np.partition(away, 20)[20]))]
    middle = np.zeros_like(mask)
    middle[tuple(near.T)] = True
    return middle
