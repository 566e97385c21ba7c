"""Training with and without placed lesions: every run, and the difference with its interval."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from SynthCore.augment.bids import replace_text
from SynthCore.bench.augment.cases import PATIENTS, Case, as_case, read_real
from SynthCore.bench.augment.network import BATCH, PATCH, STEPS, Crops, predict, train
from SynthCore.bench.augment.placed import PLACED, placed_cases
from SynthCore.bench.augment.score import interval, scores
from SynthCore.request import Progress

SEEDS = (0, 1, 2, 3, 4)
ARMS = ("real", "real and placed")
THRESHOLD = 0.5
METRICS = ("dice", "lesion_sensitivity", "lesion_precision", "found_ml", "true_ml")


def table(data: Path, out: Path | None, progress: Progress) -> tuple[dict[str, Any], str]:
    """Train on one patient, test on the other, both ways, for every seed, without and with.

    Parameters
    ----------
    data : Path
        Folder of real images.
    out : Path or None
        Folder that keeps the augmented images and each run's scores, so that a bench that was
        stopped goes on; a temporary one by default.
    progress : callable
        Told the fraction done.
    """
    if out is None:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="synthcore-bench-") as folder:
            return table(data, Path(folder), progress)
    (out / "runs").mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # the same sums in the same order on every machine of a kind
    real = {patient: as_case(patient, patient, *read_real(data, patient)) for patient in PATIENTS}
    wanted = [(arm, p, s) for s in SEEDS for arm in ARMS for p in PATIENTS]
    rows: list[dict[str, Any]] = []
    for n, (arm, patient, seed) in enumerate(wanted):
        kept = out / "runs" / f"{arm.replace(' ', '-')}-{patient}-{seed}.json"
        if not kept.exists():

            def told(
                fraction: float, stage: str, n: int = n, arm: str = arm, patient: str = patient
            ) -> None:
                progress((n + fraction) / len(wanted), f"{arm}, trained on {patient}: {stage}")

            placed = placed_cases(data, out, patient) if arm == ARMS[1] else ()
            test = real[next(p for p in PATIENTS if p != patient)]
            row: dict[str, Any] = {
                "arm": arm, "trained_on": patient, "tested_on": test.patient, "seed": seed,
                **one_run(Crops([real[patient]], placed), test, seed, told),
            }  # fmt: skip
            replace_text(kept, json.dumps(row, indent=1) + "\n")
        rows.append(json.loads(kept.read_text(encoding="utf-8")))
    found = {"rows": rows, **summarize(rows)}
    return found, as_text(found)


def one_run(crops: Crops, test: Case, seed: int, progress: Progress | None) -> dict[str, float]:
    """Train, and score the patient who was left out."""
    network = train(crops, seed, progress)
    return scores(predict(network, test) > THRESHOLD, test.lesions, test.voxel_ml)


def summarize(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Means by arm and fold, and the paired difference of every metric with its interval."""
    means: dict[str, dict[str, float]] = {}
    for arm in ARMS:
        for patient in PATIENTS:
            of = [r for r in rows if r["arm"] == arm and r["trained_on"] == patient]
            means[f"{arm}, tested on {of[0]['tested_on']}"] = {
                m: float(np.nanmean([r[m] for r in of])) for m in METRICS
            }
    differences = {}
    for metric in METRICS[:3]:
        pairs = {p: _paired(rows, p, metric) for p in PATIENTS}
        differences[metric] = {
            "by_fold": pairs,
            "mean_low_high": list(interval(pairs)),
            # a mean over folds hides that they may differ in sign
            "fold_mean_low_high": {p: list(interval({p: of})) for p, of in pairs.items()},
        }
    return {"means": means, "differences": differences}


def as_text(found: Mapping[str, Any]) -> str:
    """The table as it is printed."""
    head = f"{'':<40}" + "".join(f"{m:>20}" for m in METRICS)
    lines = [
        f"U-Net on slices, {STEPS} steps of {BATCH} crops of {PATCH} x {PATCH}, trained on one MS "
        f"patient and tested on the other, {len(SEEDS)} seeds, threshold {THRESHOLD}; "
        f"{PLACED} studies of the training patient with placed plaques",
        "", head,
    ]  # fmt: skip
    for name, values in found["means"].items():
        lines.append(f"{name:<40}" + "".join(f"{values[m]:>20.3f}" for m in METRICS))
    lines += ["", "each run"]
    for row in found["rows"]:
        name = f"{row['arm']}, {row['trained_on']} to {row['tested_on']}, seed {row['seed']}"
        lines.append(f"{name:<40}" + "".join(f"{_number(row[m]):>20.3f}" for m in METRICS))
    lines += ["", "with placed lesions minus without, paired by seed"]
    for metric, of in found["differences"].items():
        lines.append(f"{metric:<40}{_range(of['mean_low_high'])}")
        for patient, values in of["fold_mean_low_high"].items():
            lines.append(f"{'  trained on ' + patient:<40}{_range(values)}")
    lines += [
        "",
        "The interval is that of the training's chance. Two patients say nothing about how "
        "patients differ.",
    ]
    return "\n".join(lines)


def _paired(rows: Sequence[Mapping[str, Any]], patient: str, metric: str) -> list[float]:
    by = {(r["arm"], r["seed"]): _number(r[metric]) for r in rows if r["trained_on"] == patient}
    # a training that finds nothing has no precision; it counts as none
    return [
        float(np.nan_to_num(by[ARMS[1], seed]) - np.nan_to_num(by[ARMS[0], seed])) for seed in SEEDS
    ]


def _range(values: Sequence[float]) -> str:
    mean, low, high = values
    return f"{mean:+.3f} (95% bootstrap over seeds {low:+.3f} to {high:+.3f})"


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
