"""`inpaint` in healthy tissue of real heads that no model was trained on, against baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.bench.inpaint_figure import draw
from SynthCore.engine.synthesize import synthesize
from SynthCore.engine.warm import Warm
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.request import Progress
from SynthCore.training.inpaint.heads import list_heads
from SynthCore.training.inpaint.recipe import RECIPE
from SynthCore.training.inpaint.regions import NAMES, Region, regions
from SynthCore.training.inpaint.validate import (
    METRICS,
    PRESET,
    SIZES,
    as_quality,
    means,
    ring_mean,
    score,
    smooth,
)

MODELS = ("inpaint-brain", "inpaint-biharmonic")
OTHERS = {"smooth in 3D": smooth, "mean of the ring": ring_mean}


def table(
    data: Path,
    out: Path | None,
    progress: Progress,
    patients: tuple[str, ...] = RECIPE.validation,
    names: tuple[str, ...] = NAMES,
) -> tuple[dict[str, Any], str]:
    """Metrics of every model in every region; pictures of the best and the worst into `out`.

    Parameters
    ----------
    data : Path
        Folder of real images.
    out : Path or None
        Folder for ``inpaint-best.png`` and ``inpaint-worst.png``.
    progress : callable
        Told the fraction done.
    patients, names : tuple of str
        Whose images, and which regions of each.

    Raises
    ------
    InputError
        If none of the patients is in `data`.
    """
    count = sum(head.patient in patients for head in list_heads(data)) * len(names)
    if not count:
        raise InputError(f"There are no heads of {', '.join(patients)} in {data}; give --data.")
    rows: list[dict[str, Any]] = []
    ends: dict[str, tuple[float, Region, dict[str, Image]]] = {}
    warm = Warm()
    for n, region in enumerate(regions(data, patients, names)):
        head = region.head
        progress(n / count, f"{head.patient} {head.role} {region.name}")
        made = {model: filled(model, region, warm) for model in MODELS}
        made |= {name: method(region) for name, method in OTHERS.items()}
        scores = {name: score(image, region) for name, image in made.items()}
        fixed = {
            "patient": head.patient,
            "role": head.role,
            "region": region.name,
            "diameter_mm": round(region.diameter_mm, 1),
        }
        rows += [{**fixed, "method": name, **found} for name, found in scores.items()]
        psnr = scores[MODELS[0]]["psnr_db"]
        kept = psnr, region, made
        ends["best"] = max(kept, ends.get("best", kept), key=_first)
        ends["worst"] = min(kept, ends.get("worst", kept), key=_first)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, (_, region, made) in ends.items():
            draw(region, {m: made[m] for m in MODELS}, out / f"inpaint-{name}.png")
    return (
        {"preset": PRESET, "mask": "the region that was hidden", "rows": rows,
         "means": means(rows), "quality": as_quality(rows)},
        as_text(rows),
    )  # fmt: skip


def filled(model: str, region: Region, warm: Warm | None = None) -> Image:
    """What a model puts into a region, by way of the engine."""
    image = region.image
    mask = image.with_voxels(region.mask.astype(np.uint8), modality="", unit="")
    inputs = {region.head.role: image}
    return synthesize("inpaint", inputs, mask=mask, model=model, warm=warm).image


def as_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Means by size and sequence, and every case of the model and its baseline."""
    lines = [f"{PRESET}, in the region that was hidden; border: gradient relative to real tissue"]
    groups = {"all": list(rows)}
    groups |= {n: [r for r in rows if a <= r["diameter_mm"] < b] for n, (a, b) in SIZES.items()}
    for role in dict.fromkeys(row["role"] for row in rows):
        groups[role] = [r for r in rows if r["role"] == role]
    head = f"{'':<24}" + "".join(f"{name:>10}" for name in METRICS)
    for name, group in groups.items():
        found = means(group)
        if not found:
            continue
        own = sum(row["method"] == next(iter(found)) for row in group)
        lines += ["", f"{name} ({own} regions)", head]
        lines += [f"{m:<24}" + "".join(f"{v[c]:>10.3f}" for c in METRICS) for m, v in found.items()]
    lines += ["", "each region" + " " * 47 + head.strip().rjust(40)]
    for row in rows:
        if row["method"] in MODELS:
            what = f"{row['patient']} {row['role']} {row['region']} {row['diameter_mm']:.0f} mm"
            values = "".join(f"{row[c]:>10.3f}" for c in METRICS)
            lines.append(f"{what:<44}{row['method']:<20}{values}")
    return "\n".join(lines)


def _first(kept: tuple[float, Region, dict[str, Image]]) -> float:
    return kept[0]
