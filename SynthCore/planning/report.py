"""The page of a plan check: one HTML file with everything in it, to read, print and keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import SynthCore
from SynthCore.image import Image
from SynthCore.planning.plan_check import PlanCheck
from SynthCore.planning.plots import histogram_and_curve, histograms_of_dose, range_bars
from SynthCore.planning.study import Study
from SynthCore.quality.figures import Shown, data_uri, three_planes
from SynthCore.quality.masks import body_mask_ct
from SynthCore.staging import new_files

_TEMPLATES = Path(__file__).parent / "templates"
GROUPS = (
    ("dose", "Dose"),
    ("range", "How far beams reach"),
    ("image", "Against the real CT"),
    ("plausibility", "Plausibility"),
)
COMPARED = ("image", "range", "dose")
"""Groups in which comparators stand beside."""


@dataclass(frozen=True)
class Plot:
    """A picture of the page."""

    title: str
    caption: str
    source: str


def write_report(path: Path, study: Study, check: PlanCheck, model: str = "") -> Path:
    """Write the page.

    Parameters
    ----------
    path : Path
        It must not exist.
    model : str
        What made the synthetic CT, where that is known.

    Raises
    ------
    InputError
        If the file exists.
    """
    page = render(study, check, model)
    with new_files(path) as (part,):
        part.write_text(page, encoding="utf-8")
    return path


def render(study: Study, check: PlanCheck, model: str = "") -> str:
    """The page of `write_report`."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    beside: dict[str, dict[str, dict[str, str]]] = {
        group: {
            comparator.name: {f.title: f.text for f in comparator.findings if f.group == group}
            for comparator in check.comparators
        }
        for group in COMPARED
    }
    i, j, k = study.synthetic.shape[::-1]
    spacing = " x ".join(f"{v:.3g}" for v in study.synthetic.spacing)
    return environment.get_template("plan_check.html.j2").render(
        check=check, groups=GROUPS, beside=beside, names=[c.name for c in check.comparators],
        size=f"{i} x {j} x {k} voxels of {spacing} mm", model=model,
        synthetic_sha256=study.synthetic.sha256(), version=SynthCore.__version__,
        created=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        pictures=_pictures(study, check),
    )  # fmt: skip


def as_json(check: PlanCheck) -> dict[str, Any]:
    """What the command line prints; a figure that is not defined is null."""

    def value(number: float) -> float | None:
        return number if np.isfinite(number) else None

    def rows(findings: Any) -> list[dict[str, Any]]:
        return [{**vars(f), "value": value(f.value)} for f in findings]

    return {
        "light": check.light,
        "verdict": check.verdict,
        "thresholds": {
            "source": check.acceptance.source,
            "site": check.acceptance.site,
            "signed_by": check.acceptance.signed_by,
            "signed_on": check.acceptance.signed_on,
            "sha256": check.acceptance.sha256,
        },
        "curve": {
            "name": check.curve.name,
            "kind": check.curve.kind,
            "generic": check.curve.generic,
            "sha256": check.curve.sha256(),
        },
        "findings": rows(check.findings),
        "comparators": {c.name: rows(c.findings) for c in check.comparators},
        "notes": list(check.notes),
        "seconds": check.seconds,
    }


def _pictures(study: Study, check: PlanCheck) -> list[Plot]:
    body = body_mask_ct(study.synthetic.voxels, study.synthetic.spacing)
    if not body.any():
        return []
    found = []
    for doses in check.doses:
        found.append(
            Plot(f"Dose-volume histograms{f', {doses.name}' if doses.name else ''}",
                 "Solid on the real CT, dashed on the synthetic CT.",
                 data_uri(histograms_of_dose(doses)))
        )  # fmt: skip
    if check.ranges:
        found.append(
            Plot("Path length by beam", "Mean difference of water-equivalent path length; above "
                 "each bar the 98th percentile of its absolute difference.",
                 data_uri(range_bars(check.ranges)))
        )  # fmt: skip
    real = None if study.reference is None else study.reference.voxels[body & study.seen]
    found.append(
        Plot("CT numbers and density", "In the body of the synthetic CT; the dashed line is the "
             "curve by which they become density.",
             data_uri(histogram_and_curve(study.synthetic.voxels[body], real, check.curve)))
    )  # fmt: skip
    shown = [Shown("Synthetic CT", _float(study.synthetic), synthetic=True)]
    if study.reference is not None:
        reference = _float(study.reference)
        shown.append(Shown("Real CT", reference))
        shown.append(Shown("Synthetic - real", shown[0].image, synthetic=True, minus=reference))
    target = [study.structures[name] for name in study.targets]
    outline = np.any(target, axis=0) if target else None
    for plane, png in three_planes(shown, body, outline=outline).items():
        line = " The line is the target." if target else ""
        found.append(Plot(f"{plane.capitalize()} slices", f"HU.{line}", data_uri(png)))
    return found


def _float(image: Image) -> Image:
    return image.with_voxels(image.voxels.astype(np.float32), modality="CT", unit="HU")
