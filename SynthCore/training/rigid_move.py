"""A rigid move in six parameters of one unit: millimeters, and the arcs of rotations."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from SynthCore.image import Image
from SynthCore.training.mutual_information import Float

LARGEST_MM = 20.0
"""Of each parameter."""

NEAR_LIMIT_MM = 0.5
"""A search within bounds comes near them and never quite there."""


def pivot(fixed: Image) -> tuple[Float, float]:
    """What a move turns about, and the radius at which the arc of a rotation counts as its mm."""
    sides = np.array(fixed.shape[::-1])
    center = fixed.affine[:3, :3] @ ((sides - 1) / 2) + fixed.affine[:3, 3]
    return center, 0.3 * float(np.linalg.norm(sides * fixed.spacing))


def rotation_of(parameters: Float, radius: float) -> Float:
    """3 x 3 rotation of six parameters; the first three are arcs at `radius`."""
    euler = sitk.Euler3DTransform()
    euler.SetRotation(*(float(v) / radius for v in parameters[:3]))
    matrix: Float = np.array(euler.GetMatrix()).reshape(3, 3)
    return matrix


def moved(fixed: Image, transform: sitk.Euler3DTransform) -> tuple[float, float]:
    """How far a rigid move takes the middle of `fixed`, in mm, and how far it turns, in degrees."""
    center, _ = pivot(fixed)
    shift = np.subtract(transform.TransformPoint(center.tolist()), center)
    cosine = (np.trace(np.reshape(transform.GetMatrix(), (3, 3))) - 1) / 2
    return float(np.linalg.norm(shift)), float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def at_limit(fixed: Image, transform: sitk.Euler3DTransform) -> bool:
    """Whether a move that `rigid_by_mutual_information` found ends where it may not go on."""
    _, radius = pivot(fixed)
    parameters = np.array(transform.GetParameters())
    parameters[:3] *= radius
    return bool((np.abs(parameters) > LARGEST_MM - NEAR_LIMIT_MM).any())
