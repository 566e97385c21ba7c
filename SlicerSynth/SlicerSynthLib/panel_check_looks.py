"""Ways to look at a plan check: the doses over their CTs, histograms in a plot view, the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import slicer
from slicer.i18n import tr as _

from SlicerSynthLib import views
from SlicerSynthLib.computed_doses import ShownDose, doses_to_show
from SlicerSynthLib.doses import show_as_dose
from SlicerSynthLib.dvh_plot import dvh_chart
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_page import MadePage
from SlicerSynthLib.plot_nodes import show_chart
from SlicerSynthLib.widgets import chosen_in, fill_combo

OPACITY = 0.5


class CheckLooks:
    """Buttons below the table of a plan check."""

    def __init__(self, context: PanelContext) -> None:
        self._context, self._ui = context, context.ui
        self._answer: Mapping[str, Any] = {}
        self._doses: list[ShownDose] = []
        self._ui.doseShownButton.clicked.connect(self.show_dose)
        self._ui.dvhButton.clicked.connect(self.show_dvh)
        self._page = MadePage(
            context, self._ui.openReportButton, self._ui.saveReportButton, name="plan-check",
            title=_("Save the report"),
            no_browser=_("No browser could be opened; save the report instead."),
        )  # fmt: skip

    def show(self, answer: Mapping[str, Any]) -> None:
        """Offer what this answer has; nothing where it is empty."""
        self._answer = answer
        self._page.show(str(answer.get("report") or ""))
        self.refresh()

    def refresh(self) -> None:
        """Offer the doses that are chosen, and those that were computed."""
        self._doses = doses_to_show(self._context.scene, self._context.parameters)
        combo = self._ui.doseShownCombo
        entries = [(_(one.words), one.words) for one in self._doses]
        same = int(combo.property("count")) == len(entries)
        fill_combo(combo, entries, chosen_in(combo) if same else "")
        self._ui.doseShownRow.setVisible(bool(entries))
        shown = self._shown
        self._ui.doseShownButton.setEnabled(shown is not None and shown.below is not None)
        self._ui.dvhButton.setEnabled(self._dvh is not None)

    def show_dose(self, *_args: Any) -> None:
        """One dose over its CT in every slice view; both have the same colors for the same Gy."""
        shown = self._shown
        if shown is not None and shown.below is not None:
            show_as_dose(shown.dose, like=shown.like)
            views.show_dose(shown.below, shown.dose, OPACITY)

    def show_dvh(self, *_args: Any) -> None:
        """Dose-volume histograms of the dose that is chosen, in a plot view."""
        chart = dvh_chart(self._context.scene, self._dvh or {})
        if not show_chart(slicer.app.layoutManager(), chart):
            self._context.messages.show(_("There is no plot view; choose a layout with a plot."))

    @property
    def _shown(self) -> ShownDose | None:
        chosen = chosen_in(self._ui.doseShownCombo)
        return next((one for one in self._doses if one.words == chosen), None)

    @property
    def _dvh(self) -> Mapping[str, Any] | None:
        """The histograms of the chosen dose's comparison, or the first there are."""
        found = [one for one in self._answer.get("dvh") or () if one["structures"]]
        of = self._shown.of if self._shown is not None else ""
        return next((one for one in found if one["name"] == of), next(iter(found), None))

    def cleanup(self) -> None:
        """The panel goes."""
        self._page.cleanup()
