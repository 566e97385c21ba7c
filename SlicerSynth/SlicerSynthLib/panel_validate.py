"""May the synthetic CT be planned on? The engine's checks, each with its light and its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slicer.i18n import tr as _

from SlicerSynthLib.estimates import in_words
from SlicerSynthLib.findings_table import color_verdict, fill_findings
from SlicerSynthLib.jobs import Job
from SlicerSynthLib.panel_check_inputs import CheckInputs
from SlicerSynthLib.panel_check_looks import CheckLooks
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_job import SectionJob
from SlicerSynthLib.plan_answers import RESEARCH, about, lines_of
from SlicerSynthLib.plan_order import PlanOrder, missing_in
from SlicerSynthLib.widgets import scroll_to, set_text, show_line

CHECK = "plan check"
"""What a message is about."""


class ValidateSection:
    """Asks the engine to check a CT for planning, and shows what it answers."""

    def __init__(self, context: PanelContext) -> None:
        self._context, self._ui = context, context.ui
        self._answer: Mapping[str, Any] = {}
        self._order: PlanOrder | None = None  # what both are about
        self.inputs = CheckInputs(context)
        self.looks = CheckLooks(context)
        self._tip = str(self._ui.validateButton.property("toolTip"))
        set_text(self._ui.checkResearchLabel, _(RESEARCH))
        self.inputs.changed.connect(self._other_inputs)
        self._ui.validateButton.clicked.connect(self.check)
        self._job = SectionJob(
            context, [self._ui.validateButton], self._ui.validateCancelButton,
            self._ui.validateProgressBar, self._ui.validateStageLabel, ended=self._ended,
        )  # fmt: skip
        self._show_answer()

    def result_changed(self) -> None:
        """A new result: it is what one would check next."""
        self.inputs.follow(self._context.parameters.result)

    def scene_changed(self) -> None:
        """Follow the scene."""
        self.inputs.scene_changed()

    def other_scene(self) -> None:
        """Another scene: what was found is not about it."""
        self._forget()

    def refresh(self) -> None:
        """Show what the parameters say."""
        self.inputs.refresh()
        self.looks.refresh()
        if self._answer and self._order != self.inputs.order:  # one of them was removed
            self._forget()
        reason = missing_in(self.inputs.order)
        self._ui.validateButton.setToolTip(reason or self._tip)
        self._context.messages.no_longer(CHECK, unless=reason)

    def tick(self) -> None:
        """Follow changes that no node tells of."""
        self.inputs.tick()

    def check(self, *_args: Any) -> None:
        """Check as far as what is given allows."""
        self._forget()
        order = self._order = self.inputs.order
        about = CHECK if missing_in(order) else ""
        self._job.ask(lambda: self._context.logic.plan_check(order), about)

    def cleanup(self) -> None:
        """The panel goes."""
        self.looks.cleanup()

    def _other_inputs(self) -> None:
        """What was found, or is being found, is not about what is chosen now."""
        self._job.cancel()
        self._forget()
        self.refresh()

    def _forget(self) -> None:
        self._answer = {}
        self._job.forget()
        self._show_answer()

    def _ended(self, job: Job) -> None:
        if job.state == "done":
            self._answer = job.answer
            seconds = in_words(float(job.answer.get("seconds") or 0.0))
            self._job.say(_("Checked in {0}.").format(seconds))
            self._show_answer()
            scroll_to(self._ui.findingsTable)
        else:
            said = _("Cancelled; nothing was checked.") if job.state == "cancelled" else ""
            self._job.say(said)

    def _show_answer(self) -> None:
        answer = self._answer
        lines = lines_of(answer)
        self._ui.findingsTable.setVisible(bool(lines))
        if lines:
            fill_findings(self._ui.findingsTable, lines)
            color_verdict(self._ui.verdictLabel, str(answer.get("light")))
        show_line(self._ui.verdictLabel, str(answer.get("verdict") or ""))
        show_line(self._ui.checkAboutLabel, about(answer) if lines else "")
        self.looks.show(answer)
