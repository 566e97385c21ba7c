"""A site's thresholds: a small file that a physicist edits, dates and signs.

The file is TOML::

    site = "Radiotherapy, our hospital"
    signed_by = ""           # who stands for these thresholds
    signed_on = ""           # YYYY-MM-DD

    [limits]
    me_soft_tissue = { absolute = 20.0, unit = "HU" }
    body_dice = { least = 0.98 }

    [equivalence]
    me_soft_tissue = 10.0    # margin of a cohort's mean, where it differs from the limit

A limit is ``absolute`` (the value may not be farther from zero), ``least`` or ``most``, as the
check is (`SynthCore.planning.meant`); ``warn`` beside it marks the stricter bound at which a check
turns from green to yellow. ``unit`` changes nothing: it is refused where it is not the check's own.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from SynthCore.errors import InputError
from SynthCore.planning.finding import Finding
from SynthCore.planning.meanings import MEANINGS as MEANINGS
from SynthCore.planning.meanings import unit_of
from SynthCore.planning.meant import require_kind, require_range, require_stricter

MOST_BYTES = 100_000
MOST_DIGITS = 6
"""More than these a value's text does not get beyond its usual ones."""
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
    margins : mapping
        By the id of a finding: how far from zero the mean over a cohort may lie.
    """

    site: str
    signed_by: str
    signed_on: str
    limits: Mapping[str, Limit]
    source: str = "defaults"
    sha256: str = ""
    margins: Mapping[str, float] = field(default_factory=dict)

    @property
    def signed(self) -> bool:
        """Whether somebody stands for it."""
        return bool(self.signed_by and self.signed_on)

    @property
    def named(self) -> str:
        """For a sentence: whose thresholds they are."""
        if self.signed:
            return f"the site's thresholds of {self.signed_on}"
        return "thresholds that nobody has signed"

    def judge(self, finding: Finding) -> Finding:
        """The finding with its light, by the threshold of its id.

        What a check of this program judged by its own bounds keeps its light; they are called
        expected, for nobody accepts by them.
        """
        limit = self.limits.get(finding.id)
        if limit is None or finding.light != "shown":
            own = finding.limit
            return replace(finding, limit=f"expected {own}") if own else finding
        if not math.isfinite(finding.value):
            return replace(
                finding, light="fail", limit=limit.text,
                reason=f"{finding.title} is not defined here, so it cannot be accepted.",
            )  # fmt: skip
        finding = told_apart(finding, limit)
        if not limit.holds(finding.value, limit.value):
            light, words = "fail", "outside"
        elif limit.warn is not None and not limit.holds(finding.value, limit.warn):
            passed = "below" if limit.kind == "least" else "beyond"
            light, words = "warn", f"{passed} {limit.warn:g} and near the end of"
        else:
            light, words = "pass", "within"
        apart = ""
        if light != "fail" and finding.second is not None:
            straddled = not limit.holds(finding.second, limit.value)
            light = "warn" if straddled else light
            apart = (
                (
                    f" By the second engine it is {finding.second:.1f} {finding.unit}, outside of "
                    "that: see where the two differ."
                )
                if straddled
                else ""
            )
        return replace(
            finding, light=light, limit=limit.text,  # type: ignore[arg-type]
            reason=f"{finding.title} is {finding.text}, {words} what is accepted ({limit.text})."
            + apart
            + (f" {finding.reason}" if finding.reason else ""),
        )  # fmt: skip


def told_apart(finding: Finding, limit: Limit) -> Finding:
    """With as many digits as it takes to see on which side of its bounds the value lies."""
    bounds = [bound for bound in (limit.value, limit.warn) if bound is not None]
    for more in range(MOST_DIGITS + 1):
        shown = replace(finding, more_digits=more)
        if all(limit.holds(shown.rounded, b) == limit.holds(shown.value, b) for b in bounds):
            return shown
    return finding


_DEFAULTS: Mapping[str, Limit] = {
    "me_soft_tissue": Limit("absolute", 20.0, 10.0),
    "me_fat": Limit("absolute", 30.0, 20.0),
    "body_dice": Limit("least", 0.98, 0.985),
    "range_mean": Limit("absolute", 1.0, 0.75),
    "range_worst": Limit("most", 3.0, 2.0),
    "target_dose": Limit("absolute", 2.0, 1.0),
    "organ_dose": Limit("absolute", 2.0, 1.5),
    "gamma": Limit("least", 95.0, 98.0),
    "registration_outline": Limit("most", 4.0, 2.0),
    "registration_folded": Limit("most", 0.0),
}
DEFAULTS = Acceptance("", "", "", _DEFAULTS)
"""Where no site has said otherwise. No report fixes such thresholds for synthetic CT: these are
what published commissionings use, and nobody has signed them."""


_NAMES = ("site", "signed_by", "signed_on", "limits", "equivalence")
"""What a site's file may hold: a word mistyped would leave out what it names."""


def read_acceptance(path: Path) -> Acceptance:
    """A site's file.

    Raises
    ------
    InputError
        If it cannot be read, has no thresholds, names an unknown entry, check or bound, or has an
        invalid date or one in the future.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"The thresholds {path.name} are too large a file.")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"The thresholds {path.name} are not there; check the path.") from error
    except OSError as error:
        raise InputError(f"The thresholds {path.name} cannot be read.") from error
    return parse_acceptance(data, path.name)


def parse_acceptance(data: bytes, name: str) -> Acceptance:
    """What a site's file holds; `name` is what it is called.

    Raises
    ------
    InputError
        As `read_acceptance`.
    """
    try:
        found = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"The thresholds {name} cannot be read as TOML: write them with "
            "`synthcore plan-check --write-thresholds FILE` and edit that."
        ) from error
    if unknown := [entry for entry in found if entry not in _NAMES]:
        raise InputError(
            f"The thresholds {name} have an unknown entry {unknown[0][:60]!r}; there are "
            f"{', '.join(_NAMES)}."
        )
    limits = found.get("limits", {})
    if not isinstance(limits, dict) or not (limits or found.get("equivalence")):
        raise InputError(
            f"The thresholds {name} have no [limits]: nothing would be judged by them."
        )
    signed_on = _text(found, "signed_on", name)
    if signed_on:
        try:
            day = date.fromisoformat(signed_on)
        except ValueError as error:
            raise InputError(f"signed_on in {name} is not a date: write YYYY-MM-DD.") from error
        # a day later than today's may have begun elsewhere
        if day > date.today() + timedelta(days=1):
            raise InputError(f"signed_on in {name} lies in the future: {signed_on}.")
    return Acceptance(
        _text(found, "site", name),
        _text(found, "signed_by", name),
        signed_on,
        {check: _limit(check, value, name) for check, value in limits.items()},
        name,
        hashlib.sha256(data).hexdigest(),
        _margins(found.get("equivalence", {}), name),
    )


def as_toml() -> str:
    """The thresholds that hold where a site gives none, as a file to edit and sign."""
    lines = [
        "# Thresholds for synthetic CT. Edit them, then sign: nobody else stands for them.",
        f'site = "{DEFAULTS.site}"',
        f'signed_by = "{DEFAULTS.signed_by}"',
        f'signed_on = "{DEFAULTS.signed_on}"  # YYYY-MM-DD',
        "",
        "[limits]",
    ]
    for name, limit in DEFAULTS.limits.items():
        warn = "" if limit.warn is None else f", warn = {limit.warn}"
        lines.append(f"{name} = {{ {limit.kind} = {limit.value}{warn} }}  # {MEANINGS[name]}")
    lines += [
        "",
        "# Margins of the mean over a cohort (synthcore commission); the limit above where none.",
        "[equivalence]",
        *(f"{name} = {margin}" for name, margin in DEFAULTS.margins.items()),
    ]
    return "\n".join(lines) + "\n"


def _text(found: Mapping[str, Any], name: str, file: str) -> str:
    value = found.get(name, "")
    if isinstance(value, date):
        value = value.isoformat()
    if not isinstance(value, str):
        raise InputError(f"{name} in {file} is not a text: put it in quotes.")
    return value.strip()


def _margins(found: Any, file: str) -> dict[str, float]:
    if not isinstance(found, dict):
        raise InputError(f"[equivalence] in {file} is not a table.")
    for name, value in found.items():
        where = f"The margin {name[:60]!r} in {file}"
        if name not in MEANINGS:
            raise InputError(f"{where} is of no check; there are {', '.join(MEANINGS)}.")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 < value < math.inf:
            raise InputError(f"{where} is not a positive number.")
        require_range(name, value, where)
    return {name: float(value) for name, value in found.items()}


def _limit(name: str, value: Any, file: str) -> Limit:
    where = f"The threshold {name[:60]!r} in {file}"
    if name not in MEANINGS:
        raise InputError(f"{where} is of no check; there are {', '.join(MEANINGS)}.")
    if not isinstance(value, dict):
        raise InputError(f"{where} is not like {{ absolute = 20.0 }}.")
    kinds = [kind for kind in KINDS if kind in value]
    extra = set(value) - {*KINDS, "warn", "unit"}
    if len(kinds) != 1 or extra:
        raise InputError(f"{where} needs one of absolute, least or most, and may have warn.")
    if (unit := value.get("unit")) is not None and unit != unit_of(name):
        own = unit_of(name) or "a number without unit"
        raise InputError(f"{where} is in {str(unit)[:20]!r}, but this check is in {own}.")
    bounds = {key: value[key] for key in (kinds[0], "warn") if key in value}
    for bound in bounds.values():
        if (
            isinstance(bound, bool)
            or not isinstance(bound, int | float)
            or not math.isfinite(bound)
        ):
            raise InputError(f"{where} has a bound that is not a number.")
    kind, limit, warn = kinds[0], float(value[kinds[0]]), bounds.get("warn")
    require_kind(name, kind, limit, where)
    for bound in bounds.values():
        require_range(name, bound, where)
    require_stricter(kind, limit, warn, where)
    return Limit(kind, limit, warn)
