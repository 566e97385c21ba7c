"""What a person asks of a plan check, in nodes and files; and the same as a request to the engine.

What the interface can see is said at once: what is missing, another patient, a file that is no
plan. Whether images belong together and what they show is for the engine to find.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import slicer

from SlicerSynthLib.attributes import record_of
from SlicerSynthLib.ct_identity import ct_source
from SlicerSynthLib.dicom_headers import identity_of
from SlicerSynthLib.difference import is_of
from SlicerSynthLib.doses import PLAN, image_of_dose
from SlicerSynthLib.nodes import image_from_node
from SlicerSynthLib.plan_beams import beams_in, prescription_in, text_of_file
from SlicerSynthLib.plan_structures import add_masks
from SynthCore.dicom.headers import first_text
from SynthCore.dicom.patient_study import require_one_patient
from SynthCore.dicom.rt.plan import Plan, as_lying, read_plan
from SynthCore.errors import InputError
from SynthCore.image import Image


@dataclass(frozen=True)
class PlanOrder:
    """One plan check, as the panel describes it; only the synthetic CT has to be given.

    Attributes
    ----------
    synthetic, reference, mr : vtkMRMLScalarVolumeNode
        The CT to check, the patient's real CT, the MR it was made from.
    structures : vtkMRMLSegmentationNode or vtkMRMLLabelMapVolumeNode
        Outlines.
    target : str
        Id of the segment that is to be treated; empty where their names say it.
    dose_reference, dose_synthetic : vtkMRMLScalarVolumeNode
        In Gy, of one plan.
    plan, curve, thresholds : str
        Paths of an RTPLAN, a CSV and a TOML file; empty where there is none.
    beams, prescription : str
        As typed; the plan's where empty.
    curve_kind : str
        ``spr`` or ``red``.
    register : str
        ``rigid`` or ``deformable``; empty where the real CT lies as it should.
    compute : str
        ``photons``, ``protons`` or both, with a space between: dose to plan on the real CT.
    """

    synthetic: Any
    reference: Any = None
    mr: Any = None
    structures: Any = None
    target: str = ""
    dose_reference: Any = None
    dose_synthetic: Any = None
    plan: str = ""
    beams: str = ""
    prescription: str = ""
    curve: str = ""
    curve_kind: str = "spr"
    thresholds: str = ""
    register: str = ""
    compute: str = ""

    @property
    def below_real(self) -> Any:
        """The CT that a dose on the real CT lies over: the other one, if that was moved onto it."""
        return self.synthetic if self.register else self.reference


def missing_in(order: PlanOrder) -> str:
    """Why the order cannot be sent yet, as a sentence; empty if it can."""
    if order.synthetic is None:
        return "No synthetic CT is chosen; make one above, or load one and choose it."
    for node, what in ((order.reference, "real CT"), (order.mr, "MR")):
        if node is not None and is_of(node, order.synthetic):
            return (
                f"The {what} is the synthetic CT itself, or was computed from it; choose another."
            )
    if order.reference is None and (order.compute or order.register):
        return (
            "A dose is planned on the real CT; choose one."
            if order.compute
            else "It is the real CT that is registered; choose one."
        )
    if (order.dose_reference is None) != (order.dose_synthetic is None):
        return "Two doses are compared; choose one on the real CT and one on the synthetic CT."
    if order.dose_reference is not None and order.dose_reference is order.dose_synthetic:
        return "Both doses are the same volume; choose one computed on each CT."
    return ""


def request_of(order: PlanOrder) -> tuple[dict[str, Any], dict[str, Image]]:
    """Body and volumes of a ``plan-check`` request.

    Raises
    ------
    InputError
        If something is missing or cannot be read, a node cannot be given to the engine, or
        volumes or the plan are of several patients.
    """
    if reason := missing_in(order):
        raise InputError(reason)
    database = getattr(slicer, "dicomDatabase", None)
    volumes = {"synthetic": image_from_node(order.synthetic, "CT", ct_source(order.synthetic))}
    if order.reference is not None:
        source = identity_of(order.reference, database)
        volumes["reference"] = image_from_node(order.reference, "CT", source)
    if order.mr is not None:
        source = identity_of(order.mr, database)
        volumes["mr"] = image_from_node(order.mr, "T1", source)
    headers = [v.source.headers[0] for v in volumes.values() if v.source.headers]
    require_one_patient(headers)
    for name, node in (
        ("dose-reference", order.dose_reference),
        ("dose-synthetic", order.dose_synthetic),
    ):
        if node is not None:
            volumes[name] = image_of_dose(node, database)
    plan = _plan(order, first_text(headers, "PatientID"))
    if plan is not None:
        nearest = [volumes[name] for name in ("reference", "synthetic", "mr") if name in volumes]
        stated = [first_text(v.source.headers, "PatientPosition") for v in nearest]
        plan, told = as_lying(plan, stated)
        if told and not order.beams.strip():
            synthetic = volumes["synthetic"]
            volumes["synthetic"] = replace(synthetic, notes=(*synthetic.notes, told))
    prescription = prescription_in(order.prescription)
    if prescription is None and plan is not None:
        prescription = plan.prescription_gy
    body: dict[str, Any] = {
        "structures": add_masks(order.structures, order.target, volumes),
        "beams": beams_in(order.beams)
        or ([[*way, b.position] for b in plan.beams for way in b.ways] if plan else []),
        "prescription_gy": prescription,
        "curve": {**text_of_file(order.curve, "curve", "utf-8-sig"), "kind": order.curve_kind},
        "thresholds": text_of_file(order.thresholds, "thresholds") or None,
        "register": order.register,
        "dose": order.compute.split(),
        "model": _model(order.synthetic),
    }
    return body, volumes


def _plan(order: PlanOrder, patient_id: str) -> Plan | None:
    if not order.plan:
        return None
    plan = read_plan(Path(order.plan))
    if patient_id and plan.patient_id and plan.patient_id != patient_id:
        raise InputError("The plan is for another patient; choose the plan of this one.")
    dose = order.dose_reference
    of = dose.GetAttribute(PLAN) if dose is not None else None
    if of and plan.uid and of != plan.uid:
        raise InputError(
            f"The dose {dose.GetName()} belongs to another plan; choose the plan it is of."
        )
    return plan


def _model(node: Any) -> str:
    try:
        record: Mapping[str, Any] = json.loads(record_of(node) or "{}")
        return f"{record.get('model') or ''} {record.get('model_version') or ''}".strip()
    except (ValueError, AttributeError):
        return ""
