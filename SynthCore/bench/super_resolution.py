"""`super-resolution` on real volumes thinned here, against interpolation between the slices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.bench.super_resolution_figure import draw
from SynthCore.engine.ready import make_ready
from SynthCore.engine.super_resolve import agreed, estimate
from SynthCore.engine.warm import Warm
from SynthCore.errors import InputError
from SynthCore.physics.consistency import disagreement
from SynthCore.physics.fine_grid import fine_grid
from SynthCore.physics.thick_slices import Float32, ThickStack
from SynthCore.request import Progress, SynthesisRequest
from SynthCore.tasks import FINER_TASK
from SynthCore.training.super_resolution.thinned import Thinned, cases, onto_full, score, thinned
from SynthCore.training.super_resolution.validate import MASK, PRESET, cubic, interpolated

SPLINE = "super-resolution-spline"
LEARNED = "super-resolution-mr-ct"
PICTURES = ("open_ms_cross_patient26 T1", "brainlesion_AURORA T1c", "STS_010 CT")
FACTOR_SHOWN = 4


def table(
    data: Path, out: Path | None, progress: Progress, model: str = LEARNED
) -> tuple[dict[str, Any], str]:
    """Rows of case, factor and method, and means by factor; a picture of some cases into `out`.

    Parameters
    ----------
    data : Path
        Folder of real images.
    out : Path or None
        Folder for ``super-resolution-*.png``.
    progress : callable
        Told the fraction done.
    model : str
        Id or folder of the learned model.

    Raises
    ------
    InputError
        If none of the cases is in `data`.
    """
    chosen = cases(data)
    if not chosen:
        raise InputError(f"There are no volumes to thin in {data}; give --data FOLDER.")
    warm = Warm()
    rows: list[dict[str, Any]] = []
    for n, one in enumerate(chosen):
        progress(n / len(chosen), f"{one[0]} {one[2]}, {one[3]} slices into one")
        case = thinned(data, *one)
        stack = fine_grid(case.thick).stack
        made = {"cubic": cubic(case, stack), "B-spline": interpolated(case, stack)}
        made["spline model"] = _by_engine(SPLINE, warm, case)[1]
        made["free"], made["learned"] = _by_engine(model, warm, case)
        for name, voxels in made.items():
            rows.append(_row(case, stack, name, voxels))
        if out is not None and case.name in PICTURES and case.factor in (2, FACTOR_SHOWN):
            shown = {name: onto_full(made[name], case) for name in ("B-spline", "learned")}
            draw(case, shown, out)
    return (
        {"preset": PRESET, "mask": MASK, "model": model, "rows": rows, "means": means(rows)},
        text(rows),
    )


def _by_engine(model: str, warm: Warm, case: Thinned) -> tuple[Float32, Float32]:
    """What a model makes, before and after it is made to agree with the input."""
    request = SynthesisRequest(FINER_TASK, {case.thick.modality: case.thick}, model=model)
    ready = make_ready(request, warm, None, None)
    made, backend = estimate(ready, warm, None, None)
    fine = agreed(ready, made, backend)
    return made, fine.voxels


def _row(case: Thinned, stack: ThickStack, name: str, voxels: Float32) -> dict[str, Any]:
    largest, squares = disagreement(voxels, case.thick.voxels, stack)
    low, high = np.percentile(case.thick.voxels, (0.5, 99.5))
    span = float(high - low)
    return {
        "case": case.name,
        "factor": case.factor,
        "method": name,
        **score(voxels, case),
        "off_max": largest / span,
        "off_rms": (squares / case.thick.voxels.size) ** 0.5 / span,
    }


def means(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Mean figures by kind of image, factor and method."""
    found = []
    keys = dict.fromkeys((_kind(row), row["factor"], row["method"]) for row in rows)
    for kind, factor, method in keys:
        of = [r for r in rows if (_kind(r), r["factor"], r["method"]) == (kind, factor, method)]
        found.append(
            {
                "kind": kind,
                "factor": factor,
                "method": method,
                "cases": len(of),
                **{name: float(np.mean([r[name] for r in of])) for name in ("psnr_db", "ssim")},
            }
        )
    return found


def _kind(row: Mapping[str, Any]) -> str:
    if row["factor"] > 2:
        return "isotropic brain MR"
    return "CT" if row["case"].endswith("CT") else "thick MR"


def text(rows: Sequence[Mapping[str, Any]]) -> str:
    """The table for a person: one line a case and factor, and the means below."""
    methods = list(dict.fromkeys(row["method"] for row in rows))
    head = f"{'case':<28}{'':>2}" + "".join(f"{name:>22}" for name in methods)
    lines = [f"PSNR dB / SSIM / MAE (% or HU); preset {PRESET}; mask: {MASK}", head]
    for case, factor in dict.fromkeys((row["case"], row["factor"]) for row in rows):
        of = [r for r in rows if (r["case"], r["factor"]) == (case, factor)]
        values = (f"{r['psnr_db']:>9.2f} {r['ssim']:>5.3f} {r['mae']:>6.2f}" for r in of)
        lines.append(f"{case:<28}{factor:>2}" + "".join(values))
    lines.append("means")
    every = means(rows)
    for kind, factor in dict.fromkeys((m["kind"], m["factor"]) for m in every):
        group = [m for m in every if (m["kind"], m["factor"]) == (kind, factor)]
        values = (f"{m['psnr_db']:>9.2f} {m['ssim']:>5.3f} {'':>6}" for m in group)
        lines.append(f"{kind:<28}{factor:>2}" + "".join(values))
    learned = [row for row in rows if row["method"] == "learned"]
    if learned:
        most, rms = (max(row[name] for row in learned) for name in ("off_max", "off_rms"))
        lines.append(
            "averaged back, the learned slices differ from the input by at most "
            f"{most:.1e} of its range (root mean square {rms:.1e})"
        )
    return "\n".join(lines)
