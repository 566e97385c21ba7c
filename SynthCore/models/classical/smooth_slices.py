"""Thin slices between thick ones without learning: the smoothest that agree with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SynthCore.models.classical.base import Float32, Job
from SynthCore.physics.fine_grid import fine_grid
from SynthCore.physics.thick_slices import along_first

_ROWS = 32


@dataclass(frozen=True)
class SmoothSlices:
    """Interpolation along the slices whose means over the slices' thickness are the input.

    A spline through the centers takes an average over the thickness for a value at one point, and
    so makes the result more blurred than the input; this does not
    (`SynthCore.physics.thick_slices`).
    """

    def __call__(self, job: Job) -> Float32:
        """The image on the finer grid of `SynthCore.physics.fine_grid`, in its own unit."""
        (image,) = job.inputs.values()
        grid = fine_grid(image)
        thick = grid.first(image.voxels)
        made = np.empty((grid.stack.made, *thick.shape[1:]), dtype=np.float32)
        starts = range(0, thick.shape[1], _ROWS)
        for first in job.steps(starts, len(starts), "interpolate"):
            rows = slice(first, first + _ROWS)
            made[:, rows] = along_first(grid.stack.smoothest, thick[:, rows])
        return grid.back(made)
