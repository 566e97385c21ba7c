"""The card's figures: on patients that were left out of the training, beside the baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.models.networks import SliceUNet
from SynthCore.training.recipe import Recipe
from SynthCore.training.sequence.score import psnr, scaled
from SynthCore.training.sequence.studies import Study
from SynthCore.training.sequence.validate import (
    FOUR,
    JUDGES,
    Row,
    baseline_rows,
    judge,
    network_predictor,
    rows,
)

PRESET = (
    "mr-sequence: real and synthetic image each clipped at its own 99.5th percentile in the brain "
    "and scaled to 1; SSIM with a uniform window of 7 voxels in three dimensions"
)
MASK = "brain: filled union of what any sequence shows; both images 0 outside"


def look(data: Path, network: SliceUNet, recipe: Recipe) -> dict[str, float]:
    """Mean error (dB below 1, so lower is better) on ten slices of who is left out."""
    predict = network_predictor(network, recipe)
    found = []
    for place in JUDGES:
        if place.patient in recipe.validation:
            part = middle(judge(data, place), 10)
            for target in FOUR:
                given = tuple(role for role in FOUR if role != target)
                real = part.voxels[part.roles.index(target)].astype(np.float32)
                made = np.clip(predict(part, given, target), 0, 1)
                found.append(-psnr(made, scaled(real, part.brain), part.brain))
    return {"error_db": float(np.mean(found)) if found else float("nan")}


def middle(study: Study, slices: int) -> Study:
    """The middle slices of a study."""
    start = study.brain.shape[0] // 2 - slices // 2
    part = slice(start, start + slices)
    return replace(
        study, voxels=study.voxels[:, part], brain=study.brain[part], seen=study.seen[part],
        lesion=study.lesion[part],
    )  # fmt: skip


def measured(
    data: Path, network: SliceUNet, recipe: Recipe, cache: Path | None = None
) -> list[dict[str, Any]]:
    """One entry of the card for each patient left out and task; none where nobody is."""
    found: list[dict[str, Any]] = []
    for place in JUDGES:
        if place.patient in recipe.validation:
            own = rows([judge(data, place)], {"model": network_predictor(network, recipe)})
            found += entries([*own, *baseline_rows(data, place, cache)], recipe)
    return found


def entries(found: Sequence[Row], recipe: Recipe) -> list[dict[str, Any]]:
    """Rows of one patient as entries of a card."""
    made = []
    for given, target in dict.fromkeys((row.given, row.target) for row in found):
        by_method = {
            row.method: _figures(row) for row in found if (row.given, row.target) == (given, target)
        }
        patient = found[0].patient
        made.append(
            {
                "preset": PRESET,
                "data": f"{patient}, left out of the training: {target} from {', '.join(given)}",
                "mask": MASK,
                "clip": None,
                "data_range": 1.0,
                "metrics": by_method.pop("model"),
                "baselines": [{"name": n, "metrics": m} for n, m in by_method.items()],
                "command": f"synthcore train {recipe.name} --leave-out {patient}",
            }
        )
    return made


def _figures(row: Row) -> dict[str, float]:
    return {name: round(v, 3) for name, v in asdict(row.score).items() if np.isfinite(v)}
