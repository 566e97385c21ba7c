"""The card's figures: on patients that were left out of the training, beside the baselines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.models.networks import SliceUNet
from SynthCore.quality.intensity import psnr
from SynthCore.staging import renewed
from SynthCore.training.recipe import Recipe
from SynthCore.training.sequence.recipe import FOLDS
from SynthCore.training.sequence.score import Score, scaled
from SynthCore.training.sequence.studies import Study
from SynthCore.training.sequence.validate import (
    FOUR,
    JUDGES,
    Row,
    as_dicts,
    baseline_rows,
    from_dicts,
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
                found.append(-psnr(made, scaled(real, part.brain), 1.0, part.brain))
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
    data: Path, network: SliceUNet, recipe: Recipe, seed: int, cache: Path | None = None
) -> list[dict[str, Any]]:
    """The card's entries: one a task.

    Where patients are left out, this network on those; their rows are written to `cache` too.
    Where nobody is, what folds of this very recipe, seed and limit of time have written there.
    """
    if not recipe.validation:
        return entries(read_folds(recipe, seed, cache), recipe) if cache is not None else []
    found: list[Row] = []
    for place in JUDGES:
        if place.patient in recipe.validation:
            own = rows([judge(data, place)], {MODEL: network_predictor(network, recipe)})
            here = [*own, *baseline_rows(data, place, cache)]
            found += here
            if cache is not None:
                _write_fold(here, recipe, seed, cache)
    return entries(found, recipe)


def _write_fold(found: Sequence[Row], recipe: Recipe, seed: int, cache: Path) -> None:
    text = json.dumps({"recipe": _identity(recipe, seed), "rows": as_dicts(found)}, indent=1)
    with renewed(cache / f"fold-{found[0].patient}.json") as part:
        part.write_text(text, encoding="utf-8")


def read_folds(recipe: Recipe, seed: int, cache: Path) -> list[Row]:
    """Rows of all folds in a folder that were trained by this very recipe and seed."""
    found: list[Row] = []
    for path in sorted(cache.glob("fold-*.json")):
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["recipe"] == _identity(recipe, seed):
            found += from_dicts(kept["rows"])
    return found


def _identity(recipe: Recipe, seed: int) -> str:
    """The same for all folds: the recipe without its patients, and the seed."""
    whole = asdict(replace(recipe, validation=(), left_out=(), model=""))
    return hashlib.sha256(json.dumps([whole, seed], sort_keys=True).encode()).hexdigest()


def entries(found: Sequence[Row], recipe: Recipe) -> list[dict[str, Any]]:
    """Rows as entries of a card, one a task: means over patients, and each patient's PSNR."""
    patients = list(dict.fromkeys(row.patient for row in found))
    made = []
    for given, target in dict.fromkeys((row.given, row.target) for row in found):
        here = [row for row in found if (row.given, row.target) == (given, target)]
        groups = _groups(here)
        means = {name: _means(rows_) for name, rows_ in groups.items() if rows_}
        made.append(
            {
                "preset": PRESET,
                "data": f"{target} from {', '.join(given)}; mean of {', '.join(patients)}, each by "
                "a model that was trained without this patient",
                "mask": MASK,
                "clip": None,
                "data_range": 1.0,
                "metrics": means.pop(MODEL),
                "by_patient": {
                    row.patient: {
                        "psnr": round(row.score.psnr, 2),
                        "ssim": round(row.score.ssim, 3),
                    }
                    for row in groups[MODEL]
                },
                "baselines": [{"name": n, "metrics": m} for n, m in means.items()],
                "command": " and ".join(_command(recipe, one) for one in FOLDS),
            }
        )
    return made


def _command(recipe: Recipe, patients: Sequence[str]) -> str:
    left = " ".join(f"--leave-out {patient}" for patient in patients)
    return f"synthcore train {recipe.name} {left}"


MODEL, TABLE, BEST, REGRESSION = (
    "model",
    "lookup table of one other patient (mean)",
    "lookup table of the best other patient",
    "regression, fitted on this patient too",
)
FIGURES = tuple(one.name for one in fields(Score))


def _groups(found: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows of one task by what the card compares; the best table is each patient's own best."""
    tables = [row for row in found if row.method.startswith("table of ")]
    best: dict[str, Row] = {}
    for row in tables:
        if row.patient not in best or row.score.psnr > best[row.patient].score.psnr:
            best[row.patient] = row
    return {
        MODEL: [row for row in found if row.method == MODEL],
        TABLE: tables,
        BEST: list(best.values()),
        REGRESSION: [row for row in found if row.method == "regression"],
    }


def _means(found: Sequence[Row]) -> dict[str, float]:
    """Means over patients; a table of several counts once."""
    table = {name: [getattr(row.score, name) for row in found] for name in FIGURES}
    return {
        name: round(float(np.nanmean(values)), 3)
        for name, values in table.items()
        if np.isfinite(values).any()
    }
