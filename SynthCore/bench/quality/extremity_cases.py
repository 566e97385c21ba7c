"""T1 of a limb to CT: the patients that no model was trained on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from SynthCore.bench.quality.case import QualityCase, Waiting
from SynthCore.engine.grid import resample
from SynthCore.files.read import read
from SynthCore.training.extremity.recipe import RECIPE
from SynthCore.training.extremity.reference import REGISTRATIONS, reference


def extremity_cases(data: Path) -> list[Waiting]:
    """One case for each validation patient and way to register its CT."""
    return [
        Waiting("mr-to-ct", patient, _name(patient, how), partial(_case, data, patient, how))
        for patient in RECIPE.validation
        for how in REGISTRATIONS
        if (data / "mr_ct_pairs" / patient).is_dir()
    ]


def _name(patient: str, registration: str) -> str:
    return f"{patient} from T1, CT {registration}"


def _case(data: Path, patient: str, registration: str) -> QualityCase:
    truth = reference(data, patient, registration)
    mr = truth.pair.mr
    drawn = read(data / "mr_ct_pairs" / patient / "MR_T1_mask.nii.gz")
    tumor = np.asarray(drawn.voxels > 0)
    if not drawn.same_grid(mr):
        tumor = resample(tumor, drawn.affine, mr.shape, mr.affine) > 0.5
    return QualityCase(
        "mr-to-ct", _name(patient, registration), patient, {"T1": mr}, "CT",
        truth.ct.with_voxels(truth.ct.voxels, modality="CT", unit="HU"), "synthrad2023",
        truth.mask, "tissue of MR and CT, eroded by two voxels", tumor & truth.mask,
        note=REGISTRATIONS[registration],
    )  # fmt: skip
