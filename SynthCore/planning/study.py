"""What is checked: images, structures, doses and plan of one patient, on one grid, with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from SynthCore.dicom.rt.dose import Dose, read_dose
from SynthCore.dicom.rt.plan import Plan, read_plan
from SynthCore.dicom.rt.structures import StructureSet, mask_of, read_structures
from SynthCore.dicom.uncertainty_map import is_map, read_map
from SynthCore.engine.role_checks import require_role
from SynthCore.errors import InputError, RefusedError
from SynthCore.files.mask import read_mask
from SynthCore.files.read import read
from SynthCore.image import Image
from SynthCore.quality.grids import resample_to, seen_on_grid
from SynthCore.quality.real import not_real, not_synthetic, of_phantom
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

    def body_structure(self, name: str) -> bool:
        """Whether a structure is the outline of the patient, which is no organ."""
        return name.lower() in _OUTLINES


MOST_DEVIATION_HU = 2000.0

_OUTLINES = ("external", "body", "patient", "skin", "outline")
_TARGETS = ("ptv", "ctv", "gtv", "itv")


NOT_MOVED = "The doses were not moved by the registration: each lies as it was computed."


def read_study(paths: Paths, targets: Sequence[str] = ()) -> Study:
    """Read everything and see that it belongs together.

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
    reference, seen = None, np.ones(synthetic.shape, dtype=np.bool_)
    registration = None
    if paths.reference is not None:
        real = read(paths.reference, modality="CT")
        reference, seen, registration = _reference(synthetic, real, paths.register, notes)
    mr = None
    if paths.mr is not None:
        mr = _mr(synthetic, read(paths.mr), notes)
    plan = _plan(paths, synthetic)
    structures, kinds = _structures(paths, plan, synthetic)
    doses = _doses(paths, plan, synthetic)
    chosen = _targets(structures, kinds, targets)
    if registration is not None and doses is not None:
        notes.append(NOT_MOVED)
    uncertainty = None
    if paths.uncertainty is not None:
        uncertainty = _deviation(_read_deviation(paths.uncertainty), synthetic)
    return Study(
        synthetic, reference, mr, seen, structures, chosen, plan, doses, tuple(notes), registration,
        uncertainty,
    )  # fmt: skip


def _mr(synthetic: Image, given: Image, notes: list[str]) -> Image:
    """The MR on the synthetic CT's grid."""
    role = given.modality if given.modality in MR_ROLES else "T1"
    require_role(role, given, "Give the MR that the synthetic CT is of.")
    _same_frame(synthetic, given, "MR", notes)
    return given if given.same_grid(synthetic) else resample_to(given, synthetic)[0]


def _reference(
    synthetic: Image, real: Image, kind: Kind | None, notes: list[str]
) -> tuple[Image, Mask, Registration | None]:
    """The real CT on the synthetic one's grid, where it has a value, and how it came there."""
    real = _hu(real, "real CT")
    if reason := not_real(real, synthetic, "real CT"):
        raise RefusedError(f"{reason} Give the CT of the patient.")
    if told := of_phantom(real, "real CT"):
        notes.append(told)
    _same_frame(synthetic, real, "real CT", notes, registered=kind is not None)
    if kind is not None:
        from SynthCore.planning.registration import register_reference

        frames = _frame(synthetic), _frame(real)
        apart = all(frames) and frames[0] != frames[1]
        found, seen, registration = register_reference(synthetic, real, kind, apart=apart)
        notes.append(registration.note)
        return found, seen, registration
    if not real.same_grid(synthetic):
        notes.append(
            "The real CT was resampled onto the synthetic CT's grid (linear; means over larger "
            "voxels)."
        )
    found, seen = seen_on_grid(real, synthetic)
    return found, seen, None


def _hu(image: Image, what: str) -> Image:
    low, high = float(image.voxels.min()), float(image.voxels.max())
    if low > -500 or high < 0 or low < -5000:
        raise InputError(
            f"The {what} runs from {low:.0f} to {high:.0f}: these are not CT numbers of a patient."
        )
    return image


def _read_deviation(path: Path) -> Image:
    return read_map(path) if is_map(path) else read(path, modality="CT")


def _deviation(image: Image, grid: Image) -> Image:
    least, most = float(image.voxels.min()), float(image.voxels.max())
    if not (least >= 0 and most <= MOST_DEVIATION_HU):
        raise InputError(
            f"The uncertainty runs from {least:.0f} to {most:.0f}: give standard deviations in HU."
        )
    return image if image.same_grid(grid) else resample_to(image, grid, outside=0.0)[0]


def _frame(image: Image) -> str:
    headers = image.source.headers
    return str(headers[0].get("FrameOfReferenceUID", "") or "") if headers else ""


def _patient(image: Image) -> str:
    headers = image.source.headers
    return str(headers[0].get("PatientID", "") or "") if headers else ""


def _same_frame(
    synthetic: Image, other: Image, what: str, notes: list[str], *, registered: bool = False
) -> None:
    frames = _frame(synthetic), _frame(other)
    if all(frames) and frames[0] != frames[1] and not registered:
        raise InputError(
            f"The {what} lies in another frame of reference than the synthetic CT: register it "
            "first, and write it in the synthetic CT's."
        )
    patients = _patient(synthetic), _patient(other)
    if all(patients) and patients[0] != patients[1]:
        raise InputError(f"The {what} is of another patient than the synthetic CT.")
    if not all(frames) and not registered:
        notes.append(f"Nothing says that the {what} lies in the synthetic CT's frame of reference.")


def _plan(paths: Paths, grid: Image) -> Plan | None:
    if paths.plan is None:
        return None
    plan = read_plan(paths.plan)
    _require_same(plan.patient_id, _patient(grid), "plan", "patient")
    if paths.register is None:  # of a plan that lies on a registered CT only the directions count
        _require_same(plan.frame_of_reference, _frame(grid), "plan", "frame of reference")
    return plan


def _structures(
    paths: Paths, plan: Plan | None, grid: Image
) -> tuple[dict[str, Mask], dict[str, str]]:
    masks: dict[str, Mask] = {}
    kinds: dict[str, str] = {}
    if paths.structures is not None:
        found: StructureSet = read_structures(paths.structures)
        _require_same(found.frame_of_reference, _frame(grid), "structure set", "frame of reference")
        _require_same(found.patient_id, _patient(grid), "structure set", "patient")
        if plan is not None:
            _require_same(plan.patient_id, found.patient_id, "plan", "patient")
        for structure in found.structures:
            masks[structure.name] = mask_of(structure, grid)
            kinds[structure.name] = structure.kind
    for name, path in paths.masks.items():
        masks[name] = np.asarray(read_mask(path, grid).voxels > 0)
    empty = [name for name, mask in masks.items() if not mask.any()]
    if empty:
        raise InputError(f"The structure {empty[0]} holds no voxel of the synthetic CT.")
    return masks, kinds


def _doses(paths: Paths, plan: Plan | None, grid: Image) -> tuple[Dose, Dose] | None:
    given = (paths.dose_reference, paths.dose_synthetic)
    if given[0] is None and given[1] is None:
        return None
    if given[0] is None or given[1] is None:
        raise InputError(
            "Two doses are compared: give --dose-reference and --dose-synthetic, of one plan."
        )
    doses = (read_dose(given[0]), read_dose(given[1]))
    for dose, on in zip(doses, ("real CT", "synthetic CT"), strict=True):
        _require_same(dose.frame_of_reference, _frame(grid), f"dose on the {on}",
                      "frame of reference")  # fmt: skip
        _require_same(dose.patient_id, _patient(grid), f"dose on the {on}", "patient")
    if plan is not None:
        _require_same(plan.patient_id, doses[0].patient_id, "plan", "patient")
        _require_same(doses[0].plan_uid, plan.uid, "dose on the real CT", "plan")
    for quality, words in (("kind", "type"), ("summation", "summation")):
        a, b = (getattr(dose, quality) for dose in doses)
        if a and b and a != b:
            raise InputError(f"The two doses differ in {words} ({a} and {b}): export them alike.")
    return doses


def _require_same(a: str, b: str, what: str, of: str) -> None:
    if a and b and a != b:
        raise InputError(f"The {what} belongs to another {of}: give one of this study.")


def _targets(
    structures: Mapping[str, Mask], kinds: Mapping[str, str], named: Sequence[str]
) -> tuple[str, ...]:
    for name in named:
        if name not in structures:
            known = ", ".join(structures) or "none"
            raise InputError(f"There is no structure {name!r}; there are {known}.")
    if named:
        return tuple(named)
    return tuple(
        name for name in structures
        if kinds.get(name, "").lower() in _TARGETS or name.lower().startswith(_TARGETS)
    )  # fmt: skip
