"""The report of a synthesis: one HTML file with everything in it.

No script, no font and no picture comes from elsewhere; the file can be mailed, printed and kept.
It names no patient and no path: what it says of the images is what the record says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.quality.ct_numbers import TISSUES, tissue_shares
from SynthCore.quality.evaluation import Evaluation
from SynthCore.quality.grids import onto_grid, seen_on_grid
from SynthCore.quality.limits import verdicts
from SynthCore.quality.pages import environment
from SynthCore.quality.report_card import card_text
from SynthCore.quality.report_noise import noise_curves, noise_picture
from SynthCore.quality.report_pictures import (
    MINUS,
    body_of,
    histogram_picture,
    plane_pictures,
)
from SynthCore.quality.report_uncertainty import uncertainty_text
from SynthCore.quality.words import interval, metric_name, metric_value, moment, number, whole
from SynthCore.request import SynthesisResult
from SynthCore.staging import new_files
from SynthCore.tasks import LESION_TASK, TASKS

TIMES = " \N{MULTIPLICATION SIGN} "
_TEMPLATES = Path(__file__).parent / "templates"


def write_report(
    path: Path,
    result: SynthesisResult,
    inputs: Mapping[str, Image],
    *,
    reference: Image | None = None,
    evaluation: Evaluation | None = None,
    card: Mapping[str, Any],
    mask: Image | None = None,
) -> Path:
    """Write the report of a result.

    Parameters
    ----------
    path : Path
        Of the HTML file; its folder exists, it does not.
    result : SynthesisResult
        What is reported.
    inputs : mapping
        The images it was made from, by role.
    reference : Image, optional
        The acquired image it is compared with, on any grid.
    evaluation : Evaluation, optional
        Its metrics.
    card : mapping
        The model's ``synthcore`` block; untrusted.
    mask : Image, optional
        Region that was filled or scored, drawn as a line.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    InputError
        If the file exists or cannot be written, or the reference does not overlap the result.
    """
    _refuse_existing(path)
    page = render_report(
        result, inputs, reference=reference, evaluation=evaluation, card=card, mask=mask
    )
    with new_files(path) as (partial,):
        partial.write_text(page, encoding="utf-8")
    return path


def render_report(
    result: SynthesisResult,
    inputs: Mapping[str, Image],
    *,
    reference: Image | None = None,
    evaluation: Evaluation | None = None,
    card: Mapping[str, Any],
    mask: Image | None = None,
) -> str:
    """Make the page of `write_report`."""
    image = result.image
    body = body_of(image)
    region = None if mask is None else onto_grid(mask, image).voxels > 0.5
    curves = noise_curves(image, inputs, reference)
    seen = None
    if reference is not None:
        reference, seen = seen_on_grid(reference, image)
    record = asdict(result.record)
    # a CT made from something else may be planned on; a cleaned CT is compared with itself
    made_for_dose = image.unit == "HU" and image.modality not in inputs
    # a lesion's mask holds whatever edema it has
    outlined = "the lesion with any edema" if result.record.task == LESION_TASK else "the mask"
    planes = plane_pictures(image, inputs, reference, body, region, outlined, seen=seen)
    templates = environment(_TEMPLATES)
    return templates.get_template("report.html.j2").render(
        result=result,
        record=result.record,
        task_title=_task_title(result.record.task),
        images=_image_rows(record),
        checks=result.checks or result.record.checks,
        warnings=list(dict.fromkeys(result.warnings or result.record.warnings)),
        planes=planes,
        difference=any(MINUS in picture.alt for picture in planes),
        histogram=histogram_picture(image, inputs, reference, body, seen),
        shares=tissue_shares(image.voxels, body) if image.unit == "HU" else (),
        noise=noise_picture(curves) if curves else None,
        uncertainty=uncertainty_text(image, result.uncertainty, body, card),
        evaluation=evaluation,
        metrics=_metric_rows(evaluation),
        tissues=_tissue_rows(evaluation),
        limits=verdicts(evaluation.metrics) if evaluation and made_for_dose else [],
        card=card_text(card),
        record_json=json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False),
        created=moment(result.record.created),
        interval=interval,
        number=number,
        whole=whole,
    )


def _task_title(task: str) -> str:
    if task == LESION_TASK:
        return "A lesion that was never there"
    return TASKS[task].title if task in TASKS else task


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise InputError(
            f"The report {path.name} exists already and is not written over; give another name."
        )


def _image_rows(record: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """Role, size, voxel size, series and hash of inputs and output, from their summaries."""
    rows = []
    named = [*record["inputs"].items(), (f"{record['target']}, synthetic", record["output"])]
    for role, summary in named:
        shape = summary.get("shape_kji") or []
        affine = summary.get("affine_lps") or []
        spacing = []
        if len(affine) == 4:
            spacing = [sum(affine[row][col] ** 2 for row in range(3)) ** 0.5 for col in range(3)]
        rows.append(
            (
                role,
                TIMES.join(str(n) for n in reversed(shape)),
                TIMES.join(f"{v:.3g}" for v in spacing),
                str(summary.get("series_instance_uid") or ""),
                str(summary.get("sha256", ""))[:16],
            )
        )
    return rows


def _metric_rows(evaluation: Evaluation | None) -> list[tuple[str, str]]:
    """Metrics that are not by tissue, in order."""
    if evaluation is None:
        return []
    by_tissue = {key for tissue in TISSUES for key in _tissue_keys(tissue.name)}
    return [
        (metric_name(key), metric_value(key, value))
        for key, value in evaluation.metrics.items()
        if key not in by_tissue
    ]


def _tissue_rows(evaluation: Evaluation | None) -> list[tuple[str, str, str]]:
    """Signed and absolute error by tissue of the reference."""
    rows = []
    for tissue in TISSUES:
        signed, absolute = _tissue_keys(tissue.name)
        if evaluation is not None and signed in evaluation.metrics:
            found = evaluation.metrics
            rows.append(
                (
                    tissue.title,
                    metric_value(signed, found[signed]),
                    metric_value(absolute, found[absolute]),
                )
            )
    return rows


def _tissue_keys(name: str) -> tuple[str, str]:
    return f"me_{name}_hu", f"mae_{name}_hu"
