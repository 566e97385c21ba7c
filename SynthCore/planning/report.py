"""The page of a plan check: one HTML file with everything in it, to read, print and keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.planning.plan_check import PlanCheck
from SynthCore.planning.report_content import NOT_CLEARED, PURPOSE, Content, make_content
from SynthCore.planning.study import Study
from SynthCore.quality.figures import data_uri
from SynthCore.quality.pages import environment
from SynthCore.staging import new_files

_TEMPLATES = Path(__file__).parent / "templates"


def write_page(path: Path, content: Content) -> Path:
    """Write the page of a report that was gathered already.

    Raises
    ------
    InputError
        If the file exists or cannot be written.
    """
    page = render_content(content)
    with new_files(path) as (part,):
        part.write_text(page, encoding="utf-8")
    return path


def render(study: Study, check: PlanCheck, model: str = "") -> str:
    """The page of a plan check.

    Parameters
    ----------
    study, check
        What was checked, and what was found.
    model : str
        What made the synthetic CT, where its record does not say so.
    """
    return render_content(make_content(study, check, model=model))


def render_content(content: Content) -> str:
    """The page of a report that was gathered already."""
    templates = environment(_TEMPLATES)
    return templates.get_template("plan_check.html.j2").render(
        content=content, uri=data_uri, not_cleared=NOT_CLEARED, purpose=PURPOSE
    )


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
