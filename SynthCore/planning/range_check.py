"""Whether beams reach as far: water-equivalent path length to the target, beam by beam."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.planning.density import Curve
from SynthCore.planning.finding import Finding
from SynthCore.planning.path_length import Beam, RangeDifference, compare_beam, in_turn, points_in
from SynthCore.request import Cancelled, Progress

Mask = npt.NDArray[np.bool_]

POINTS = 300
"""In the target; the mean over them is known to a small part of a millimeter."""

EVERY_WAY = tuple(Beam(angle) for angle in (0.0, 45.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0))
"""Where no plan says from where."""


def range_check(
    synthetic: Image,
    reference: Image,
    target: Mask,
    beams: tuple[Beam, ...],
    curve: Curve,
    *,
    bodies: tuple[Mask, Mask],
    name: str = "target",
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> tuple[tuple[Finding, ...], tuple[RangeDifference, ...]]:
    """Path lengths in two CTs on one grid, from each body's own surface to points of the target.

    An outline that is wrong makes a beam longer or shorter: that is to be found as well.

    Parameters
    ----------
    synthetic, reference : Image
        HU.
    target : numpy.ndarray of bool
        [k, j, i].
    bodies : tuple of numpy.ndarray of bool
        [k, j, i] of the synthetic and of the real CT: outside of its own nothing counts (no
        couch).
    curve : Curve
        To relative density: the same for both.
    name : str
        The target's.

    Raises
    ------
    CancelledError
        If `cancelled` said so.
    """
    density = [
        curve.within(body, image.voxels)
        for image, body in zip((synthetic, reference), bodies, strict=True)
    ]
    points = points_in(target, reference.affine, POINTS)
    found, rows = [], []
    for beam in in_turn(beams, progress, cancelled):
        row = compare_beam(density[0], density[1], reference.affine, beam, points)
        rows.append(row)
        to = f"to {name}, {beam.name}"
        found.append(
            Finding("range", "range_mean", f"Path length {to}", row.difference_percent, "%",
                    reason=f"{row.difference_mm:+.2f} mm of {row.mean_mm:.0f} mm of water.")
        )  # fmt: skip
        found.append(
            Finding("range", "range_worst", f"98th percentile of the path length's difference {to}",
                    row.worst_mm, "mm")
        )  # fmt: skip
    return tuple(found), tuple(rows)
