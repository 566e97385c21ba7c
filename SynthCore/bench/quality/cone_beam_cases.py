"""Cone-beam CT: scans simulated from the CT of patients left out."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from SynthCore.bench.quality.case import QualityCase, Waiting
from SynthCore.training.cone_beam.cases import held_names, make_held
from SynthCore.training.cone_beam.validate import PRESET

TASK = "cbct-to-ct"


def cone_beam_cases(data: Path) -> list[Waiting]:
    """Every validation case of a real patient."""
    return [
        Waiting(TASK, patient, f"{patient} {scan}", partial(_case, data, patient, scan))
        for patient, scan in held_names(data)
        if scan != "head"
    ]


def _case(data: Path, patient: str, scan: str) -> QualityCase:
    held = make_held(data, patient, scan)
    return QualityCase(
        TASK, f"{patient} {scan}", patient, {"CBCT": held.cbct}, "CT", held.ct, PRESET,
        np.asarray(held.mask.voxels, dtype=bool), "body within the field of view",
        note="scan simulated from the CT made quiet",
    )  # fmt: skip
