"""What a check needs of an RTPLAN: whom it is for, its beams and its prescription."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom.dataset import Dataset

from SynthCore.dicom.guard import guarded
from SynthCore.dicom.rt.header import open_object
from SynthCore.errors import InputError

POSITIONS = ("HFS", "HFP", "HFDR", "HFDL", "FFS", "FFP", "FFDR", "FFDL")
"""How a patient may lie (Patient Position): head or feet first, supine, prone, on a side."""

ARC_STEP = 30
"""Degrees between the directions that stand for an arc; its two ends are among them."""

LEVEL_DEGREES = 0.1
"""A couch that is tilted by less is level."""

_TURNS = {"CW": 1, "CC": -1}


@dataclass(frozen=True)
class PlannedBeam:
    """One treatment beam.

    Attributes
    ----------
    name : str
        As the plan states it.
    ways : tuple of (float, float)
        Gantry and couch angles in degrees (IEC 61217): one of a static beam, several of an arc.
    position : str
        How the patient lies, one of `POSITIONS`; ``HFS`` where the plan does not say.
    says_position : bool
        Whether it does.
    """

    name: str
    ways: tuple[tuple[float, float], ...]
    position: str = "HFS"
    says_position: bool = True


@dataclass(frozen=True)
class Plan:
    """A treatment plan.

    Attributes
    ----------
    uid, patient_id, frame_of_reference, label : str
        Identity; what is not stated is empty.
    beams : tuple of PlannedBeam
        Treatment beams; set-up beams are left out.
    prescription_gy : float or None
        The highest target prescription dose.
    """

    uid: str
    patient_id: str
    frame_of_reference: str
    label: str
    beams: tuple[PlannedBeam, ...]
    prescription_gy: float | None


def read_plan(path: Path) -> Plan:
    """Read an RTPLAN, of photons or ions.

    Raises
    ------
    InputError
        If it cannot be read, has no treatment beam, positions the patient otherwise than lying,
        tilts the couch, or does not say where a beam comes from.
    """
    found = open_object(path, "RTPLAN")
    with guarded(path.name, "is a damaged plan; export it again"):
        positions = {
            int(setup.PatientSetupNumber): str(setup.get("PatientPosition", "") or "")
            for setup in found.get("PatientSetupSequence", [])
        }
        sequence = found.get("BeamSequence") or found.get("IonBeamSequence") or []
        beams = tuple(_beam(b, positions) for b in sequence if _treats(b))
        doses = [
            float(d.TargetPrescriptionDose)
            for d in found.get("DoseReferenceSequence", [])
            if d.get("TargetPrescriptionDose") is not None
        ]
        plan = Plan(
            str(found.get("SOPInstanceUID", "") or ""),
            str(found.get("PatientID", "") or ""),
            str(found.get("FrameOfReferenceUID", "") or ""),
            str(found.get("RTPlanLabel", "") or ""),
            beams,
            max(doses) if doses else None,
        )
    if not beams:
        raise InputError(f"{path.name} has no treatment beam: export the plan with its beams.")
    if odd := {beam.position for beam in beams} - {*POSITIONS}:
        raise InputError(
            f"{path.name} positions the patient {odd.pop()[:16]}, which is none of "
            f"{', '.join(POSITIONS)}: leave the plan out and give its directions."
        )
    return plan


def as_lying(plan: Plan, stated: Sequence[str]) -> tuple[Plan, str]:
    """The plan with its patient lying as an image's header says, where it does not say itself.

    Parameters
    ----------
    plan : Plan
        As read.
    stated : sequence of str
        Patient Position of images, the one that comes nearest to the treatment first: the planning
        CT, then the synthetic CT and its MR, which may have been scanned otherwise. Empty ones do
        not count.

    Returns
    -------
    Plan
        Head first supine where neither says.
    str
        What to tell of it; empty where the plan says.
    """
    if all(beam.says_position for beam in plan.beams):
        return plan, ""
    known = [position for position in stated if position in POSITIONS]
    position = known[0] if known else "HFS"
    beams = tuple(b if b.says_position else replace(b, position=position) for b in plan.beams)
    whence = "as in an image's header" if known else "which is a guess"
    told = f"The plan does not say how the patient lies: {position} is taken, {whence}."
    return replace(plan, beams=beams), told


def _treats(beam: Dataset) -> bool:
    return str(beam.get("TreatmentDeliveryType", "TREATMENT") or "TREATMENT") == "TREATMENT"


def _beam(beam: Dataset, positions: dict[int, str]) -> PlannedBeam:
    points = beam.get("ControlPointSequence") or beam.get("IonControlPointSequence")
    setup = beam.get("ReferencedPatientSetupNumber")
    # a plan with one set-up need not say of each beam that it is this one
    alone = next(iter(positions.values())) if len(positions) == 1 else ""
    name = str(beam.get("BeamName", "") or f"beam {beam.BeamNumber}")
    _require_level(name, points)
    lies = alone if setup is None else positions.get(int(setup), alone)
    if points[0].get("GantryAngle") is None:
        raise InputError(f"The beam {name} has no gantry angle: export the plan again.")
    return PlannedBeam(
        name,
        tuple(dict.fromkeys(_ways(points))),
        lies or "HFS",
        bool(lies),
    )


def _ways(points: Sequence[Dataset]) -> Iterator[tuple[float, float]]:
    """Where the beam comes from: where it stands or turns, and steps of an arc between.

    A control point states what changed since the one before it.
    """
    gantry, couch, turns = 0.0, 0.0, 0
    for n, point in enumerate(points):
        before, came = gantry, turns
        gantry = _angle(point, "GantryAngle", gantry)
        couch = _angle(point, "PatientSupportAngle", couch)
        if stated := point.get("GantryRotationDirection"):
            turns = _TURNS.get(str(stated), 0)
        if came:
            swept = came * (gantry - before) % 360 or (360 if len(points) == 2 else 0)
            for step in range(0, 360, ARC_STEP):
                if 0 < came * (step - before) % 360 <= swept:
                    yield float(step), couch
        if came != turns or not came or n == len(points) - 1:
            yield gantry, couch


def _require_level(name: str, points: Sequence[Dataset]) -> None:
    """See that the couch is not tilted: a path through a tilted patient is another one."""
    for keyword in ("TableTopPitchAngle", "TableTopRollAngle"):
        angles = [_angle(point, keyword, 0.0) for point in points]
        if any(min(abs(angle), 360 - abs(angle)) > LEVEL_DEGREES for angle in angles):
            raise InputError(
                f"The beam {name} tilts the couch, and paths through a tilted patient are not "
                "computed: leave the plan out, and give directions instead."
            )


def _angle(point: Dataset, keyword: str, before: float) -> float:
    value = point.get(keyword)
    angle = before if value is None else float(value)
    if not math.isfinite(angle):
        raise InputError(f"A {keyword} of the plan is no number: export it again.")
    return angle
