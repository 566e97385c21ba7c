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
from SynthCore.dicom.rt.plan import Plan, read_plan
from SynthCore.dicom.rt.structures import StructureSet, mask_of, read_structures
from SynthCore.errors import InputError
from SynthCore.files.mask import read_mask
from SynthCore.image import Image
from SynthCore.planning.identity import frame_of, patient_of, require_same

Mask = npt.NDArray[np.bool_]

_TARGETS = ("ptv", "ctv", "gtv", "itv")


def plan_of(path: Path | None, grid: Image, *, registered: bool) -> Plan | None:
    """The plan, of the synthetic CT's patient and frame of reference."""
    if path is None:
        return None
    plan = read_plan(path)
    require_same(plan.patient_id, patient_of(grid), "plan", "patient")
    if not registered:  # of a plan that lies on a registered CT only the directions count
        require_same(plan.frame_of_reference, frame_of(grid), "plan", "frame of reference")
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
            masks[structure.name] = mask_of(structure, grid)
            kinds[structure.name] = structure.kind
        _tell_of_empty(found, named, notes)
    for name, image in images.items():
        masks[name] = np.asarray(read_mask(image, grid).voxels > 0)
    empty = [name for name, mask in masks.items() if not mask.any()]
    if empty:
        raise InputError(f"The structure {empty[0]} holds no voxel of the synthetic CT.")
    return masks, kinds


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
    # images without headers say of neither dose whose it is: then of each other
    require_same(doses[1].patient_id, doses[0].patient_id, "dose on the synthetic CT", "patient")
    require_same(doses[1].frame_of_reference, doses[0].frame_of_reference,
                  "dose on the synthetic CT", "frame of reference")  # fmt: skip
    if plan is not None:
        require_same(plan.patient_id, doses[0].patient_id, "plan", "patient")
        require_same(doses[0].plan_uid, plan.uid, "dose on the real CT", "plan")
    for quality, words in (("kind", "type"), ("summation", "summation")):
        a, b = (getattr(dose, quality) for dose in doses)
        if a and b and a != b:
            raise InputError(f"The two doses differ in {words} ({a} and {b}): export them alike.")
    require_two_doses(doses[0].image, doses[1].image)
    return doses


def require_two_doses(reference: Image, synthetic: Image) -> None:
    """Refuse one dose that is given as both: it would pass every check.

    Raises
    ------
    InputError
        If they are equal voxel for voxel.
    """
    if np.array_equal(reference.voxels, synthetic.voxels) and reference.same_grid(synthetic):
        raise InputError(
            "The two doses are one, voxel for voxel: give the dose computed on each CT."
        )


def _tell_of_empty(found: StructureSet, named: Sequence[str], notes: list[str]) -> None:
    """A target that nobody drew is no target that was checked."""
    for name, kind in found.empty:
        if not named and _is_target(name, kind):
            raise InputError(
                f"The target {name} has no closed contour: draw it, or name the targets that are "
                "meant (--target)."
            )
        notes.append(f"The structure {name} has no closed contour and is left out.")


def _is_target(name: str, kind: str) -> bool:
    return kind.lower() in _TARGETS or name.lower().startswith(_TARGETS)


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
    return tuple(name for name in structures if _is_target(name, kinds.get(name, "")))
