"""`mr-sequence` on real brains: the published model, who it learned from, and what folds say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.engine.synthesize import synthesize
from SynthCore.engine.warm import Warm
from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from SynthCore.models.library import find_bundle
from SynthCore.request import Progress
from SynthCore.training.sequence.card import OUTPUT_SCALE
from SynthCore.training.sequence.studies import Study
from SynthCore.training.sequence.validate import (
    JUDGES,
    Row,
    as_dicts,
    as_text,
    judge,
)
from SynthCore.training.sequence.validate import rows as rows_of

MODEL = "mr-sequence-brain"
Voxels = npt.NDArray[np.float32]


def table(data: Path, out: Path | None, progress: Progress) -> tuple[dict[str, Any], str]:
    """Each sequence of each patient from the other three, and T2 and FLAIR from T1 alone.

    Parameters
    ----------
    data : Path
        Folder of real images.
    out : Path or None
        Folder for one picture a patient.
    progress : callable
        Told the fraction done.

    Raises
    ------
    InputError
        If the studies are not in `data`.
    """
    if not (data / JUDGES[0].folder).is_dir():
        raise InputError(f"There is no {JUDGES[0].folder} in {data}; give --data FOLDER.")
    block = find_bundle(MODEL).card.block
    trained = [p for one in block["training"]["data"] for p in one["patients"]]
    warm, found = Warm(), []
    for n, place in enumerate(JUDGES):
        progress(n / len(JUDGES), place.patient)
        study = judge(data, place)
        kept: dict[str, Voxels] = {}

        def run(
            one: Study, given: tuple[str, ...], target: str, made: dict[str, Voxels] = kept
        ) -> Voxels:
            image = through_engine(one, given, target, warm)
            made["+".join(given) + target] = image
            return image

        found += rows_of([study], {MODEL: run})
        if out is not None:
            from SynthCore.bench.sequence_figure import draw

            out.mkdir(parents=True, exist_ok=True)
            draw(study, kept, study.patient in trained, out / f"mr-sequence-{place.patient}.png")
    folds = block["quality"]
    learned = [place.patient for place in JUDGES if place.patient in trained]
    return (
        {"trained_on": learned, "rows": as_dicts(found), "left_out": folds},
        _text(found, learned, folds),
    )


def through_engine(study: Study, given: tuple[str, ...], target: str, warm: Warm) -> Voxels:
    """What the published model makes, 1 where it says that the 99.5th percentile lies."""
    k, j, i = study.spacing
    images = {
        role: Image(
            study.voxels[study.roles.index(role)].astype(np.float32) * np.float32(OUTPUT_SCALE),
            make_affine((i, j, k)),
            role,
        )
        for role in given
    }
    made = synthesize("mr-sequence", images, target=target, model=MODEL, warm=warm).image
    return made.voxels.astype(np.float32) / np.float32(OUTPUT_SCALE)


def _text(found: list[Row], learned: list[str], folds: list[Mapping[str, Any]]) -> str:
    lines = [
        f"The published {MODEL} was trained on {', '.join(learned) or 'none'} of these patients: "
        "its own figures on them say how well it fits, not how well it does on others.",
        as_text(found),
        "",
        "By models of the same recipe trained without the patient (psnr, ssim in the brain):",
    ]
    for one in folds:
        lines.append(f"  {one['data']}")
        for name, figures in _named(one):
            lines.append(f"    {name:48} {figures['psnr']:7.2f} {figures['ssim']:7.3f}")
    return "\n".join(lines)


def _named(one: Mapping[str, Any]) -> list[tuple[str, Mapping[str, float]]]:
    return [("model", one["metrics"]), *((b["name"], b["metrics"]) for b in one["baselines"])]
