"""The result against a real volume: metrics with all that they depend on, and a histogram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import slicer
from slicer.i18n import tr as _

from SlicerSynthLib.attributes import TARGET, TASK
from SlicerSynthLib.compare import histogram_chart, lines_about
from SlicerSynthLib.difference import is_of
from SlicerSynthLib.histogram_picture import histogram_picture
from SlicerSynthLib.jobs import Job
from SlicerSynthLib.layouts import fit_once_sized
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_masks import MaskChooser
from SlicerSynthLib.plot_nodes import show_chart
from SlicerSynthLib.suggestions import suggest
from SlicerSynthLib.widgets import (
    choose_node,
    chosen_in,
    fill_combo,
    fill_table,
    scroll_to,
    show_line,
)
from SynthCore.errors import SynthCoreError

REFERENCE = "reference"
"""What a message is about."""


class CompareSection:
    """Asks the engine to evaluate, and shows what it answers."""

    def __init__(self, context: PanelContext) -> None:
        self._context, self._ui = context, context.ui
        self._presets: list[Mapping[str, Any]] = []
        self._answer: Mapping[str, Any] = {}
        self._asked: Job | None = None
        self._mask = MaskChooser(
            context,
            self._ui.scoreMaskSelector,
            self._ui.scoreSegmentCombo,
            "scoreMask",
            "scoreSegment",
        )
        self._ui.referenceSelector.setMRMLScene(slicer.mrmlScene)
        self._ui.referenceSelector.nodeActivated.connect(self._reference_chosen)
        self._ui.presetCombo.activated.connect(self._preset_chosen)
        self._ui.compareButton.clicked.connect(self.compare)
        self._ui.plotButton.clicked.connect(self.show_plot)
        context.logic.ended.connect(self._job_ended)

    def engine_answered(self, greeting: Mapping[str, Any]) -> None:
        """Show the presets that the engine has."""
        self._presets = list(greeting.get("presets") or ())
        self.refresh()

    def result_changed(self) -> None:
        """Another result: what was compared, or is being compared, is not about it."""
        self._answer, self._asked = {}, None
        self._suggest_reference()
        self.refresh()

    def refresh(self) -> None:
        """Show what the parameters say."""
        parameters = self._context.parameters
        if not self._fits(parameters.reference):  # a scene that was saved by another version
            parameters.reference = None
        choose_node(self._ui.referenceSelector, parameters.reference)
        unit = "HU" if self._role in ("CT", "CBCT") else "1"
        names = [str(p["name"]) for p in self._presets if p.get("unit") == unit or not self._role]
        entries = [(_("as usual for the task"), ""), *((name, name) for name in names)]
        fill_combo(self._ui.presetCombo, entries, parameters.preset)
        self._mask.refresh()
        ready = parameters.result is not None and parameters.reference is not None
        self._ui.compareButton.setEnabled(ready)
        if not ready:  # one of them was removed
            self._answer, self._asked = {}, None
        self._show_answer()

    def tick(self) -> None:
        """Follow changes that no node tells of."""
        self._mask.tick()

    def compare(self, *_args: Any) -> None:
        """Score the result against the reference."""
        parameters = self._context.parameters
        self._context.messages.clear()
        try:
            self._asked = self._context.logic.evaluate(
                parameters.result,
                parameters.reference,
                self._role or "T1",
                preset=parameters.preset or None,
                task=parameters.result.GetAttribute(TASK),
                mask=self._mask.node,
                segment=self._mask.segment,
            )
        except SynthCoreError as error:
            self._context.messages.show(str(error))

    def show_plot(self, *_args: Any) -> None:
        """Show both histograms in a plot view."""
        manager = slicer.app.layoutManager()
        chart = histogram_chart(
            self._context.scene, self._answer["histogram"], str(self._answer.get("unit"))
        )
        if show_chart(manager, chart):
            fit_once_sized(manager)
        else:
            self._context.messages.show(_("There is no plot view; choose a layout with a plot."))

    @property
    def _role(self) -> str:
        result = self._context.parameters.result
        return "" if result is None else str(result.GetAttribute(TARGET) or "")

    def _fits(self, node: Any) -> bool:
        """A result against itself scores perfectly and says nothing."""
        return not is_of(node, self._context.parameters.result)

    def _suggest_reference(self) -> None:
        """What the person chose stays for results of one role: a CT is not a reference for a T2."""
        parameters = self._context.parameters
        kept = parameters.reference
        if kept is not None and parameters.referenceRole == self._role and self._fits(kept):
            return
        found = suggest(self._context.scene, self._fits).get(self._role)
        parameters.reference = found.node if found is not None else None
        parameters.referenceRole = self._role

    def _job_ended(self, job: Job) -> None:
        if job is self._asked and job.state == "done":
            self._answer = job.answer
            self._show_answer()
            scroll_to(self._ui.metricsTable)

    def _show_answer(self) -> None:
        lines = self._answer.get("lines") or ()
        self._ui.metricsTable.setVisible(bool(lines))
        self._ui.plotButton.setEnabled(bool(lines))
        self._ui.histogramLabel.setVisible(bool(lines))
        if lines:
            fill_table(self._ui.metricsTable, (_("Metric"), _("Value")), lines)
            self._ui.histogramLabel.setPixmap(
                histogram_picture(self._answer["histogram"], str(self._answer.get("unit")))
            )
        show_line(self._ui.metricsLabel, lines_about(self._answer["evaluation"]) if lines else "")

    def _reference_chosen(self, *_args: Any) -> None:
        chosen = self._ui.referenceSelector.currentNode()
        self._context.messages.no_longer(REFERENCE)
        if not self._fits(chosen):
            self._context.messages.show(
                _(
                    "A result cannot be its own reference, nor is what was computed from it; "
                    "choose another volume."
                ),
                about=REFERENCE,
            )
            choose_node(self._ui.referenceSelector, self._context.parameters.reference)
            return
        self._context.parameters.reference = chosen
        self._context.parameters.referenceRole = self._role
        self._answer, self._asked = {}, None
        self._context.changed.emit()

    def _preset_chosen(self, *_args: Any) -> None:
        self._context.parameters.preset = chosen_in(self._ui.presetCombo)
        self._context.changed.emit()
