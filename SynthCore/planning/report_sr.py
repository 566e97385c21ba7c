"""A plan check as a DICOM Structured Report, in the study of the synthetic CT."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

from pydicom.dataset import Dataset

from SynthCore.dicom.file_bytes import file_bytes
from SynthCore.dicom.rt.measurement_report import Measured, build_report
from SynthCore.errors import InputError
from SynthCore.planning.acceptance import MEANINGS
from SynthCore.planning.finding import Finding, Light
from SynthCore.planning.plan_check import PlanCheck
from SynthCore.planning.report_content import NOT_CLEARED, PURPOSE, facts_of, source_of
from SynthCore.planning.study import Study
from SynthCore.staging import new_files

RESULTS: Mapping[Light, tuple[str, str]] = {
    "pass": ("pass", "Within accepted values"),
    "warn": ("warn", "Within accepted values, close to their end"),
    "fail": ("fail", "Outside accepted values"),
    "shown": ("shown", "Shown, not judged"),
}
OWN_RESULTS: Mapping[Light, tuple[str, str]] = {
    "pass": ("own_pass", "As this program expects"),
    "warn": ("own_warn", "Beyond what this program expects"),
    "fail": ("own_fail", "Far beyond what this program expects"),
    "shown": RESULTS["shown"],
}
"""Of checks that no threshold of a site judges."""

_SHORTER = (("registration", "reg"), ("synthrad", "sr"), ("median_soft_tissue", "median_soft"))
_LONGEST = 16
_KINDS: Mapping[str, str] = {
    "structure_inside": "share of a structure within the body",
    "covered_target": "share of a target that the real CT shows",
    "beside_target": "share of the body beside a target within the synthetic CT",
    "bulk_range": "difference of path length from that in bulk density",
    "dose_shown": "difference of a dose-volume figure, shown",
    "gamma_shown": "share of voxels that pass gamma, shown",
}
"""What a code means that several findings share and no site can set a threshold for."""


def require_dicom(study: Study, path: Path | None = None) -> None:
    """See that the synthetic CT was read from DICOM.

    Raises
    ------
    InputError
        If it was not, or `path` lies among its files.
    """
    headers = study.synthetic.source.headers
    if not headers:
        raise InputError(
            "A Structured Report belongs to a DICOM series, and the synthetic CT is not one: give "
            "its DICOM folder, or leave out --sr."
        )
    if path is not None:
        files = Path(study.synthetic.source.path.partition("#")[0]).resolve()
        if study.synthetic.source.path and files in path.resolve().parents:
            raise InputError(
                "The Structured Report would lie among the files of the synthetic series, which "
                "`synthcore verify` counts: write it beside that folder."
            )


def write_sr(path: Path, study: Study, check: PlanCheck, *, checked_by: str = "") -> Path:
    """Write the report.

    Parameters
    ----------
    path : Path
        It must not exist.

    Raises
    ------
    InputError
        If the file exists or cannot be written, or the synthetic CT is no DICOM series.
    """
    require_dicom(study, path)
    made = structured_report(study, check, checked_by=checked_by)
    with new_files(path) as (part,):
        part.write_bytes(file_bytes(made))
    return path


def structured_report(study: Study, check: PlanCheck, *, checked_by: str = "") -> Dataset:
    """The report of `write_sr`."""
    require_dicom(study)
    images = (study.synthetic, study.reference, study.mr)
    series = [image.source.headers for image in images if image is not None]
    return build_report(
        [headers for headers in series if headers],
        [measured(finding, check) for finding in check.findings],
        [check.verdict, f"{NOT_CLEARED} {PURPOSE.replace('This report', 'It')}"],
        [*(f"{label}: {text}" for label, text in facts_of(study, check, "", checked_by)),
         *check.notes],
        observer=checked_by,
    )  # fmt: skip


def measured(finding: Finding, check: PlanCheck) -> Measured:
    """A finding as a measurement."""
    site = finding.id in check.acceptance.limits
    return Measured(
        finding.title,
        code_of(finding.id),
        MEANINGS.get(finding.id) or _KINDS.get(finding.id, finding.title),
        finding.value if math.isfinite(finding.value) else None,
        finding.unit,
        (RESULTS if site else OWN_RESULTS)[finding.light],
        finding.limit,
        source_of(finding, check),
        finding.reason,
    )


def code_of(name: str) -> str:
    """The id of a finding as a code value: letters, digits and underscores, 16 at most."""
    for long, short in _SHORTER:
        name = name.replace(long, short)
    return re.sub(r"[^A-Za-z0-9_]", "_", name)[:_LONGEST]
