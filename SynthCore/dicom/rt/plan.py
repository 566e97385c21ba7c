"""What a check needs of an RTPLAN: whom it is for, its beams and its prescription."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from SynthCore.dicom.guard import guarded
from SynthCore.dicom.rt.header import open_object
from SynthCore.errors import InputError


@dataclass(frozen=True)
class PlannedBeam:
    """One treatment beam: angles in degrees (IEC), energy as the plan states it (MV or MeV)."""

    name: str
    radiation: str
    gantry: float
    couch: float
    energy: float


@dataclass(frozen=True)
class Plan:
    """A treatment plan.

    Attributes
    ----------
    uid, patient_id, frame_of_reference, label : str
        Identity; what is not stated is empty.
    beams : tuple of PlannedBeam
        Treatment beams; set-up beams are left out.
    fractions : int
        0 if not stated.
    prescription_gy : float or None
        The highest target prescription dose.
    """

    uid: str
    patient_id: str
    frame_of_reference: str
    label: str
    beams: tuple[PlannedBeam, ...]
    fractions: int
    prescription_gy: float | None


def read_plan(path: Path) -> Plan:
    """Read an RTPLAN, of photons or ions.

    Raises
    ------
    InputError
        If it cannot be read or has no treatment beam.
    """
    found = open_object(path, "RTPLAN")
    with guarded(path.name, "is a damaged plan; export it again"):
        sequence = found.get("BeamSequence") or found.get("IonBeamSequence") or []
        beams = tuple(_beam(b) for b in sequence if _treats(b))
        groups = found.get("FractionGroupSequence") or [Dataset()]
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
            int(groups[0].get("NumberOfFractionsPlanned", 0) or 0),
            max(doses) if doses else None,
        )
    if not beams:
        raise InputError(f"{path.name} has no treatment beam: export the plan with its beams.")
    return plan


def _treats(beam: Dataset) -> bool:
    return str(beam.get("TreatmentDeliveryType", "TREATMENT") or "TREATMENT") == "TREATMENT"


def _beam(beam: Dataset) -> PlannedBeam:
    points = beam.get("ControlPointSequence") or beam.get("IonControlPointSequence")
    first = points[0]
    return PlannedBeam(
        str(beam.get("BeamName", "") or f"beam {beam.BeamNumber}"),
        str(beam.get("RadiationType", "") or ""),
        float(first.get("GantryAngle", 0) or 0),
        float(first.get("PatientSupportAngle", 0) or 0),
        float(first.get("NominalBeamEnergy", 0) or 0),
    )
