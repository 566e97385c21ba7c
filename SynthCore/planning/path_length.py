"""Water-equivalent path length: how much water a beam crosses on its way to a point.

A parallel beam is followed through the volume of relative densities: rays are sampled in steps of
half a voxel with linear interpolation, and the densities are summed. Range of a proton beam is
the depth at which that sum reaches the range in water.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.image import Affine
from SynthCore.request import Cancelled, Progress, stop_if

Float32 = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]

STEP_VOXELS = 0.5
"""Of the smallest spacing."""


LIES: Mapping[str, Points] = {
    name: np.array(rows, dtype=np.float64)
    for name, rows in {
        "HFS": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        "HFP": ((-1, 0, 0), (0, -1, 0), (0, 0, 1)),
        "HFDR": ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
        "HFDL": ((0, 1, 0), (-1, 0, 0), (0, 0, 1)),
        "FFS": ((-1, 0, 0), (0, 1, 0), (0, 0, -1)),
        "FFP": ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
        "FFDR": ((0, -1, 0), (-1, 0, 0), (0, 0, -1)),
        "FFDL": ((0, 1, 0), (1, 0, 0), (0, 0, -1)),
    }.items()
}
"""By Patient Position (DICOM PS3.3 C.7.3.1.1.2): from the LPS of somebody who lies head first and
supine on the couch to the patient's own."""


@dataclass(frozen=True)
class Beam:
    """Where a beam comes from: IEC gantry and couch angles, degrees, and how the patient lies."""

    gantry: float
    couch: float = 0.0
    position: str = "HFS"

    @property
    def direction(self) -> Points:
        """Unit vector along the beam, in patient coordinates (LPS).

        Of a patient who lies head first and supine: at gantry 0 the beam comes from the front and
        goes to the back (+P); at 90 degrees it comes from the patient's left and goes to the right
        (-L). The couch turns about the vertical axis, counterclockwise seen from above (IEC
        61217): at 90 degrees the feet lie where gantry 90 shines from, so its beam goes to the
        head (+S).
        """
        gantry, couch = np.deg2rad([self.gantry, self.couch])
        fixed = np.array([-np.sin(gantry), np.cos(gantry), 0.0])
        turn = np.array(
            [[np.cos(couch), 0.0, np.sin(couch)], [0.0, 1.0, 0.0],
             [-np.sin(couch), 0.0, np.cos(couch)]]
        )  # fmt: skip
        return np.asarray(LIES[self.position] @ turn @ fixed)

    @property
    def supine(self) -> Beam:
        """The beam that goes the same way through a patient who lies head first and supine."""
        if self.position == "HFS":
            return self
        left, back, up = (float(v) for v in self.direction)
        aside = float(np.hypot(left, up)) * (1.0 if left >= 0 else -1.0)
        couch = float(np.arctan2(-up / aside, left / aside)) if abs(aside) > 1e-9 else 0.0
        gantry = float(np.arctan2(-aside, back))
        return Beam(round(float(np.rad2deg(gantry)), 6) % 360, round(float(np.rad2deg(couch)), 6))

    @property
    def name(self) -> str:
        """For a table."""
        lies = "" if self.position == "HFS" else f", {self.position}"
        couch = f", couch {self.couch:g}" if self.couch else ""
        return f"gantry {self.gantry:g}{couch}{lies}"


def in_turn(
    beams: Sequence[Beam], progress: Progress | None = None, cancelled: Cancelled | None = None
) -> Iterator[Beam]:
    """Beams one after the other, telling how far it is, until somebody cancels.

    Raises
    ------
    CancelledError
        If `cancelled` said so.
    """
    for n, beam in enumerate(beams):
        stop_if(cancelled)
        if progress is not None:
            progress(n / len(beams), f"path length, {beam.name}")
        yield beam


def path_lengths(density: Float32, affine: Affine, beam: Beam, points: Points) -> Points:
    """Water-equivalent path length from outside the volume to each point, in mm.

    Parameters
    ----------
    density : numpy.ndarray
        [k, j, i], relative to water; what lies outside the volume counts nothing.
    affine : numpy.ndarray
        [4, 4], voxel (i, j, k) to LPS mm.
    beam : Beam
        Its direction.
    points : numpy.ndarray
        [n, 3] LPS mm.

    Returns
    -------
    numpy.ndarray
        [n] mm.
    """
    inverse = np.linalg.inv(affine)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    step = STEP_VOXELS * float(spacing.min())
    back = -beam.direction
    ends = np.array(density.shape[::-1]) - 0.5
    corners = np.array(
        [[i, j, k, 1] for i in (-0.5, density.shape[2] - 0.5)
         for j in (-0.5, density.shape[1] - 0.5) for k in (-0.5, density.shape[0] - 0.5)]
    )  # fmt: skip
    reach = (corners @ affine.T)[:, :3] @ back
    lengths = np.zeros(len(points))
    for n, point in enumerate(points):
        far = float(reach.max() - point @ back)
        if far <= 0:
            continue
        middle = (np.arange(int(np.ceil(far / step))) + 0.5) * step
        # the last step may go beyond the volume, where nothing counts
        where = point[None] + middle[:, None] * back[None]
        voxels = where @ inverse[:3, :3].T + inverse[:3, 3]
        # the outermost voxels count to their faces
        voxels = voxels[np.all((voxels >= -0.5) & (voxels <= ends), axis=1)]
        sampled = ndimage.map_coordinates(density, voxels[:, ::-1].T, order=1, mode="nearest")
        lengths[n] = float(sampled.sum()) * step
    return lengths


@dataclass(frozen=True)
class RangeDifference:
    """How a beam's path to the same points differs between two images.

    Attributes
    ----------
    beam : Beam
        Which beam.
    mean_mm : float
        Mean path length in the reference.
    difference_mm, difference_percent : float
        Mean of synthetic minus reference.
    worst_mm : float
        The 98th percentile of the absolute difference over the points.
    points : int
        How many.
    """

    beam: Beam
    mean_mm: float
    difference_mm: float
    difference_percent: float
    worst_mm: float
    points: int


def compare_beam(
    synthetic: Float32, reference: Float32, affine: Affine, beam: Beam, points: Points
) -> RangeDifference:
    """Path lengths in two volumes of relative density on one grid, to the same points."""
    made, real = (path_lengths(one, affine, beam, points) for one in (synthetic, reference))
    mean = float(real.mean())
    difference = float((made - real).mean())
    return RangeDifference(
        beam, mean, difference, 100 * difference / mean if mean > 0 else 0.0,
        float(np.percentile(np.abs(made - real), 98)), len(points),
    )  # fmt: skip


def points_in(mask: npt.NDArray[np.bool_], affine: Affine, most: int, seed: int = 0) -> Points:
    """Points [n, 3] LPS mm at voxels of a mask, drawn with a seed where there are too many."""
    voxels = np.argwhere(mask)
    if len(voxels) > most:
        drawn = np.random.default_rng(seed).choice(len(voxels), most, replace=False)
        voxels = voxels[np.sort(drawn)]
    return np.asarray(voxels[:, ::-1] @ affine[:3, :3].T + affine[:3, 3])
