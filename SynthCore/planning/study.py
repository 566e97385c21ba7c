"""What is checked: images, structures, doses and plan of one patient, on one grid, with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from SynthCore.axes import in_order_of
from SynthCore.dicom.rt.dose import Dose
from SynthCore.dicom.rt.plan import Plan
from SynthCore.dicom.uncertainty_map import is_map, read_map
from SynthCore.engine.role_checks import require_role
from SynthCore.errors import InputError, RefusedError
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.planning.coverage_check import longer_note
from SynthCore.planning.identity import frame_of, require_same_frame
from SynthCore.planning.study_objects import doses_of, plan_of, structures_of, targets_of
from SynthCore.planning.surroundings import Surroundings, surroundings
from SynthCore.quality.body import body_in_ct
from SynthCore.quality.grids import resample_to, seen_on_grid
from SynthCore.quality.real import not_real, not_synthetic, of_phantom
from SynthCore.request import Progress
from SynthCore.tasks import MR_ROLES

if TYPE_CHECKING:  # registration loads torch, which a check without it does not need
    from SynthCore.planning.registration import Kind, Registration

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Paths:
    """Where everything lies; only the synthetic CT has to be given.

    `masks` are images of structures by name (``PTV=ptv.nii.gz``), beside or instead of an RTSTRUCT.
    `register` asks for the real CT to be registered to the synthetic one; `uncertainty` is an
    image of standard deviations in HU.
    """

    synthetic: Path
    reference: Path | None = None
    mr: Path | None = None
    structures: Path | None = None
    masks: Mapping[str, Path] = field(default_factory=dict)
    plan: Path | None = None
    dose_reference: Path | None = None
    dose_synthetic: Path | None = None
    register: Kind | None = None
    uncertainty: Path | None = None


@dataclass(frozen=True)
class Study:
    """All of it read, on the synthetic CT's grid where it is an image of the patient.

    Attributes
    ----------
    synthetic, reference, mr : Image
        HU, HU, arbitrary units.
    seen : numpy.ndarray of bool
        [k, j, i]: where the reference has a value; everywhere without one.
    structures : mapping
        Masks by name.
    targets : tuple of str
        Names of those that are to be treated.
    doses : tuple of Dose or None
        On the real and on the synthetic CT, each on its own grid.
    registration : Registration or None
        How the real CT was laid on the synthetic one, where that was asked for.
    uncertainty : Image or None
        Standard deviation of the synthetic CT's numbers, HU.
    outlines : tuple of str
        Structures that are said to be the outline of the patient, whatever they are called.
    around : Surroundings or None
        The real body beside the synthetic CT; nothing where both CTs lie on one grid.
    """

    synthetic: Image
    reference: Image | None
    mr: Image | None
    seen: Mask
    structures: Mapping[str, Mask]
    targets: tuple[str, ...]
    plan: Plan | None
    doses: tuple[Dose, Dose] | None
    notes: tuple[str, ...]
    registration: Registration | None = None
    uncertainty: Image | None = None
    outlines: tuple[str, ...] = ()
    around: Surroundings | None = None

    def body_structure(self, name: str) -> bool:
        """Whether a structure is the outline of the patient, which is no organ."""
        return name in self.outlines or name.lower() in _OUTLINES


MOST_DEVIATION_HU = 2000.0
LEAST_DEVIATION_COVERS = 0.99
"""Of the patient."""

_OUTLINES = ("external", "body", "patient", "skin", "outline")


NOT_MOVED = "The doses were not moved by the registration: each lies as it was computed."


def read_study(
    paths: Paths, targets: Sequence[str] = (), *, progress: Progress | None = None
) -> Study:
    """Read everything and see that it belongs together.

    Parameters
    ----------
    paths : Paths
        Where it lies.
    targets : sequence of str
        Names of structures; those named PTV, CTV, GTV or ITV where none is given.
    progress : callable, optional
        Told how far a registration is; what it raises stops it.

    Raises
    ------
    InputError
        For what cannot be read, lies in another frame of reference, is of another patient, or does
        not overlap.
    RefusedError
        If the real CT is synthetic, or the MR no MR.
    """
    synthetic = _hu(read(paths.synthetic, modality="CT"), "synthetic CT")
    notes = [told] if (told := not_synthetic(synthetic)) else []
    real = None if paths.reference is None else read(paths.reference, modality="CT")
    # what is wrong with these is told before a registration takes its minutes
    plan = plan_of(
        paths.plan, synthetic, notes, registered=paths.register is not None,
        images=() if real is None else (real,),
    )  # fmt: skip
    structures, kinds = structures_of(
        paths.structures, paths.masks, plan, synthetic, targets, notes
    )
    doses = doses_of((paths.dose_reference, paths.dose_synthetic), plan, synthetic)
    chosen = targets_of(structures, kinds, targets)
    mr = None if paths.mr is None else _mr(synthetic, read(paths.mr), notes)
    reference, seen = None, np.ones(synthetic.shape, dtype=np.bool_)
    registration, around = None, None
    if real is not None:
        reference, seen, registration, around = _reference(
            synthetic, real, paths.register, notes, progress
        )
    if registration is not None and doses is not None:
        notes.append(NOT_MOVED)
    uncertainty = None
    if paths.uncertainty is not None:
        uncertainty = _deviation(_read_deviation(paths.uncertainty), synthetic, notes)
    return Study(
        synthetic, reference, mr, seen, structures, chosen, plan, doses, tuple(notes), registration,
        uncertainty, tuple(name for name, kind in kinds.items() if kind == "EXTERNAL"), around,
    )  # fmt: skip


def _mr(synthetic: Image, given: Image, notes: list[str]) -> Image:
    """The MR on the synthetic CT's grid."""
    role = given.modality if given.modality in MR_ROLES else "T1"
    require_role(role, given, "Give the MR that the synthetic CT is of.")
    require_same_frame(synthetic, given, "MR", notes)
    return given if given.same_grid(synthetic) else resample_to(given, synthetic)[0]


def _reference(
    synthetic: Image,
    real: Image,
    kind: Kind | None,
    notes: list[str],
    progress: Progress | None,
) -> tuple[Image, Mask, Registration | None, Surroundings | None]:
    """The real CT on the synthetic one's grid, where it has a value, how it came there, and more.

    The last is the real body beside that grid.
    """
    real = _hu(real, "real CT")
    if reason := not_real(real, synthetic, "real CT"):
        raise RefusedError(f"{reason} Give the CT of the patient.")
    if told := of_phantom(real, "real CT"):
        notes.append(told)
    require_same_frame(synthetic, real, "real CT", notes, registered=kind is not None)
    if kind is not None:
        from SynthCore.planning.registration import register_reference

        frames = frame_of(synthetic), frame_of(real)
        apart = all(frames) and frames[0] != frames[1]
        found, seen, registration = register_reference(
            synthetic, real, kind, apart=apart, progress=progress
        )
        notes += [registration.note, *longer_note(registration.around)]
        return found, seen, registration, registration.around
    if not real.same_grid(synthetic):
        notes.append(
            "The real CT was resampled onto the synthetic CT's grid (linear; means over larger "
            "voxels)."
        )
    found, seen = seen_on_grid(real, synthetic)
    around = surroundings(synthetic, real)
    notes += longer_note(around)
    return found, seen, None, around


def _hu(image: Image, what: str) -> Image:
    low, high = float(image.voxels.min()), float(image.voxels.max())
    if low > -500 or high < 0 or low < -5000:
        raise InputError(
            f"The {what} runs from {low:.0f} to {high:.0f}: these are not CT numbers of a patient."
        )
    return image


def _read_deviation(path: Path) -> Image:
    return read_map(path) if is_map(path) else read(path, modality="CT")


def _deviation(image: Image, synthetic: Image, notes: list[str]) -> Image:
    least, most = float(image.voxels.min()), float(image.voxels.max())
    if not (least >= 0 and most <= MOST_DEVIATION_HU):
        raise InputError(
            f"The uncertainty runs from {least:.0f} to {most:.0f}: give standard deviations in HU."
        )
    alike = in_order_of(image, synthetic)
    require_same_frame(synthetic, image, "uncertainty map", notes if alike is None else [])
    if alike is not None:
        return alike
    moved, inside = resample_to(image, synthetic, outside=0.0)
    body = body_in_ct(synthetic)
    covered = float(inside[body].mean()) if body.any() else 0.0
    if covered < LEAST_DEVIATION_COVERS:  # where it says nothing it would say: no uncertainty
        raise InputError(
            f"The uncertainty map covers {covered:.0%} of the patient in the synthetic CT: give "
            "the map of this synthetic CT."
        )
    return moved
