"""A lesion at several dates: how many, how far apart, and how fast it grows; kept in parameters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import qt
from slicer.i18n import tr as _

from SlicerSynthLib.growth import Growth, date_of
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.widgets import number_in, set_text, show_line, show_number
from SynthCore.errors import SynthCoreError

SPINS = ("growthDates", "growthInterval", "growthDoubling")
"""Parameters; the widgets are called like them."""
FORMAT = "yyyy-MM-dd"


class GrowthInputs:
    """The group of that name; `changed` is called after a person changed something."""

    def __init__(self, context: PanelContext, changed: Callable[[], None]) -> None:
        self._context, self._ui, self._changed = context, context.ui, changed
        for name in SPINS:
            spin = getattr(self._ui, f"{name}Spin")
            spin.valueChanged.connect(self._keeper(name, spin))
        self._ui.growthFirstEdit.dateChanged.connect(self._date_chosen)

    @property
    def growth(self) -> Growth | None:
        """None for one date."""
        parameters = self._context.parameters
        if parameters.growthDates < 2:
            return None
        first = date_of(parameters.growthFirst) or date.today()
        return Growth(
            first, int(parameters.growthDates), int(parameters.growthInterval),
            float(parameters.growthDoubling),
        )  # fmt: skip

    def show(self, volume_ml: float) -> None:
        """Show what the parameters say of a lesion of that volume at the first date."""
        parameters, growth = self._context.parameters, self.growth
        for name in SPINS:
            show_number(getattr(self._ui, f"{name}Spin"), getattr(parameters, name))
        first = date_of(parameters.growthFirst) or date.today()
        edit = self._ui.growthFirstEdit
        was = edit.blockSignals(True)
        edit.setDate(qt.QDate.fromString(first.isoformat(), FORMAT))
        edit.blockSignals(was)
        for widget in (self._ui.growthFirstRow, self._ui.growthDoublingRow):
            widget.setEnabled(growth is not None)
        self._ui.growthIntervalSpin.setEnabled(growth is not None)
        title = _("Growth") if growth is None else _("Growth: {0} dates").format(growth.count)
        set_text(self._ui.growthSection, title)
        show_line(self._ui.growthLabel, "" if growth is None else _in_words(growth, volume_ml))

    def _date_chosen(self, *_args: Any) -> None:
        chosen = self._ui.growthFirstEdit.property("date")
        self._context.parameters.growthFirst = str(chosen.toString(FORMAT))
        self._changed()

    def _keeper(self, name: str, spin: Any) -> Callable[..., None]:
        def keep(*_args: Any) -> None:
            setattr(self._context.parameters, name, round(number_in(spin)))
            self._changed()

        return keep


def _in_words(growth: Growth, volume_ml: float) -> str:
    """The volumes at the dates, the first and the last with theirs."""
    try:
        first, last = growth.dates[0], growth.dates[-1]
    except SynthCoreError as error:
        return str(error)
    volumes = growth.volumes_ml(volume_ml)
    between = " \u2192 ".join(f"{volume:.3g}" for volume in volumes)
    return _("{0} ml, from {1} to {2}; a study for each date.").format(
        between, first.isoformat(), last.isoformat()
    )
