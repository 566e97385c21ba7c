"""Calibrate the uncertainty of models on patients left out, and tell what it is worth.

Each patient is judged by the calibration of the others; the one that goes into the card is that of
all of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from SynthCore.bench.uncertainty.cases import PLANS, Plan
from SynthCore.bench.uncertainty.figures import Figures, by_patient, left_out, mean_of
from SynthCore.bench.uncertainty.fit import fit
from SynthCore.bench.uncertainty.observe import Observed, observe
from SynthCore.engine.warm import Warm
from SynthCore.errors import InputError
from SynthCore.models.library import find_bundle
from SynthCore.models.uncertainty import Calibration
from SynthCore.request import Progress, part_of

COMMAND = "synthcore bench uncertainty"
_COLUMNS = {
    "stated": ("stated HU", "{:.1f}"),
    "within_1": ("within 1", "{:.3f}"),
    "within_2": ("within 2", "{:.3f}"),
    "correlation": ("Spearman", "{:.2f}"),
    "attainable": ("if right", "{:.2f}"),
    "by_number": ("HU alone", "{:.2f}"),
    "ratio": ("ratio", "{:.2f}"),
    "cubes_within_1": ("cubes 1", "{:.3f}"),
    "cubes_within_2": ("cubes 2", "{:.3f}"),
    "cubes_ratio": ("cube ratio", "{:.2f}"),
    "paths_within_1": ("paths 1", "{:.3f}"),
    "paths_within_2": ("paths 2", "{:.3f}"),
    "paths_together_within_1": ("one sign 1", "{:.3f}"),
}


def table(
    data: Path, out: Path | None, progress: Progress, tasks: Sequence[str] = ()
) -> tuple[dict[str, Any], str]:
    """Figures of each model, and into `out` the ``uncertainty`` block of its card.

    Parameters
    ----------
    data : Path
        Folder of real images.
    out : Path or None
        Folder for ``MODEL-uncertainty.json``.
    progress : callable
        Told the fraction done.
    tasks : sequence of str
        Ids of models; all that have a plan and their images, where none is named.

    Raises
    ------
    InputError
        If a model has no plan, or none has its images.
    """
    unknown = set(tasks) - {plan.model for plan in PLANS}
    if unknown:
        raise InputError(
            f"There is no plan to calibrate {', '.join(sorted(unknown))}; there are plans for "
            f"{', '.join(plan.model for plan in PLANS)}."
        )
    plans = [
        plan
        for plan in PLANS
        if (data / plan.needs).exists() and (not tasks or plan.model in tasks)
    ]
    if not plans:
        raise InputError(f"The images to calibrate with are not in {data}; give --data FOLDER.")
    found, texts = {}, []
    for n, plan in enumerate(plans):
        part = part_of(progress, n / len(plans), (n + 1) / len(plans))
        seen = observed(plan, data, part)
        rows = left_out(seen, plan.changes, plan.knots)
        block = block_of(plan, fit(seen, plan.changes, plan.knots), rows)
        found[plan.model] = block | {"images": [asdict(row) for row in rows]}
        texts.append(as_text(plan, rows))
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            path = out / f"{plan.model}-uncertainty.json"
            path.write_text(json.dumps(block, indent=1) + "\n", encoding="utf-8")
    return found, "\n\n".join(texts)


def observed(plan: Plan, data: Path, progress: Progress) -> list[Observed]:
    """Every case of a plan."""
    warm, seen = Warm(), []
    for n, case in enumerate(plan.cases(data)):
        part = part_of(progress, n / plan.count, (n + 1) / plan.count)
        part(0.0, f"{plan.model}: {case.patient}, {case.name}")
        seen.append(observe(case, plan.changes, warm, part))
        warm.prepared.clear()
    return seen


def block_of(plan: Plan, calibration: Calibration, rows: Sequence[Figures]) -> dict[str, Any]:
    """What goes into the card."""
    patients = by_patient(rows)
    return {
        "weights_sha256": find_bundle(plan.model).card.weights_sha256,
        "changes": list(calibration.changes),
        "knots_hu": list(calibration.knots),
        "floor_hu": list(calibration.floor),
        "factor": list(calibration.factor),
        "measured": {
            **_rounded(mean_of(patients)),
            "how": "each patient by the calibration of the others; mean over patients",
            "patients": len(patients),
            "paths": sum(row.paths for row in rows),
            "by_patient": {patient: _rounded(row) for patient, row in patients.items()},
            "data": plan.data,
            "mask": plan.mask,
            "cube_mm": 20,
            "command": COMMAND,
        },
    }


def as_text(plan: Plan, rows: Sequence[Figures]) -> str:
    """The table as it is printed."""
    heads = "".join(f"{head:>11}" for head, _ in _COLUMNS.values())
    lines = [f"{plan.model}: {plan.data}; {plan.mask}", f"{'patient left out':<28}{heads}"]
    lines += [_line(f"{row.patient}, {row.name}", asdict(row)) for row in rows]
    patients = by_patient(rows)
    lines.append(_line("mean over patients", mean_of(patients)))
    lines.append("mean error / mean stated deviation, HU, by tissue of the acquired CT:")
    for row in rows:
        told = "; ".join(f"{t.name} {t.error:+.1f} / {t.stated:.1f}" for t in row.tissues)
        lines.append(f"{row.patient + ', ' + row.name:<28}{told}")
    return "\n".join(lines)


def _line(title: str, row: Mapping[str, Any]) -> str:
    return f"{title:<28}" + "".join(
        f"{form.format(row[name]):>11}" for name, (_, form) in _COLUMNS.items()
    )


def _rounded(row: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in row.items()}
