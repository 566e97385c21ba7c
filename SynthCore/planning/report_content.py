"""What a report of a plan check says, whatever it is written as: page, PDF or DICOM."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import SynthCore
from SynthCore.files.made_by import MadeBy, made_by
from SynthCore.image import Image
from SynthCore.planning.finding import Finding, Light
from SynthCore.planning.plan_check import PlanCheck
from SynthCore.planning.profiles import Line
from SynthCore.planning.study import Study

GROUPS = (
    ("dose", "Dose"),
    ("range", "How far beams reach"),
    ("registration", "Registration of the real CT"),
    ("image", "Against the real CT"),
    ("plausibility", "Plausibility"),
)
COMPARED = ("image", "range", "dose")
"""Groups in which comparators stand beside."""

NOT_CLEARED = "Research software, not cleared for clinical use."
PURPOSE = (
    "This report shows figures and holds them against thresholds; it does not say that a plan may "
    "be treated. A physicist decides and signs."
)
OURS = "this program"
"""Source of a bound that no site's file holds."""

_LIBRARIES = ("numpy", "SimpleITK", "pydicom", "pymedphys")


@dataclass(frozen=True)
class Row:
    """One check: its light, what was found and accepted, by whom, and what others would have."""

    light: Light
    title: str
    value: str
    limit: str
    source: str
    beside: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Section:
    """A group of checks; `names` are the comparators'."""

    title: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Picture:
    """A picture, as PNG."""

    title: str
    caption: str
    png: bytes


@dataclass(frozen=True)
class Content:
    """Everything a report holds.

    Attributes
    ----------
    light, verdict : str
        How all checks stand, and a sentence.
    facts : tuple of (str, str)
        Who, when, with what, from what: label and text.
    """

    light: Light
    verdict: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    pictures: tuple[Picture, ...]


def make_content(
    study: Study,
    check: PlanCheck,
    *,
    model: str = "",
    checked_by: str = "",
    lines: Sequence[Line] = (),
) -> Content:
    """Gather what a report says, and draw its pictures.

    Parameters
    ----------
    study, check
        What was checked, and what was found.
    model : str
        What made the synthetic CT, where its record does not say so.
    checked_by : str
        Who ran the check, as they want to be named.
    lines : sequence of Line
        Profiles along these; three through the target where none is given.
    """
    from SynthCore.planning.report_pictures import pictures_of

    return Content(
        check.light, check.verdict, facts_of(study, check, model, checked_by), check.notes,
        sections_of(check), pictures_of(study, check, lines),
    )  # fmt: skip


def sections_of(check: PlanCheck) -> tuple[Section, ...]:
    """Every check, by group."""
    found = []
    for group, title in GROUPS:
        findings = [f for f in check.findings if f.group == group]
        beside = [
            c for c in check.comparators
            if group in COMPARED and any(f.group == group for f in c.findings)
        ]  # fmt: skip
        values = [{f.title: f.text for f in c.findings if f.group == group} for c in beside]
        rows = tuple(
            Row(f.light, f.title, f.text, f.limit, source_of(f, check),
                tuple(one.get(f.title, "") for one in values), f.reason)
            for f in findings
        )  # fmt: skip
        if rows:
            found.append(Section(title, tuple(c.name for c in beside), rows))
    return tuple(found)


def facts_of(
    study: Study, check: PlanCheck, model: str = "", checked_by: str = ""
) -> tuple[tuple[str, str], ...]:
    """Who, when, with what and from what."""
    by, accepted, curve = made_by(study.synthetic), check.acceptance, check.curve
    site = f", {accepted.site}" if accepted.site else ""
    signed = (
        f"signed by {accepted.signed_by} on {accepted.signed_on}"
        if accepted.signed
        else "signed by nobody"
    )
    generic = f"; generic, not a site's calibration: {curve.source}" if curve.generic else ""
    facts = [
        ("Checked", f"{datetime.now(UTC).strftime('%Y-%m-%d %H:%M UTC')} by "
         f"{checked_by or 'somebody not named'}, in {check.seconds:.1f} s"),
        ("Thresholds", f"{accepted.source}{site}; {signed}"
         + (f"; SHA-256 {accepted.sha256}" if accepted.sha256 else "")),
        ("Density", f"{curve.name} ({curve.kind}){generic}; SHA-256 {curve.sha256()}"),
        ("Made by", _made(by, model)),
        ("Synthetic CT", _image(study.synthetic)),
    ]  # fmt: skip
    if study.reference is not None:
        registered = study.registration
        how = f"; registered ({registered.kind})" if registered is not None else ""
        facts.append(("Real CT, on that grid", _image(study.reference) + how))
    if study.mr is not None:
        facts.append(("MR, on that grid", _image(study.mr)))
    for doses in check.doses:
        facts.append(
            (f"Doses{f', {doses.name}' if doses.name else ''}",
             f"{doses.source}; {doses.prescription_gy:.4g} Gy ({doses.prescription_of}) is 100%; "
             "voxels' SHA-256 "
             f"{doses.reference.sha256()} (real CT), {doses.synthetic.sha256()} (synthetic CT)")
        )  # fmt: skip
    facts.append(("Software", software()))
    return tuple(facts)


def software() -> str:
    """Names and versions of SynthCore and of what it computes with."""
    found = [f"SynthCore {SynthCore.__version__}", f"Python {platform.python_version()}"]
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def source_of(finding: Finding, check: PlanCheck) -> str:
    """Whose bound it was held against; empty where there is none."""
    if not finding.limit:
        return ""
    return check.acceptance.source if finding.id in check.acceptance.limits else OURS


def _made(by: MadeBy, model: str) -> str:
    if not by.text:
        return model or "not known: the image carries no record"
    told = by.text + (f", weights SHA-256 {by.weights_sha256}" if by.weights_sha256 else "")
    versions = ", ".join(f"{name} {number}" for name, number in sorted(by.software.items()))
    return told + (f"; {by.created}" if by.created else "") + (f"; {versions}" if versions else "")


def _image(image: Image) -> str:
    k, j, i = image.shape
    spacing = " x ".join(f"{v:.3g}" for v in image.spacing)
    uid = image.source.series_uid
    series = f"; series {uid}" if uid else ""
    return f"{i} x {j} x {k} voxels of {spacing} mm{series}; voxels' SHA-256 {image.sha256()}"
