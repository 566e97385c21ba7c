"""The table of all rows: as text, and as CSV and JSON files."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.bench.quality.case import Row
from SynthCore.bench.quality.score import interval_over_cases
from SynthCore.staging import renewed

HEADER = (
    f"{'task':<17}{'case':<50}{'model':<26}{'trained on':<11}{'PSNR dB':>8}{'SSIM':>7}"
    f"{'whole':>8}{'area':>8}{'lesion':>8}{'signed':>8}  {'lower than the baseline':<28}"
)


def as_text(rows: Sequence[Row]) -> str:
    """The table for a person: rows, then means by task and model."""
    lines = [HEADER, *map(_line, rows), ""]
    lines.append("Means over cases; the interval resamples cases, and needs three of them.")
    for summary in summaries(rows):
        lines.append(
            f"{summary['task']:<17}{summary['model']:<26}{summary['cases']:>3} cases "
            f"(trained on {summary['trained_on']})  PSNR {summary['psnr_db']:.2f} dB  "
            f"SSIM {summary['ssim']:.3f}  area {summary['area']:.2f} {summary['unit']}"
            + _interval("  lower by ", summary["less"], summary["less_low"], summary["less_high"])
        )
    return "\n".join(lines)


def summaries(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Means by task and model over the cases that were made."""
    found = []
    for task, model, unit in dict.fromkeys((r.task, r.model, r.unit) for r in rows):
        mine = [
            r for r in rows
            if (r.task, r.model, r.unit) == (task, model, unit) and not r.refused
        ]  # fmt: skip
        if not mine:
            continue
        less = np.array([r.less for r in mine if math.isfinite(r.less)])
        low, high = interval_over_cases(less)
        found.append(
            {
                "task": task,
                "model": model,
                "unit": unit,
                "cases": len(mine),
                "trained_on": sum(r.trained_on == "yes" for r in mine),
                "psnr_db": float(np.nanmean([r.psnr_db for r in mine])),
                "ssim": float(np.nanmean([r.ssim for r in mine])),
                "area": float(np.mean([r.area for r in mine])),
                "less": float(less.mean()) if len(less) else float("nan"),
                "less_low": low,
                "less_high": high,
            }
        )
    return found


def store(rows: Sequence[Row], folder: Path) -> None:
    """``quality.csv`` and ``quality.json``, written whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "quality.csv"
    with renewed(table) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in dataclasses.fields(Row)])
        writer.writeheader()
        writer.writerows(dataclasses.asdict(row) for row in rows)
    with renewed(folder / "quality.json") as part:
        part.write_text(json.dumps(as_json(rows), indent=1), encoding="utf-8")


def as_json(rows: Sequence[Row]) -> dict[str, Any]:
    """Rows and means; what is not a number is null."""
    return {
        "rows": [_finite(dataclasses.asdict(row)) for row in rows],
        "means": [_finite(summary) for summary in summaries(rows)],
    }


def _finite(row: dict[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}


def _line(row: Row) -> str:
    start = f"{row.task:<17}{row.case:<50}{row.model:<26}{row.trained_on:<11}"
    if row.refused:
        return f"{start}refused: {row.refused}"
    figures = f"{row.psnr_db:>8.2f}{row.ssim:>7.3f}"
    figures += "".join(
        f"{'':>8}" if math.isnan(v) else f"{v:>8.2f}"
        for v in (row.whole, row.area, row.lesion, row.signed)
    )
    return f"{start}{figures} {row.unit:<2}" + _interval("", row.less, row.less_low, row.less_high)


def _interval(words: str, mean: float, low: float, high: float) -> str:
    if math.isnan(mean):
        return ""
    text = f"{words}{mean:.2f}"
    return text if math.isnan(low) else f"{text} ({low:.2f} to {high:.2f})"
