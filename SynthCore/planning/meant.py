"""What a threshold can be meant to be: its kind by the check, its size by the unit.

A slip in a site's file is signed with the rest: ``gamma = { least = 0.95 }`` accepts a plan of
which a tenth passes. These bounds are wide; they tell slips from choices and choose nothing.
"""

from __future__ import annotations

from SynthCore.errors import InputError
from SynthCore.planning.meanings import unit_of, words_of

LEAST = ("gamma", "body_dice", "bone_dice")
"""Checks of which more is better."""

SIGNED = ("range_mean", "target_dose", "organ_dose", "body_outward", "bone_outward")
"""Checks with a sign, beside the mean signed errors (``me_``): both sides are bounded."""

_RANGES = {"HU": (0.0, 1000.0), "mm": (0.0, 100.0), "%": (0.0, 50.0), "deg": (0.0, 90.0),
           "": (0.0, 1.0)}  # fmt: skip
_OWN = {"gamma": (50.0, 100.0)}
"""In percent, too, but of what passes and not of a difference."""

EXAMPLES = {"gamma": 95.0, "body_dice": 0.98, "bone_dice": 0.8}


def kind_of(name: str) -> str:
    """``least``, ``absolute`` or ``most``: the one way a check is bounded."""
    if name in LEAST:
        return "least"
    return "absolute" if name in SIGNED or name.startswith("me_") else "most"


def range_of(name: str) -> tuple[float, float]:
    """Within which a bound of a check can be meant, in its unit."""
    return _OWN.get(name) or _RANGES[unit_of(name)]


def require_kind(name: str, kind: str, value: float, where: str) -> None:
    """See that a check is bounded on the side on which it is bad.

    Raises
    ------
    InputError
        If it is not.
    """
    if kind == (own := kind_of(name)):
        return
    why = {
        "least": "more is better",
        "most": "less is better, and none is below 0",
        "absolute": "it is as bad below 0 as above",
    }[own]
    example = EXAMPLES[name] if own == "least" else value
    raise InputError(
        f"{where} is a bound of the kind {kind}, but of {words_of(name)} "
        f"{why}: write {{ {own} = {example:g} }}."
    )


def require_range(name: str, bound: float, where: str) -> None:
    """See that a bound can be one in the check's unit.

    Raises
    ------
    InputError
        If it cannot.
    """
    low, high = range_of(name)
    if not low <= bound <= high:
        unit = unit_of(name)
        raise InputError(
            f"{where} has the bound {bound:g}, which cannot be meant: give a number from {low:g} "
            f"to {high:g}{f' {unit}' if unit else ''}."
        )


def require_stricter(kind: str, value: float, warn: float | None, where: str) -> None:
    """See that a warning comes before the limit and not behind it.

    Raises
    ------
    InputError
        If it does not.
    """
    if warn is None:
        return
    if not (warn > value if kind == "least" else warn < value):
        side = "above" if kind == "least" else "below"
        raise InputError(
            f"{where} warns at {warn:g}, where it has failed already: give a warn {side} {value:g}."
        )
