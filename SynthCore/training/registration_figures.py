"""How good is a registration: figures that need no ground truth and no network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage

from SynthCore.image import Image
from SynthCore.training.matchable import matchable
from SynthCore.training.placement import Placement

Float32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

BINS = 48


@dataclass(frozen=True)
class RegistrationFigures:
    """One pair; "before" is as the scanner's coordinates have it, then rigid, then the whole.

    Attributes
    ----------
    information_before, information_rigid, information : float
        Mutual information in the fixed image's body, nats.
    outline_rigid_mm, outline_mm : float
        Median distance of the two outlines of the body within the slices: where a field of view
        cuts the body, an outline has nothing to lie on.
    displacement_mm, largest_displacement_mm : float
        Of the field, within the body; 0 where it is rigid.
    jacobian_least, jacobian_most : float
        1st and 99th percentile of the field's local change of volume in the body.
    folded : float
        Share of the body where the field folds (change of volume at or below 0).
    bone_strain : float
        Root mean square strain in bone: 0 where bones keep their shape.
    """

    information_before: float
    information_rigid: float
    information: float
    outline_rigid_mm: float
    outline_mm: float
    displacement_mm: float
    largest_displacement_mm: float
    jacobian_least: float
    jacobian_most: float
    folded: float
    bone_strain: float


def registration_figures(fixed: Image, moving: Image, place: Placement) -> RegistrationFigures:
    """Measure a placement of `moving` on `fixed`."""
    rigid = Placement(place.rigid)
    asis, before, after = (
        p.place(fixed, moving) for p in (Placement(sitk.Euler3DTransform()), rigid, place)
    )
    a, b, c = matchable(fixed), matchable(before), matchable(after)
    reached = rigid.covers(fixed, moving)
    seen = place.covers(fixed, moving) & reached
    inside = a.body & seen
    near = a.body & reached  # a field that throws points out of the image is judged there as well
    shift = place.displacement(fixed)
    if shift is None:
        shift = np.zeros((3, *fixed.shape), dtype=np.float32)
    gradient = gradients(shift, fixed.spacing)
    volume = np.linalg.det(gradient[:, :, near].transpose(2, 0, 1) + np.eye(3))
    strain = (gradient + gradient.transpose(1, 0, 2, 3, 4)) / 2
    squared = (strain**2).sum(axis=(0, 1))
    length = np.sqrt((shift**2).sum(axis=0))[near]
    bone = c.bone & seen
    return RegistrationFigures(
        information_before=_information(a.values, matchable(asis).values, inside),
        information_rigid=_information(a.values, b.values, inside),
        information=_information(a.values, c.values, inside),
        outline_rigid_mm=_outline_mm(a.body, b.body, seen & a.sure, fixed.spacing),
        outline_mm=_outline_mm(a.body, c.body, seen & a.sure, fixed.spacing),
        displacement_mm=float(length.mean()) if length.size else 0.0,
        largest_displacement_mm=float(length.max(initial=0.0)),
        jacobian_least=float(np.percentile(volume, 1)) if volume.size else 1.0,
        jacobian_most=float(np.percentile(volume, 99)) if volume.size else 1.0,
        folded=float((volume <= 0).mean()) if volume.size else 0.0,
        bone_strain=float(np.sqrt(squared[bone].mean())) if bone.any() else 0.0,
    )


def gradients(shift: Float32, spacing: tuple[float, float, float]) -> Float32:
    """[component, axis, k, j, i] of a displacement [3, k, j, i] (i, j, k), both in that order."""
    found: Float32 = np.stack(
        [
            np.stack([np.gradient(one, mm, axis=2 - axis) for axis, mm in enumerate(spacing)])
            for one in shift
        ]
    )
    return found


def _information(a: Float32, b: Float32, inside: Bools) -> float:
    if not inside.any():
        return 0.0
    joint, _, _ = np.histogram2d(a[inside], b[inside], bins=BINS)
    p = joint / joint.sum()
    apart = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    seen = p > 0
    return float((p[seen] * np.log(p[seen] / apart[seen])).sum())


def _outline_mm(a: Bools, b: Bools, known: Bools, spacing: tuple[float, float, float]) -> float:
    """Median over both outlines of the distance to the other one, within slices that have both."""
    cross = ndimage.generate_binary_structure(2, 1)
    found: list[npt.NDArray[np.float64]] = []
    for one, other, valid in zip(a, b, known, strict=True):
        deep = ndimage.binary_erosion(valid, cross, iterations=3)
        edges = [m & ~ndimage.binary_erosion(m, cross, border_value=1) for m in (one, other)]
        if not all((edge & deep).any() for edge in edges):
            continue
        for edge, far in (edges, edges[::-1]):
            away = ndimage.distance_transform_edt(~far, sampling=(spacing[1], spacing[0]))
            found.append(away[edge & deep])
    return float(np.median(np.concatenate(found))) if found else float("nan")
