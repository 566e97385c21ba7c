"""What comes with the images of a study as RT objects: plan, structures and doses, checked.

All of them raise `InputError` for what cannot be read, or belongs to another patient, frame of
reference or plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from SynthCore.dicom.rt.dose import Dose, read_dose
from SynthCore.dicom.rt.plan import Plan, as_lying, read_plan
from SynthCore.dicom.rt.structures import (
    OUTSIDE_SHARE,
    OutsideImageError,
    Structure,
    StructureSet,
    mask_of,
    read_structures,
)
from SynthCore.dicom.rt.target_names import is_target
from SynthCore.errors import InputError
from SynthCore.files.mask import read_mask_and_lost
from SynthCore.image import Image
from SynthCore.planning.identity import frame_of, patient_of, position_of, require_same

Mask = npt.NDArray[np.bool_]


APART_FROM_THE_PATIENT = ("BOLUS", "FIXATION", "SUPPORT")
"""RT ROI Interpreted Types of what lies beside the patient: no organ, and in no synthetic CT."""


def plan_of(
    path: Path | None,
    grid: Image,
    notes: list[str],
    *,
    registered: bool,
    images: Sequence[Image] = (),
) -> Plan | None:
    """The plan, of the synthetic CT's patient and frame of reference.

    Where it does not say how the patient lies, the first of `images` that states it does, or else
    head first supine; a note tells so.
    """
    if path is None:
        return None
    plan = read_plan(path)
    require_same(plan.patient_id, patient_of(grid), "plan", "patient")
    if not registered:  # of a plan that lies on a registered CT only the directions count
        require_same(plan.frame_of_reference, frame_of(grid), "plan", "frame of reference")
    plan, told = as_lying(plan, [position_of(image) for image in (*images, grid)])
    notes += [told] if told else []
    return plan


def structures_of(
    path: Path | None,
    images: Mapping[str, Path],
    plan: Plan | None,
    grid: Image,
    named: Sequence[str],
    notes: list[str],
) -> tuple[dict[str, Mask], dict[str, str]]:
    """Masks and kinds by name, of an RTSTRUCT and of mask images; `named` are the targets."""
    masks: dict[str, Mask] = {}
    kinds: dict[str, str] = {}
    if path is not None:
        found: StructureSet = read_structures(path)
        require_same(
            found.frame_of_reference, frame_of(grid), "structure set", "frame of reference"
        )
        require_same(found.patient_id, patient_of(grid), "structure set", "patient")
        if plan is not None:
            require_same(plan.patient_id, found.patient_id, "plan", "patient")
        for structure in found.structures:
            kinds[structure.name] = structure.kind
            mask = _mask(structure, grid, named, notes)
            if mask is not None:
                masks[structure.name] = mask
        _tell_of_empty(found, named, notes)
    for name, path_of_mask in images.items():
        if name in kinds:
            raise InputError(
                f"The structure {name} is in the structure set and is given as a mask: give the "
                "mask another name, or leave one of the two out."
            )
        aim = name in named or (not named and is_target(name, ""))
        masks[name] = _read_mask(name, path_of_mask, grid, aim, notes)
    empty = [name for name, mask in masks.items() if not mask.any()]
    if empty:
        raise InputError(f"The structure {empty[0]} holds no voxel of the synthetic CT.")
    return masks, kinds


def _read_mask(name: str, path: Path, grid: Image, aim: bool, notes: list[str]) -> Mask:
    """A mask of a file; a target that the synthetic CT does not show whole is refused."""
    mask, lost = read_mask_and_lost(path, grid)
    if aim and lost > OUTSIDE_SHARE:
        raise OutsideImageError(
            f"{lost:.0%} of the target {name} lies outside the synthetic CT: check that both "
            "belong together, or make a synthetic CT that holds the whole target.",
            "lies partly outside the synthetic CT",
        )
    notes += [f"The structure {name}: {note[0].lower()}{note[1:]}" for note in mask.notes]
    return np.asarray(mask.voxels > 0)


def doses_of(
    given: tuple[Path | None, Path | None], plan: Plan | None, grid: Image
) -> tuple[Dose, Dose] | None:
    """The doses on the real and on the synthetic CT: of one patient, and not the same."""
    if given[0] is None and given[1] is None:
        return None
    if given[0] is None or given[1] is None:
        raise InputError(
            "Two doses are compared: give --dose-reference and --dose-synthetic, of one plan."
        )
    doses = (read_dose(given[0]), read_dose(given[1]))
    for dose, on in zip(doses, ("real CT", "synthetic CT"), strict=True):
        require_same(dose.frame_of_reference, frame_of(grid), f"dose on the {on}",
                      "frame of reference")  # fmt: skip
        require_same(dose.patient_id, patient_of(grid), f"dose on the {on}", "patient")
    require_two_doses(*doses)
    if plan is not None:
        require_same(plan.patient_id, doses[0].patient_id, "plan", "patient")
        require_same(doses[0].plan_uid, plan.uid, "dose on the real CT", "plan")
    for quality, words in (("kind", "type"), ("summation", "summation")):
        a, b = (getattr(dose, quality) for dose in doses)
        if a and b and a != b:
            raise InputError(f"The two doses differ in {words} ({a} and {b}): export them alike.")
    return doses


def require_two_doses(reference: Dose, synthetic: Dose) -> None:
    """See that two doses are of one patient and place, and not one dose that is given as both.

    Images without headers say of neither whose it is: then the two are held against each other.

    Raises
    ------
    InputError
        If they are of two patients or frames of reference, or equal voxel for voxel.
    """
    what = "dose on the synthetic CT"
    require_same(synthetic.patient_id, reference.patient_id, what, "patient")
    require_same(
        synthetic.frame_of_reference, reference.frame_of_reference, what, "frame of reference"
    )
    real, made = reference.image, synthetic.image
    if np.array_equal(real.voxels, made.voxels) and real.same_grid(made):
        raise InputError(
            "The two doses are one, voxel for voxel: give the dose computed on each CT."
        )


def _mask(structure: Structure, grid: Image, named: Sequence[str], notes: list[str]) -> Mask | None:
    """Nothing, and a note, for what lies beside the patient or the image and is no target."""
    name = structure.name
    is_aim = name in named or (not named and is_target(name, structure.kind))
    if structure.kind in APART_FROM_THE_PATIENT and not is_aim:
        notes.append(f"The structure {name} is not part of the patient ({structure.kind.lower()}) "
                     "and is left out.")  # fmt: skip
        return None
    try:
        mask = mask_of(structure, grid)
    except OutsideImageError as error:
        if is_aim:
            raise
        why = error.briefly
    else:
        if mask.any() or is_aim:
            return mask
        why = "holds no voxel of the synthetic CT"  # such as a marker
    notes.append(f"The structure {name} {why} and is left out.")
    return None


def _tell_of_empty(found: StructureSet, named: Sequence[str], notes: list[str]) -> None:
    """A target that nobody drew is no target that was checked."""
    for name, kind in found.empty:
        if not named and is_target(name, kind):
            raise InputError(
                f"The target {name} has no closed contour: draw it, or name the targets that are "
                "meant (--target)."
            )
        notes.append(f"The structure {name} has no closed contour and is left out.")


def targets_of(
    structures: Mapping[str, Mask], kinds: Mapping[str, str], named: Sequence[str]
) -> tuple[str, ...]:
    """Those that are named, or those that are targets by their kind or name."""
    for name in named:
        if name not in structures:
            known = ", ".join(structures) or "none"
            raise InputError(f"There is no structure {name!r}; there are {known}.")
    if named:
        return tuple(named)
    return tuple(name for name in structures if is_target(name, kinds.get(name, "")))
