"""The namespace `ctk`: the few widgets of CTK that the panel uses."""

from __future__ import annotations

from types import ModuleType

from .widgets.by_name import CTK_WIDGETS


def make_ctk() -> ModuleType:
    """A module `ctk` with these widgets alone."""
    module = ModuleType("ctk", "CTK's widgets, as Slicer's Python sees them.")
    for widget in CTK_WIDGETS:
        setattr(module, widget.__name__, widget)
    return module
