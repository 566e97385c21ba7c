"""Laying the real CT on the synthetic one, on request, and saying how well that went.

A registration is part of the error that is measured afterwards: what it leaves is charged to the
synthetic CT, and what a field takes away may have been the synthetic CT's. So its own figures
stand among the findings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.planning.finding import Finding
from SynthCore.planning.surroundings import Surroundings, surroundings
from SynthCore.quality.body import body_in_ct
from SynthCore.quality.grids import NO_OVERLAP
from SynthCore.request import Progress
from SynthCore.training.placement import Placement, register
from SynthCore.training.registration_figures import RegistrationFigures, registration_figures

Mask = npt.NDArray[np.bool_]
Kind = Literal["rigid", "deformable"]
KINDS: tuple[Kind, ...] = ("rigid", "deformable")

LOST_NATS = 0.01
"""Mutual information that rounding and sampling may take away; more, and it got worse."""


@dataclass(frozen=True)
class Registration:
    """A registration of the real CT, and its quality.

    Attributes
    ----------
    kind : {'rigid', 'deformable'}
        A field follows the rigid move, or not.
    translation_mm : tuple of float
        How the center of the synthetic CT's volume moves into the real CT, LPS.
    rotation_degrees : float
        About one axis.
    figures : RegistrationFigures
        Mutual information, outlines, and the field's.
    findings : tuple of Finding
        The same, to be judged and shown.
    note : str
        What was done, in a sentence.
    around : Surroundings or None
        The real body beside the synthetic CT, moved by the rigid part: a field is known within.
    """

    kind: Kind
    translation_mm: tuple[float, float, float]
    rotation_degrees: float
    figures: RegistrationFigures
    findings: tuple[Finding, ...]
    note: str
    around: Surroundings | None = None


def parse_kind(text: str) -> Kind:
    """`text` as a kind of registration.

    Raises
    ------
    InputError
        If it is none.
    """
    for kind in KINDS:
        if text == kind:
            return kind
    raise InputError(f"--register is {' or '.join(KINDS)}, not {text[:40]!r}.")


def register_reference(
    synthetic: Image,
    real: Image,
    kind: Kind,
    *,
    apart: bool = False,
    progress: Progress | None = None,
) -> tuple[Image, Mask, Registration]:
    """The real CT on the synthetic CT's grid, moved to where mutual information is largest.

    Parameters
    ----------
    synthetic, real : Image
        HU, of one patient.
    kind : {'rigid', 'deformable'}
        Rigid within 20 mm; deformable with a smooth field after it that keeps bones stiff.
    apart : bool
        Whether the two lie in different frames of reference: then the centers of the bodies are
        laid on each other first.
    progress : callable, optional
        Told the fraction done and the stage; what it raises stops the registration.

    Returns
    -------
    Image
        The real CT on the synthetic CT's grid, linearly interpolated once.
    numpy.ndarray of bool
        [k, j, i]: where it has a value.
    Registration

    Raises
    ------
    InputError
        If one of them shows no body, or they do not overlap.
    """
    first = np.zeros(3)
    fixed, moving = (replace(image, modality="CT", unit="HU") for image in (synthetic, real))
    if apart:
        first = _center(moving) - _center(fixed)
        affine = moving.affine.copy()
        affine[:3, 3] -= first
        moving = replace(moving, affine=affine)
    if not Placement(sitk.Euler3DTransform()).covers(fixed, moving).any():
        raise InputError(NO_OVERLAP)
    place = register(fixed, moving, deformable=kind == "deformable", progress=progress)
    found, seen = place.place(fixed, moving), place.covers(fixed, moving)
    if not seen.any():
        raise InputError(NO_OVERLAP)
    figures = registration_figures(fixed, moving, place)
    middle = fixed.affine[:3, :3] @ ((np.array(fixed.shape[::-1]) - 1) / 2) + fixed.affine[:3, 3]
    # it leads from the synthetic CT to where the same point was found in the real one: that is
    # moved the other way
    x, y, z = middle - np.array(place.rigid.TransformPoint(middle.tolist())) - first
    matrix = np.array(place.rigid.GetMatrix()).reshape(3, 3)
    angle = float(np.degrees(np.arccos(np.clip((np.trace(matrix) - 1) / 2, -1.0, 1.0))))
    shift = (float(x), float(y), float(z))
    began = " The centers of the bodies were laid on each other first." if apart else ""
    note = (
        f"The real CT was registered to the synthetic CT ({kind}, mutual information).{began} "
        "What the registration leaves counts as an error of the synthetic CT"
        + ("; what its field takes away may have been one." if kind == "deformable" else ".")
    )
    return found, seen, Registration(
        kind, shift, angle, figures, _findings(kind, shift, angle, figures), note,
        surroundings(fixed, moving, lambda grid: Placement(place.rigid).place(grid, moving)),
    )  # fmt: skip


def _findings(
    kind: Kind, shift: tuple[float, float, float], angle: float, figures: RegistrationFigures
) -> tuple[Finding, ...]:
    gain = figures.information - figures.information_before
    worse = gain < -LOST_NATS
    found = [
        Finding("registration", "registration_information",
                "Mutual information gained by the registration", gain, "nat",
                "fail" if worse else "pass",
                f"{figures.information_before:.3f} before, {figures.information_rigid:.3f} rigid, "
                f"{figures.information:.3f} at the end"
                + (": the two lie worse than they did." if worse else "."),
                f"at least {-LOST_NATS:g}"),
        Finding("registration", "registration_translation", "Translation of the real CT",
                float(np.linalg.norm(shift)), "mm",
                reason="{:+.1f}, {:+.1f}, {:+.1f} mm to left, back and head.".format(*shift)),
        Finding("registration", "registration_rotation", "Rotation of the real CT", angle, "deg"),
        Finding("registration", "registration_outline",
                "Median distance of the outlines after registration", figures.outline_mm, "mm",
                reason=f"{figures.outline_rigid_mm:.1f} mm after the rigid part."),
    ]  # fmt: skip
    if kind == "deformable":
        found += [
            Finding("registration", "registration_folded", "Share of the body where the field "
                    "folds", 100 * figures.folded, "%",
                    reason="Where a field folds, no tissue can have moved like that."),
            Finding("registration", "registration_shrinks", "Jacobian of the field, 1st percentile",
                    figures.jacobian_least, ""),
            Finding("registration", "registration_grows", "Jacobian of the field, 99th percentile",
                    figures.jacobian_most, ""),
            Finding("registration", "registration_displacement", "Mean displacement by the field",
                    figures.displacement_mm, "mm",
                    reason=f"At most {figures.largest_displacement_mm:.1f} mm."),
            Finding("registration", "registration_bone_strain", "Strain of bone in the field",
                    100 * figures.bone_strain, "%", reason="Bones keep their shape: 0 is best."),
        ]  # fmt: skip
    return tuple(found)


def _center(image: Image) -> npt.NDArray[np.float64]:
    """LPS mm of the middle of the body."""
    body = body_in_ct(image)
    if not body.any():
        raise InputError("One of the CTs shows no body to register: check that both are in HU.")
    index = np.argwhere(body).mean(axis=0)[::-1]
    return np.asarray(image.affine[:3, :3] @ index + image.affine[:3, 3])
