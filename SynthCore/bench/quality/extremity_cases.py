"""T1 of a limb to CT: the patients that no model was trained on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from SynthCore.bench.quality.case import QualityCase, Waiting
from SynthCore.engine.grid import resample
from SynthCore.files.read import read
from SynthCore.training.extremity.recipe import RECIPE
from SynthCore.training.extremity.validate import reference


def extremity_cases(data: Path) -> list[Waiting]:
    """One case for each validation patient."""
    return [
        Waiting("mr-to-ct", f"{patient} from T1", partial(_case, data, patient))
        for patient in RECIPE.validation
        if (data / "mr_ct_pairs" / patient).is_dir()
    ]


def _case(data: Path, patient: str) -> QualityCase:
    truth = reference(data, patient)
    mr = truth.pair.mr
    drawn = read(data / "mr_ct_pairs" / patient / "MR_T1_mask.nii.gz")
    tumor = np.asarray(drawn.voxels > 0)
    if not drawn.same_grid(mr):
        tumor = resample(tumor, drawn.affine, mr.shape, mr.affine) > 0.5
    return QualityCase(
        "mr-to-ct", f"{patient} from T1", patient, {"T1": mr}, "CT",
        truth.ct.with_voxels(truth.ct.voxels, modality="CT", unit="HU"), "synthrad2023",
        truth.mask, "tissue of MR and CT, eroded by two voxels", tumor & truth.mask,
        note="CT registered rigidly by mutual information",
    )  # fmt: skip
