"""The large surfaces of the head, which all else is fitted to: skin, skull, cranial cavity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SynthCore.physics.phantom.canvas import Canvas
from SynthCore.physics.phantom.shapes import (
    Field,
    Points,
    ellipsoid,
    intersection,
    segment,
    superellipsoid,
    tube,
    union,
)


@dataclass(frozen=True)
class Surfaces:
    """Signed distances over the whole grid (negative inside), and noise that several parts share.

    Attributes
    ----------
    skin : numpy.ndarray
        Outer surface of the head and neck.
    cavity : numpy.ndarray
        Inner surface of the skull with the spinal canal: what holds CSF and brain.
    thickness : numpy.ndarray
        Thickness of the skull (mm) at the nearest place, a smooth field.
    coarse : numpy.ndarray
        Noise with blobs of 14 mm.
    fine : numpy.ndarray
        Noise with blobs of 5 mm.
    """

    skin: Field
    cavity: Field
    thickness: Field
    coarse: Field
    fine: Field


def make_surfaces(canvas: Canvas) -> Surfaces:
    """Compute the surfaces at every voxel."""
    coarse, fine = canvas.noise(14.0), canvas.noise(5.0)
    cavity = canvas.broadly(lambda p: cranial_cavity(mirrored(p)))
    cavity += 0.6 * canvas.noise(30.0)
    thickness = canvas.broadly(lambda p: skull_thickness(mirrored(p))) + 0.5 * canvas.noise(22.0)
    skin = canvas.broadly(lambda p: head_and_neck(mirrored(p))) + 0.25 * coarse
    return Surfaces(skin, cavity, thickness, coarse, fine)


def mirrored(points: Points) -> Points:
    """Both sides folded onto the left: (|x|, a, z)."""
    return np.abs(points[0]), points[1], points[2]


def skull_thickness(points: Points) -> Field:
    """Thickness of the skull in mm; thin at the temples and the base; x must be folded."""
    x, a, z = points
    temple = np.exp(-((z - 2) ** 2) / 1200 - (a - 5) ** 2 / 1800) * np.clip((x - 35) / 25, 0, 1)
    protuberance = np.exp(-((a + 92) ** 2) / 200 - (z + 12) ** 2 / 300 - x**2 / 400)
    return 7.0 - 3.0 * temple + 3.5 * protuberance - 3.2 * np.clip((-18 - z) / 12, 0, 1)


def head_and_neck(points: Points) -> Field:
    """Outer surface of head and neck; x must be folded."""
    behind = ellipsoid(points, (0, -52, -30), (54, 40, 34))
    vault = union(cranial_cavity_vault(points) - skull_thickness(points), behind - 5.0, blend=10.0)
    skin = union(vault - 5.4, face(points), blend=14.0)
    skin = union(skin, neck(points), blend=16.0)
    skin = union(skin, nose(points), blend=7.0)
    skin = union(skin, eyelids(points), blend=5.0)
    return union(skin, ears(points), blend=2.5)


def cranial_cavity_vault(points: Points) -> Field:
    """The cavity without its base, for the outside of the head."""
    return superellipsoid(points, (0, -7, 6), (66.5, 84, 69), 2.25)


def cranial_cavity(points: Points) -> Field:
    """Inner surface of the skull and spinal canal; x must be folded."""
    vault = superellipsoid(points, (0, -7, 6), (66.5, 84, 69), 2.25)
    floor = -(points[2] + 21 + 0.06 * (points[1] - 20))
    roofs = ellipsoid(points, (27, 52, -31), (22, 32, 22))  # orbital roofs bulge upward
    upper = intersection(vault, floor, -roofs, blend=6.0)
    upper = intersection(upper, -ellipsoid(points, (0, 12, -27), (16, 26, 9)), blend=4.0)
    temporal = ellipsoid(points, (38, 4, -20), (24, 36, 25))
    posterior = ellipsoid(points, (0, -52, -30), (54, 40, 34))
    canal = tube(
        points,
        [(0, -14, -10), (0, -26, -46), (0, -34, -57), (0, -38, -69), (0, -39, -140)],
        [13, 16, 14.5, 10.5, 9.5],
    )
    sella = ellipsoid(points, (0, 13, -19), (7.5, 6.5, 7))
    cavity = union(upper, temporal, posterior, blend=7.0)
    cavity = union(cavity, canal, blend=8.0)
    petrous = segment(points, (17, -9, -27), (56, -30, -26), 6.5, 11.0)
    cavity = intersection(cavity, -petrous, blend=5.0)
    return union(cavity, sella, blend=2.0)


def face(points: Points) -> Field:
    """Midface and jaws; x must be folded."""
    middle = superellipsoid(points, (0, 36, -42), (69, 51, 48), 2.15)
    cheeks = ellipsoid(points, (32, 55, -56), (27, 26, 27))
    jaw = superellipsoid(points, (0, 34, -84), (61, 54, 40), 2.3)
    chin = ellipsoid(points, (0, 76, -108), (18, 16, 14))
    lips = ellipsoid(points, (0, 87, -79), (24, 9, 11))
    result = union(middle, cheeks, jaw, blend=12.0)
    return union(result, chin, lips, blend=7.0)


def neck(points: Points) -> Field:
    """Neck, and the muscles below the occiput; x must be folded."""
    column = superellipsoid(points, (0, -22, -150), (58, 57, 110), 2.6)
    nape = ellipsoid(points, (0, -58, -75), (50, 33, 50))
    return union(column, nape, blend=14.0)


def nose(points: Points) -> Field:
    """Bridge, tip and wings of the nose; x must be folded."""
    ridge = tube(points, [(0, 80, -14), (0, 90, -36), (0, 100, -55)], [6.5, 8, 8.5])
    wing = ellipsoid(points, (11, 90, -57), (9, 12, 8.5))
    return union(ridge, wing, blend=9.0)


def eyelids(points: Points) -> Field:
    """Closed lids over the eyes; x must be folded."""
    return ellipsoid(points, (32, 68, -28), (16, 14.5, 14))


def ears(points: Points) -> Field:
    """Auricles with a hollow concha; x must be folded."""
    tilted = (points[0], points[1] + 0.45 * (points[0] - 76), points[2])
    shape = ellipsoid(tilted, (76, -22, -27), (9, 5.0, 22))
    concha = ellipsoid(tilted, (78, -17, -34), (7, 5, 9))
    return intersection(shape, -concha, blend=2.0)
