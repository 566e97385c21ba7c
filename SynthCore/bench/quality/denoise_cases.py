"""Low-dose CT: the abdomen that is never trained on, its dose reduced by simulation."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from SynthCore.bench.quality.case import QualityCase, Waiting
from SynthCore.engine.synthesize import find_body
from SynthCore.training.denoise.validate import ABDOMEN, PRESET, abdomen, low_dose

PATIENT = "CRLM-CT-1004"
DOSES = (0.5, 0.25, 0.1, 0.05)


def denoise_cases(data: Path) -> list[Waiting]:
    """One case a dose."""
    if not (data / ABDOMEN).is_file():
        return []
    return [
        Waiting("ct-denoise", PATIENT, _name(dose), partial(_case, data, dose)) for dose in DOSES
    ]


def _name(dose: float) -> str:
    return f"{PATIENT} at {dose:.0%} dose"


def _case(data: Path, dose: float) -> QualityCase:
    full = abdomen(data)
    return QualityCase(
        "ct-denoise", _name(dose), PATIENT, {"CT": low_dose(data, dose)}, "CT",
        full, PRESET, find_body(full), "body", note="dose reduced by simulation",
    )  # fmt: skip
