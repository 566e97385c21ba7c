"""The proportional grid of a brain: coordinates by what share of its length, width and height.

After Talairach and Tournoux, Co-Planar Stereotaxic Atlas of the Human Brain, Thieme 1988: the brain
of their atlas reaches 70 mm before the anterior commissure (AC) and 102 mm behind it, 68 mm to
either side, 74 mm above it and 42 mm below; the posterior commissure (PC) lies 23 mm behind AC.
Here the commissures are not looked for. The midsagittal plane is the one that the brain is most
symmetric about, length, width and top are those of its mask, and AC lies where it lies in the
atlas. How the head is tilted follows from the long axis of the cerebrum. This is a rule of
proportions and no segmentation: its error is told in ``docs/lesions.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from SynthCore.errors import RefusedError
from SynthCore.lesions.grids import Floats, Grid
from SynthCore.lesions.regions import is_hindbrain
from SynthCore.models.mirror import find_mirror

Mask = npt.NDArray[np.bool_]
Vector = npt.NDArray[np.float64]

FRONT_MM, BEHIND_MM, SIDE_MM, TOP_MM, BELOW_MM = 70.0, 102.0, 68.0, 74.0, 42.0
"""Of the atlas: see the module."""

STEP_MM = 2.5
_ROUNDS = 4
_END_CM2 = 2.0
"""A brain ends where its section is smaller: thinner wisps of a mask are not it."""
_WHOLE_TILT, _CEREBRUM_TILT = np.deg2rad(11.8), np.deg2rad(-5.0)
"""From the long axis of a brain, and of what lies above its hindbrain, to the line through the
commissures: fitted to 20 label maps of heads (`docs/lesions.md` has what is left of an error)."""
_CUT_SHARE = 0.25
"""Of its largest section: where the last one is smaller, no more than a centimeter is missing."""


@dataclass(frozen=True)
class Proportions:
    """Where the atlas lies in a brain.

    Attributes
    ----------
    ac : tuple of float
        Estimate of the anterior commissure, LPS mm.
    axes : tuple of tuple
        Unit vectors (LPS) toward the right, the front and the top of the head.
    scale : tuple of float
        mm of this brain for 1 mm of the atlas, along `axes`.
    """

    ac: tuple[float, float, float]
    axes: tuple[tuple[float, float, float], ...]
    scale: tuple[float, float, float]

    def coordinates(self, points: Floats) -> Floats:
        """Points [..., 3], LPS mm, in mm of the atlas: x to the right, y to the front, z up."""
        away = points - np.asarray(self.ac, dtype=np.float32)
        turned = away @ np.asarray(self.axes, dtype=np.float32).T
        return np.asarray(turned / np.asarray(self.scale, dtype=np.float32), dtype=np.float32)


def fit_proportions(brain: Mask, bright: Floats, grid: Grid) -> Proportions:
    """Lay the atlas into a brain.

    Parameters
    ----------
    brain : numpy.ndarray of bool
        [k, j, i], with axes nearest to superior, posterior and left.
    bright : numpy.ndarray
        The same shape: what the plane of symmetry is looked for in, 0 to 1.
    grid : Grid
        Of both; its axes stand at right angles.

    Raises
    ------
    RefusedError
        If the image cuts the brain off at its top, front, back or side.
    """
    spacing = grid.spacing
    columns = grid.affine[:3, :3] / np.linalg.norm(grid.affine[:3, :3], axis=0)
    box = ndimage.find_objects(brain.astype(np.uint8))[0]
    found = find_mirror(
        np.asarray(bright[box], dtype=np.float32), np.zeros_like(brain[box]), spacing
    )
    corner = float(np.dot(found.normal, [b.start * s for b, s in zip(box, spacing, strict=True)]))
    left = columns @ np.array(found.normal[::-1])
    turn = 1.0 if left[0] > 0 else -1.0
    left, middle = turn * left, turn * (found.offset + corner + float(left @ grid.affine[:3, 3]))
    strides = [max(1, round(STEP_MM / s)) for s in spacing]
    coarse = brain[:: strides[0], :: strides[1], :: strides[2]]
    index = np.argwhere(coarse) * np.array(strides)
    points = index[:, ::-1] @ grid.affine[:3, :3].T + grid.affine[:3, 3]
    voxel_mm3 = 1000 * grid.voxel_ml * float(np.prod(strides))
    # start upright: what the axes of the image call superior, within the plane
    up = _across(columns[:, 2], left)
    front = np.cross(left, up)
    up, front = _tilted(points, up, front, _WHOLE_TILT)
    lengths = np.zeros(3)
    ac = np.zeros(3)
    for _ in range(_ROUNDS):
        ac, lengths = _placed(points, (left, front, up), middle, voxel_mm3)
        now = Proportions(_triple(ac), (_triple(-left), _triple(front), _triple(up)),
                          _triple(lengths))  # fmt: skip
        cerebrum = points[~is_hindbrain(now.coordinates(points.astype(np.float32)))]
        up, front = _tilted(cerebrum, up, front, _CEREBRUM_TILT)
    ac, lengths = _placed(points, (left, front, up), middle, voxel_mm3)
    made = Proportions(_triple(ac), (_triple(-left), _triple(front), _triple(up)), _triple(lengths))
    _refuse_cut(brain, columns, np.stack([left, front, up]))
    return made


def _placed(
    points: Vector, axes: tuple[Vector, Vector, Vector], middle: float, voxel_mm3: float
) -> tuple[Vector, Vector]:
    """AC, and mm of the brain for 1 mm of the atlas along left, front and up."""
    left, front, up = axes
    high = points @ up
    top = _ends(high, voxel_mm3)[1]
    scale = 1.0
    for _ in range(3):  # length and width are those above the base of the cerebrum
        upper = points[high > top - scale * (TOP_MM + 12)]
        back, fore = _ends(upper @ front, voxel_mm3)
        sides = _ends(upper @ left, voxel_mm3)
        long = (fore - back) / (FRONT_MM + BEHIND_MM)
        wide = (sides[1] - sides[0]) / (2 * SIDE_MM)
        scale = (long + wide) / 2
    ac = left * middle + front * (fore - long * FRONT_MM) + up * (top - scale * TOP_MM)
    return ac, np.array([wide, long, scale])


def _tilted(points: Vector, up: Vector, front: Vector, tilt: float) -> tuple[Vector, Vector]:
    """Up and front turned within the plane so that the long axis of points is tilted so much."""
    flat = np.stack([-(points @ front), points @ up])
    values, vectors = np.linalg.eigh(np.cov(flat))
    long = vectors[:, values.argmax()]
    angle = float(np.arctan2(long[1], long[0]))
    angle = (angle + np.pi / 2) % np.pi - np.pi / 2 + tilt
    c, s = np.cos(angle), np.sin(angle)
    return c * up + s * front, c * front - s * up


def _ends(along: Vector, voxel_mm3: float) -> tuple[float, float]:
    """Where sections across become large enough, first and last."""
    edges = np.arange(along.min() - STEP_MM, along.max() + 2 * STEP_MM, STEP_MM)
    count, _ = np.histogram(along, edges)
    wide = np.flatnonzero(count * voxel_mm3 / STEP_MM > 100 * _END_CM2)
    if not len(wide):
        return float(along.min()), float(along.max())
    return float(edges[wide[0]]), float(edges[wide[-1] + 1])


def _refuse_cut(brain: Mask, columns: Vector, axes: Vector) -> None:
    """Refuse a brain that ends where the image ends, but for its base.

    Columns are the directions of the grid's axes (i, j, k), axes are left, front and up.
    """
    slices = np.flatnonzero(brain.any(axis=(1, 2)))
    upper = brain[slices[len(slices) // 2] :]  # below, sections of face and neck are cut as well
    for name, axis, sign in (
        ("top", 2, 1), ("front", 1, 1), ("back", 1, -1), ("left side", 0, 1), ("right side", 0, -1)
    ):  # fmt: skip
        along = sign * (axes[axis] @ columns)
        nearest = int(np.abs(along).argmax())
        sections = upper.sum(axis=tuple(n for n in range(3) if n != 2 - nearest))
        last = sections[-1 if along[nearest] > 0 else 0]
        if last > _CUT_SHARE * sections.max():
            raise RefusedError(
                f"The image cuts the brain off at its {name}, so that sides and lobes cannot be "
                "told by its proportions; name a point."
            )


def _across(vector: Vector, normal: Vector) -> Vector:
    flat = vector - normal * float(vector @ normal)
    return np.asarray(flat / np.linalg.norm(flat))


def _triple(vector: Vector) -> tuple[float, float, float]:
    return float(vector[0]), float(vector[1]), float(vector[2])
