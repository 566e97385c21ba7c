"""What an uncertainty of CT numbers means for a beam: millimeters of path length.

Errors of neighboring voxels are not independent, and how far they go together decides: if all in
a beam's way are wrong to the same side, they add up; if they come and go, most cancels. So both
ends are told. The judged one is the first, since an image that is a little too dense everywhere is
what does harm.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.planning.density import Curve
from SynthCore.planning.finding import Finding
from SynthCore.planning.path_length import Beam, in_turn, path_lengths, points_in
from SynthCore.quality.body import body_in_ct
from SynthCore.request import Cancelled

Mask = npt.NDArray[np.bool_]

POINTS = 100
CORRELATED_MM = 10.0
"""Length over which errors are taken to go together at the other end: ours, about a muscle's."""


def uncertainty_check(
    synthetic: Image,
    deviation: Image,
    target: Mask,
    beams: Sequence[Beam],
    curve: Curve,
    *,
    name: str,
    cancelled: Cancelled | None = None,
) -> tuple[Finding, ...]:
    """Standard deviation of every beam's path length to a target.

    Parameters
    ----------
    synthetic, deviation : Image
        HU, and the standard deviation of its CT numbers in HU, on one grid.
    target : numpy.ndarray of bool
        [k, j, i].
    beams : sequence of Beam
        Directions.
    curve : Curve
        To relative density; its slope carries the deviation over.
    name : str
        The target's.

    Raises
    ------
    CancelledError
        If `cancelled` said so.
    """
    body = body_in_ct(synthetic)
    sigma = np.where(body, density_deviation(synthetic, deviation, curve), 0.0).astype(np.float32)
    points = points_in(target & body, synthetic.affine, POINTS)
    found = []
    for beam in in_turn(beams if len(points) else (), cancelled=cancelled):
        together = float(path_lengths(sigma, synthetic.affine, beam, points).mean())
        squared = path_lengths(sigma**2, synthetic.affine, beam, points).mean()
        apart = float(np.sqrt(CORRELATED_MM * squared))
        found.append(
            Finding("plausibility", "range_uncertainty",
                    f"Uncertainty of the path length to {name}, {beam.name}", together, "mm",
                    reason=f"One standard deviation if all errors are of one sign; {apart:.1f} mm "
                    f"if they go together over {CORRELATED_MM:g} mm.")
        )  # fmt: skip
    return tuple(found)


def density_deviation(synthetic: Image, deviation: Image, curve: Curve) -> npt.NDArray[np.float32]:
    """[k, j, i], standard deviation of relative density: half the rise over two deviations."""
    sigma = np.clip(deviation.voxels.astype(np.float32), 0.0, None)
    up, down = (curve(synthetic.voxels + sign * sigma) for sign in (1, -1))
    found: npt.NDArray[np.float32] = ((up - down) / 2).astype(np.float32)
    return found
