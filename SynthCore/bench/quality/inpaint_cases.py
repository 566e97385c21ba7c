"""Inpainting: healthy tissue of heads that are never trained on, hidden by regions like tumors."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from SynthCore.bench.quality.case import QualityCase, Waiting
from SynthCore.training.inpaint.heads import Head, list_heads
from SynthCore.training.inpaint.recipe import RECIPE
from SynthCore.training.inpaint.regions import TUMORS, regions
from SynthCore.training.inpaint.validate import PRESET

REGION = "glioma"


def inpaint_cases(data: Path) -> list[Waiting]:
    """One case an image: the outline of a glioma somewhere in its healthy tissue."""
    heads = [h for h in list_heads(data) if h.patient in RECIPE.validation]
    return [
        Waiting("inpaint", head.patient, _name(head), partial(_case, data, head)) for head in heads
    ]


def _name(head: Head) -> str:
    return f"{head.patient} {head.role}"


def _note(head: Head) -> str:
    whose = "the patient's own" if head.lesion == TUMORS[REGION] else "another patient's"
    return f"outline of {whose} glioma, in healthy tissue"


def _case(data: Path, head: Head) -> QualityCase:
    (region,) = regions(data, (head.patient,), (REGION,), {(head.patient, head.role)})
    image = region.image.with_voxels(region.image.voxels.astype(np.float32))
    mask = image.with_voxels(region.mask.astype(np.uint8), modality="", unit="")
    return QualityCase(
        "inpaint", _name(head), head.patient, {head.role: image}, head.role, image, PRESET,
        region.mask, "hidden region", region=mask, note=_note(head),
    )  # fmt: skip
