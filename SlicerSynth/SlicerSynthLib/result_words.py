"""What is said of a result beside its pictures."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from SlicerSynthLib.answers import passed_over
from SlicerSynthLib.attributes import TARGET, checks_of, made_by, sources_of
from SynthCore.tasks import unit_of


def by(node: Any) -> str:
    """The model that made it; where the engine chose it, after which others had refused."""
    others = passed_over(checks_of(node)["warnings"])
    if not others:
        return _("By {0}.").format(made_by(node))
    return _("By {0}, after {1} had refused.").format(made_by(node), _(" and ").join(others))


def about_difference(difference: Any, result: Any, compared: Any) -> str:
    """What the colors of a difference mean."""
    half = difference.GetDisplayNode().GetWindow() / 2
    unit = unit_of(str(result.GetAttribute(TARGET) or ""))
    words = _("Minus {0}: red is higher, blue is lower, by {1:g}{2} at full color.").format(
        compared.GetName(), half, f" {unit}" if unit != "1" else ""
    )
    if unit == "1" and compared not in sources_of(result).values():
        words += " " + _("Both are in arbitrary units, so a mere scale shows as well.")
    return str(words)


def about_uncertainty(node: Any) -> str:
    """What its colors mean, and what they do not."""
    return _(
        "Standard deviation of the error, up to {0:.0f} HU at full color, as calibrated on "
        "patients left out. No bound: a model knows nothing of what it never saw."
    ).format(node.GetDisplayNode().GetWindow())
