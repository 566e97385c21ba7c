"""What one check found, and how it stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Light = Literal["pass", "warn", "fail", "shown"]
"""``shown`` is a figure that no threshold judges."""


@dataclass(frozen=True)
class Finding:
    """One figure of one check.

    Attributes
    ----------
    group : str
        ``image``, ``plausibility``, ``registration``, ``range`` or ``dose``.
    id : str
        By which a site's file of thresholds names it.
    title : str
        For a person, with the structure or beam it is about.
    value : float
        NaN where it is not defined.
    unit : str
        ``HU``, ``%``, ``mm``, ``Gy``, ``ml``, ``dB``, ``deg``, ``nat`` or empty.
    light : str
        See `Light`.
    reason : str
        One sentence: what was found, and why it stands as it does.
    limit : str
        The threshold it was held against, as text; empty where there is none.
    more_digits : int
        Of the value as text than usual: with fewer it would look like its threshold.
    second : float or None
        What a second engine says of the same, told and held against the same limit.
    """

    group: str
    id: str
    title: str
    value: float
    unit: str
    light: Light = "shown"
    reason: str = ""
    limit: str = ""
    more_digits: int = 0
    second: float | None = None

    @property
    def text(self) -> str:
        """The value with its unit."""
        if not math.isfinite(self.value):
            return "not defined"
        return f"{self.rounded:.{self.digits}f} {self.unit}".strip()

    @property
    def digits(self) -> int:
        """Of the value as text, after the point."""
        usual = 3 if self.unit == "" else 2 if abs(self.value) < 10 else 1
        return usual + self.more_digits

    @property
    def rounded(self) -> float:
        """The value as its text shows it."""
        return round(self.value, self.digits) + 0.0  # no -0.00


def worst(findings: tuple[Finding, ...]) -> Light:
    """How all of them stand together."""
    lights = {finding.light for finding in findings}
    for light in ("fail", "warn", "pass"):
        if light in lights:
            return light
    return "shown"
