"""A synthetic CT beside the bulk-density CT of the same MR: a second opinion without a real CT.

The bulk-density CT knows nothing of the model that is checked: it sees thresholds of the MR alone.
It is no truth either. Where both agree on a beam's path length, no gross error of the model is in
the way; where they do not, somebody has to look.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.models.classical.base import Job
from SynthCore.models.classical.bulk_density import BulkDensity
from SynthCore.planning.density import Curve
from SynthCore.planning.finding import Finding, Light
from SynthCore.planning.path_length import Beam, compare_beam, in_turn, points_in
from SynthCore.quality.body import body_in_ct, body_in_mr
from SynthCore.request import Cancelled

Mask = npt.NDArray[np.bool_]

POINTS = 100
LOOK_PERCENT = 3.0
"""Ours. Dose on bulk densities is mostly reported within 2 to 3 percent of that on CT (review:
Edmund and Nyholm, Radiat Oncol 2017;12:28): farther apart, somebody should look."""

T1_LIKE = ("T1", "T1c")


def bulk_density_ct(mr: Image) -> Image:
    """Air, fat, soft tissue and bone by thresholds of the MR, on its grid; HU.

    An MR whose role is not known is taken as one in which fat is not told apart.
    """
    role = mr.modality if mr.modality in T1_LIKE else "T2"
    body = body_in_mr(mr)
    made = BulkDensity()(Job({role: mr}, "CT", body))
    return mr.with_voxels(made, modality="CT", unit="HU")


def bulk_check(
    synthetic: Image,
    mr: Image,
    target: Mask,
    beams: Sequence[Beam],
    curve: Curve,
    *,
    name: str,
    cancelled: Cancelled | None = None,
) -> tuple[Finding, ...]:
    """Path lengths of every beam in the synthetic CT against those in the bulk-density CT.

    Parameters
    ----------
    synthetic, mr : Image
        On one grid.
    target : numpy.ndarray of bool
        [k, j, i].
    beams : sequence of Beam
        Directions.
    curve : Curve
        To relative density: the same for both.
    name : str
        The target's.

    Raises
    ------
    CancelledError
        If `cancelled` said so.
    """
    bulk = bulk_density_ct(mr)
    # each in its own body: an outline that is wrong belongs to what is to be found
    bodies = [body_in_ct(image) for image in (synthetic, bulk)]
    density = [
        curve.within(body, image.voxels)
        for image, body in zip((synthetic, bulk), bodies, strict=True)
    ]
    points = points_in(target & bodies[0], synthetic.affine, POINTS)
    found = []
    for beam in in_turn(beams if len(points) else (), cancelled=cancelled):
        row = compare_beam(density[0], density[1], synthetic.affine, beam, points)
        near = abs(row.difference_percent) <= LOOK_PERCENT
        light: Light = "pass" if near else "warn"
        found.append(
            Finding("plausibility", "bulk_range",
                    f"Path length to {name} against bulk density, {beam.name}",
                    row.difference_percent, "%", light,
                    f"{row.difference_mm:+.1f} mm of {row.mean_mm:.0f} mm of water in a CT of bulk "
                    "densities made from the MR alone"
                    + ("." if near else ": one of the two is wrong; look at outline, bone and air "
                       "in this beam's way."),
                    f"within \N{PLUS-MINUS SIGN}{LOOK_PERCENT:g}")
        )  # fmt: skip
    return tuple(found)
