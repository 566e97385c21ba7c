"""Thin slices from thick ones: isotropic brains of patients left out, four slices into one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from SynthCore.bench.quality.case import QualityCase, Waiting
from SynthCore.training.super_resolution.thinned import BRAINS, thinned

TASK = "super-resolution"
FACTOR = 4


def super_resolution_cases(data: Path) -> list[Waiting]:
    """One case a sequence."""
    return [
        Waiting(TASK, patient, f"{patient} {role}", partial(_case, data, patient, file, role))
        for patient, file, role in BRAINS
        if (data / file).is_file()
    ]


def _case(data: Path, patient: str, file: str, role: str) -> QualityCase:
    case = thinned(data, patient, file, role, FACTOR)
    return QualityCase(
        TASK, case.name, patient, {role: case.thick}, role, case.full, "brasyn",
        case.mask, "brain", note=f"{FACTOR} slices averaged into one",
    )  # fmt: skip
