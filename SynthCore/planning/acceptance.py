"""A site's thresholds: a small file that a physicist edits, dates and signs.

The file is TOML::

    site = "Radiotherapy, our hospital"
    signed_by = ""           # who stands for these thresholds
    signed_on = ""           # YYYY-MM-DD

    [limits]
    me_soft_tissue = { absolute = 20.0, unit = "HU" }
    body_dice = { least = 0.98 }

A limit is ``absolute`` (the value may not be farther from zero), ``least`` or ``most``; ``warn``
beside it marks the nearer bound at which a check turns from green to yellow.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from SynthCore.errors import InputError
from SynthCore.planning.finding import Finding

MOST_BYTES = 100_000
KINDS = ("absolute", "least", "most")


@dataclass(frozen=True)
class Limit:
    """One threshold; `kind` is one of `KINDS`."""

    kind: str
    value: float
    warn: float | None = None

    @property
    def text(self) -> str:
        """For a table."""
        return {
            "absolute": f"within \N{PLUS-MINUS SIGN}{self.value:g}",
            "least": f"at least {self.value:g}",
            "most": f"at most {self.value:g}",
        }[self.kind]

    def holds(self, value: float, bound: float) -> bool:
        """Whether a value keeps to a bound of this kind."""
        if self.kind == "least":
            return value >= bound
        return (abs(value) if self.kind == "absolute" else value) <= bound


@dataclass(frozen=True)
class Acceptance:
    """All thresholds of a site.

    Attributes
    ----------
    site, signed_by, signed_on : str
        Empty where the file leaves them so.
    limits : mapping
        By the id of a finding.
    source : str
        Name of the file, or ``defaults``.
    sha256 : str
        Of the file's bytes; empty for the defaults.
    """

    site: str
    signed_by: str
    signed_on: str
    limits: Mapping[str, Limit]
    source: str = "defaults"
    sha256: str = ""

    @property
    def signed(self) -> bool:
        """Whether somebody stands for it."""
        return bool(self.signed_by and self.signed_on)

    def judge(self, finding: Finding) -> Finding:
        """The finding with its light, by the threshold of its id."""
        limit = self.limits.get(finding.id)
        if limit is None or finding.light != "shown":
            return finding
        if not math.isfinite(finding.value):
            return replace(
                finding, light="fail", limit=limit.text,
                reason=f"{finding.title} is not defined here, so it cannot be accepted.",
            )  # fmt: skip
        if not limit.holds(finding.value, limit.value):
            light, words = "fail", "outside"
        elif limit.warn is not None and not limit.holds(finding.value, limit.warn):
            light, words = "warn", "close to the end of"
        else:
            light, words = "pass", "within"
        return replace(
            finding, light=light, limit=limit.text,  # type: ignore[arg-type]
            reason=f"{finding.title} is {finding.text}, {words} what is accepted ({limit.text})."
            + (f" {finding.reason}" if finding.reason else ""),
        )  # fmt: skip

    def verdict(self, findings: tuple[Finding, ...]) -> str:
        """One sentence. It never says that a plan is safe."""
        failed = [f for f in findings if f.light == "fail"]
        passed = sum(f.light in ("pass", "warn") for f in findings)
        warned = sum(f.light == "warn" for f in findings)
        if failed:
            by = f"the site's thresholds of {self.signed_on}" if self.signed else (
                "thresholds that nobody has signed"
            )  # fmt: skip
            more = f" {len(failed) - 1} more did not pass." if len(failed) > 1 else ""
            return f"Not accepted by {by}: {failed[0].reason}{more}"
        if not passed:
            return "Nothing was judged: no check has a threshold."
        counted = f"{passed} checks passed" + (
            f", {warned} of them with a warning" if warned else ""
        )
        if not self.signed:
            return (
                f"Within thresholds that nobody has signed, so not accepted by anyone: {counted}."
            )
        return f"Accepted by the site's thresholds of {self.signed_on}: {counted}."


_DEFAULTS: Mapping[str, Limit] = {
    "me_soft_tissue": Limit("absolute", 20.0, 10.0),
    "me_fat": Limit("absolute", 30.0, 20.0),
    "body_dice": Limit("least", 0.98, 0.985),
    "range_mean": Limit("absolute", 1.0, 0.75),
    "range_worst": Limit("most", 3.0, 2.0),
    "target_dose": Limit("absolute", 2.0, 1.0),
    "organ_dose": Limit("absolute", 2.0, 1.5),
    "gamma": Limit("least", 95.0, 98.0),
}
DEFAULTS = Acceptance("", "", "", _DEFAULTS)
"""Where no site has said otherwise. No report fixes such thresholds for synthetic CT: these are
what published commissionings use, and nobody has signed them."""


def read_acceptance(path: Path) -> Acceptance:
    """A site's file.

    Raises
    ------
    InputError
        If it cannot be read, names an unknown check or bound, or its date is none.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"The thresholds {path.name} are too large a file.")
        data = path.read_bytes()
        found = tomllib.loads(data.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"The thresholds {path.name} cannot be read as TOML: write them with "
            "`synthcore plan-check --write-thresholds FILE` and edit that."
        ) from error
    limits = found.get("limits", {})
    if not isinstance(limits, dict):
        raise InputError(f"The thresholds {path.name} have no table [limits].")
    signed_on = _text(found, "signed_on", path)
    if signed_on:
        try:
            date.fromisoformat(signed_on)
        except ValueError as error:
            raise InputError(f"signed_on in {path.name} is no date: write YYYY-MM-DD.") from error
    return Acceptance(
        _text(found, "site", path),
        _text(found, "signed_by", path),
        signed_on,
        {name: _limit(name, value, path) for name, value in limits.items()},
        path.name,
        hashlib.sha256(data).hexdigest(),
    )


def as_toml(acceptance: Acceptance = DEFAULTS) -> str:
    """A file to edit and sign."""
    lines = [
        "# Thresholds for synthetic CT. Edit them, then sign: nobody else stands for them.",
        f'site = "{acceptance.site}"',
        f'signed_by = "{acceptance.signed_by}"',
        f'signed_on = "{acceptance.signed_on}"  # YYYY-MM-DD',
        "",
        "[limits]",
    ]
    for name, limit in acceptance.limits.items():
        warn = "" if limit.warn is None else f", warn = {limit.warn}"
        lines.append(f"{name} = {{ {limit.kind} = {limit.value}{warn} }}  # {MEANINGS[name]}")
    return "\n".join(lines) + "\n"


MEANINGS = {
    "mae_body": "mean absolute error in the body, HU",
    "me_air": "mean signed error in air and lung, HU",
    "me_lung": "mean signed error in aerated lung, HU",
    "me_fat": "mean signed error in fat, HU",
    "me_soft_tissue": "mean signed error in soft tissue, HU",
    "me_bone": "mean signed error in bone, HU",
    "mae_air": "mean absolute error in air and lung, HU",
    "mae_lung": "mean absolute error in aerated lung, HU",
    "mae_fat": "mean absolute error in fat, HU",
    "mae_soft_tissue": "mean absolute error in soft tissue, HU",
    "mae_bone": "mean absolute error in bone, HU",
    "me_structure": "mean signed error in every structure, HU",
    "mae_structure": "mean absolute error in every structure, HU",
    "body_dice": "overlap of the bodies",
    "bone_dice": "overlap of bone",
    "body_distance": "mean distance of the bodies' surfaces, mm",
    "body_distance_95": "95th percentile of their distance, mm",
    "body_outward": "mean displacement of the body's surface, outward, mm",
    "body_moved": "distance of the centers of the bodies, mm",
    "bone_distance": "mean distance of the bones' surfaces, mm",
    "bone_distance_95": "95th percentile of their distance, mm",
    "bone_outward": "mean displacement of the bones' surface, outward, mm",
    "bone_moved": "distance of the centers of the bones, mm",
    "range_mean": "mean difference of water-equivalent path length of each beam, percent",
    "range_worst": "98th percentile of its difference over the target, mm",
    "target_dose": "difference of D98, D50 and D2 of targets, percent",
    "organ_dose": "difference of D2 and mean of organs, percent of the prescription",
    "gamma": "share of voxels that pass 2%/2mm, percent",
}
"""Every finding that may have a threshold."""


def _text(found: Mapping[str, Any], name: str, path: Path) -> str:
    value = found.get(name, "")
    if isinstance(value, date):
        value = value.isoformat()
    if not isinstance(value, str):
        raise InputError(f"{name} in {path.name} is no text: put it in quotes.")
    return value.strip()


def _limit(name: str, value: Any, path: Path) -> Limit:
    where = f"The threshold {name[:60]!r} in {path.name}"
    if name not in MEANINGS:
        raise InputError(f"{where} is of no check; there are {', '.join(MEANINGS)}.")
    if not isinstance(value, dict):
        raise InputError(f"{where} is not like {{ absolute = 20.0 }}.")
    kinds = [kind for kind in KINDS if kind in value]
    extra = set(value) - {*KINDS, "warn", "unit"}
    if len(kinds) != 1 or extra:
        raise InputError(f"{where} needs one of absolute, least or most, and may have warn.")
    bounds = {key: value[key] for key in (kinds[0], "warn") if key in value}
    for bound in bounds.values():
        if (
            isinstance(bound, bool)
            or not isinstance(bound, int | float)
            or not math.isfinite(bound)
        ):
            raise InputError(f"{where} has a bound that is no number.")
    return Limit(kinds[0], float(value[kinds[0]]), bounds.get("warn"))
