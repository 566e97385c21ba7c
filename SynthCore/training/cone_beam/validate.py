"""The table of the cone-beam model: simulated scans of patients left out, against their CT."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from SynthCore.image import Image
from SynthCore.models.classical.base import Job
from SynthCore.models.classical.shading_correction import ShadingCorrection
from SynthCore.models.normalize import normalize
from SynthCore.quality.ct_numbers import as_metrics, tissue_errors
from SynthCore.quality.evaluate import evaluate
from SynthCore.quality.masks import body_mask_ct
from SynthCore.request import Progress
from SynthCore.training.apply import predict_volume
from SynthCore.training.cone_beam.cases import Held, held_cases
from SynthCore.training.cone_beam.sampler import CHANGE_SCALE_HU, NORMALIZATION
from SynthCore.training.recipe import Recipe

PRESET = "synthrad2023"
COMMAND = "synthcore bench cbct-to-ct"

FIGURES = {
    "mae_hu": "MAE",
    "psnr_db": "PSNR dB",
    "ssim": "SSIM",
    "me_air_hu": "ME air",
    "me_fat_hu": "ME fat",
    "me_soft_tissue_hu": "ME soft",
    "me_bone_hu": "ME bone",
}

Correct = Callable[[Image], Image]


@dataclass(frozen=True)
class Row:
    """Figures of one method on one case."""

    patient: str
    scan: str
    method: str
    figures: Mapping[str, float]


def uncorrected(cbct: Image) -> Image:
    """The scan as it is."""
    return cbct.with_voxels(cbct.voxels, modality="CT", unit="HU")


def baseline(cbct: Image) -> Image:
    """The classical correction."""
    body = body_mask_ct(cbct.voxels, cbct.spacing)
    made = ShadingCorrection()(Job({"CBCT": cbct}, "CT", body))
    return cbct.with_voxels(made, modality="CT", unit="HU")


def network_corrector(network: nn.Module, slices: int) -> Correct:
    """A network as a function of images, as the engine runs it at the model's own spacing."""

    def correct(cbct: Image) -> Image:
        channels = normalize(cbct.voxels, NORMALIZATION)[None]
        change = predict_volume(network, channels, slices) * np.float32(CHANGE_SCALE_HU)
        voxels = np.clip(cbct.voxels + change, -1024, 3071)
        return cbct.with_voxels(voxels, modality="CT", unit="HU")

    return correct


def score(case: Held, made: Image, method: str) -> Row:
    """All of `FIGURES` in the case's mask; tissues are those of the CT."""
    metrics = evaluate(made, case.ct, preset=PRESET, mask=case.mask).metrics
    inside = np.asarray(case.mask.voxels, dtype=bool)
    tissues = as_metrics(tissue_errors(made.voxels, case.ct.voxels, inside))
    known = {**metrics, **tissues}
    figures = {name: float(known[name]) for name in FIGURES if name in known}
    return Row(case.patient, case.scan, method, figures)


def table(
    cases: Iterable[Held],
    methods: Mapping[str, Correct],
    progress: Progress | None = None,
    see: Callable[[Held, Mapping[str, Image]], None] | None = None,
) -> list[Row]:
    """Rows for every case and method.

    Parameters
    ----------
    cases : iterable of Held
        From `held_cases`.
    methods : mapping
        By name: scan in, CT out.
    progress : callable, optional
        Told which case is computed.
    see : callable, optional
        Given each case and what the methods made of it.
    """
    rows = []
    for n, case in enumerate(cases):
        if progress is not None:
            progress(n / (n + 1), f"{case.patient}, {case.scan}")
        made = {name: run(case.cbct) for name, run in methods.items()}
        rows += [score(case, image, name) for name, image in made.items()]
        if see is not None:
            see(case, made)
    return rows


def means(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """By method, the mean over cases of each figure, patients counting alike."""
    found: dict[str, dict[str, float]] = {}
    for method in dict.fromkeys(row.method for row in rows):
        here = [row for row in rows if row.method == method]
        found[method] = {}
        for name in FIGURES:
            by_patient: dict[str, list[float]] = {}
            for row in here:
                if name in row.figures:
                    by_patient.setdefault(row.patient, []).append(row.figures[name])
            if by_patient:
                patients = [float(np.mean(values)) for values in by_patient.values()]
                found[method][name] = float(np.mean(patients))
    return found


def as_text(rows: Sequence[Row]) -> str:
    """The table for a person, means last."""
    head = f"{'patient':14} {'scan':20} {'method':18}"
    lines = [head + "".join(f"{title:>9}" for title in FIGURES.values())]
    for row in rows:
        lines.append(f"{row.patient:14} {row.scan:20} {row.method:18}" + _line(row.figures))
    for method, mean in means(rows).items():
        lines.append(f"{'mean':14} {'over patients':20} {method:18}" + _line(mean))
    return "\n".join(lines)


def _line(figures: Mapping[str, float]) -> str:
    return "".join(f"{figures[n]:9.2f}" if n in figures else f"{'':>9}" for n in FIGURES)


def quality(data: Path, network: nn.Module, recipe: Recipe) -> list[dict[str, Any]]:
    """The card's figures: the mean over patients, and the abdomen and the limbs by themselves."""
    methods: dict[str, Correct] = {
        "model": network_corrector(network, recipe.slices),
        "shading correction": baseline,
        "uncorrected": uncorrected,
    }
    rows = table(held_cases(data), methods)
    if not rows:
        return []
    parts = {
        "six real patients left out": [r for r in rows if not r.patient.startswith("train")],
        "CRLM-CT-1004 (abdomen), four scans": [r for r in rows if r.patient.startswith("CRLM")],
        "five limbs": [r for r in rows if r.patient.startswith("STS")],
        "three generated heads": [r for r in rows if r.patient.startswith("training_seg")],
    }
    return [_block(title, part) for title, part in parts.items() if part]


def _block(title: str, rows: Sequence[Row]) -> dict[str, Any]:
    rounded = {
        method: {name: round(value, 3) for name, value in figures.items()}
        for method, figures in means(rows).items()
    }
    return {
        "preset": PRESET,
        "data": f"{title}: cone-beam scans simulated from their CT made quiet, against the CT",
        "mask": "the body within the field of view; tissues by the CT",
        "clip": [-1024, 3000],
        "data_range": 4024,
        "metrics": rounded["model"],
        "baseline": {"name": "shading correction", "metrics": rounded["shading correction"]},
        "baselines": [
            {"name": name, "metrics": rounded[name]}
            for name in ("shading correction", "uncorrected")
        ],
        "command": COMMAND,
    }
