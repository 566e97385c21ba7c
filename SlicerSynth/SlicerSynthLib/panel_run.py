"""Preview, Synthesize, Cancel; how far the run is, and how many wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slicer.i18n import tr as _

from SlicerSynthLib.endings import MISSING
from SlicerSynthLib.estimates import in_words, with_uncertainty
from SlicerSynthLib.jobs import MAKING, Job
from SlicerSynthLib.looked_at import point_looked_at
from SlicerSynthLib.orders import Order, missing
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_inputs import InputsSection
from SlicerSynthLib.panel_messages import ENGINE
from SlicerSynthLib.panel_models import ModelsSection
from SlicerSynthLib.preview_plane import normal_to_make
from SlicerSynthLib.signals import Signal
from SlicerSynthLib.smaller_tiles import SmallerTiles
from SlicerSynthLib.widgets import set_text
from SynthCore.errors import InputError, SynthCoreError

STEPS = 1000
"""Of the progress bar."""
ORDER = "order"
"""What a message is about: something that is still missing."""


class RunSection:
    """Sends orders, and follows the jobs until they end.

    Attributes
    ----------
    made : Signal
        Emitted with every ``preview`` or ``synthesize`` job that ended with a result.
    """

    def __init__(self, context: PanelContext, inputs: InputsSection, models: ModelsSection) -> None:
        self._context, self._ui = context, context.ui
        self._inputs, self._models = inputs, models
        self._tiles = SmallerTiles()
        self._looks: dict[int, str] = {}  # by ticket, of the orders that name no model
        asking = (context.ui.previewButton, context.ui.synthesizeButton)
        self._tips = [(button, str(button.property("toolTip"))) for button in asking]
        self.made = Signal()
        self._ui.previewButton.clicked.connect(self.preview)
        self._ui.synthesizeButton.clicked.connect(self.synthesize)
        self._ui.cancelButton.clicked.connect(self.cancel)
        context.changed.connect(self._forget_last)
        context.logic.changed.connect(self._show_jobs)
        context.logic.ended.connect(self._job_ended)

    @property
    def order(self) -> Order:
        """What would be asked for now."""
        models = self._models
        order = self._inputs.order(models.model, models.device, models.uncertainty)
        tile = self._tiles.tile_for(order)
        return replace(order, options=replace(order.options, tile=tile))

    def refresh(self) -> None:
        """Say what is missing where the buttons are."""
        reason = missing(self.order)
        self._context.messages.no_longer(ORDER, unless=reason)
        for button, tip in self._tips:
            button.setToolTip(reason or tip)

    def forget_tiles(self) -> None:
        """Another scene, or another engine."""
        self._tiles.forget()

    def preview(self, *_args: Any) -> None:
        """Ask for a slice where one looks; an older preview that has not come is not wanted."""
        for job in reversed(self._context.logic.jobs):
            if job.kind == "preview":
                self._context.logic.cancel(job)
        self._send(self._ask_preview)

    def synthesize(self, *_args: Any) -> None:
        """Ask for the whole volume."""
        self._send(lambda: self._context.logic.synthesize(self.order))

    def cancel(self, *_args: Any) -> None:
        """Stop what is running; what waits comes next."""
        running = self._context.logic.running
        if running is not None:
            self._context.logic.cancel(running)
            set_text(self._ui.stageLabel, _("Stopping ..."))

    def _ask_preview(self) -> Job:
        order = self.order
        normal = normal_to_make(order, self._models.by_network)
        point = point_looked_at(self._context.scene, normal)
        if point is None:
            raise InputError(_("No slice view is shown; choose a layout that has one."))
        return self._context.logic.preview(order, point)

    def _forget_last(self) -> None:
        """What was said of the last run is not about what is chosen now."""
        if self._context.logic.running is None:
            set_text(self._ui.stageLabel, "")

    def _send(self, ask: Any) -> None:
        self._context.messages.clear()
        look = "" if self._models.model else self._models.look
        try:
            self._looks[ask().ticket] = look
        except SynthCoreError as error:
            about = ORDER if str(error) == missing(self.order) else ""
            self._context.messages.show(str(error), about=about)

    def _show_jobs(self, *_args: Any) -> None:
        running = self._context.logic.running
        self._ui.cancelButton.setEnabled(running is not None)
        self._ui.progressBar.setVisible(running is not None)
        if running is None:
            return
        self._ui.progressBar.setMaximum(STEPS if running.fraction > 0 else 0)
        self._ui.progressBar.setValue(round(running.fraction * STEPS))
        waiting = len(self._context.logic.jobs) - 1
        parts = [self._stage(running)]
        if running.seconds_left is not None and not running.ended:
            parts.append(_("{0} left").format(in_words(running.seconds_left)))
        if waiting:
            parts.append(_("{0} waiting").format(waiting))
        set_text(self._ui.stageLabel, ", ".join(parts) + ".")

    def _stage(self, job: Job) -> str:
        if job.stage:
            stage = job.stage[:1].upper() + job.stage[1:]
            return _("{0}, {1:.0f}%").format(stage, 100 * job.fraction)
        what = {
            "preview": _("Preview"),
            "synthesize": _("Synthesis"),
            "evaluate": _("Comparison"),
            "plan-check": _("Plan check"),
            "teach": _("Class page"),
            "lesion": _("Lesion"),
            "remove": _("Removal"),
        }
        return _("{0}: sent to the engine").format(what[job.kind])

    def _job_ended(self, job: Job) -> None:
        self._show_jobs()
        look = self._looks.pop(job.ticket, "")
        if self._context.logic.running is None:
            set_text(self._ui.stageLabel, self._last_words(job))
        if job.state in ("failed", "refused"):
            about = ENGINE if job.trouble == MISSING else ""
            self._context.messages.show(self._trouble(job), job.details, about)
        if job.state == "done" and job.kind in MAKING:
            self._measure(job)
            if look:
                self._models.engine_chose(look, str(job.answer.get("model") or ""))
            self.made.emit(job)
            if job.note:
                self._context.messages.show(job.note)

    def _last_words(self, job: Job) -> str:
        if job.state == "cancelled" and job.kind not in ("plan-check", "teach"):
            return job.message  # those two say it in their own sections
        if job.state != "done" or job.kind not in MAKING:
            return ""
        seconds = in_words(float(job.answer.get("seconds") or 0.0))
        model, device = job.answer.get("model"), job.answer.get("device")
        if job.kind == "preview":
            return _("Preview made by {0} on {1} in {2}.").format(model, device, seconds)
        return _("Made by {0} on {1} in {2}.").format(model, device, seconds)

    def _trouble(self, job: Job) -> str:
        if self._tiles.take(job):
            return _("{0} The next run takes smaller tiles.").format(job.message)
        if job.state == "refused" and job.order is not None:
            return f"{job.message} {self._models.way_out(job.order)}".strip()
        return job.message

    def _measure(self, job: Job) -> None:
        answer = job.answer
        seconds = float(answer.get("seconds") or 0.0)
        volumes = answer.get("volumes") or ()
        if job.kind != "synthesize" or not volumes or seconds <= 0:
            return
        voxels = 1
        for count in volumes[0]["shape"]:
            voxels *= int(count)
        model = str(answer.get("model"))
        if job.order is not None and job.order.options.uncertainty:
            model = with_uncertainty(model)
        self._context.estimates.record(model, str(answer.get("device")), voxels, seconds)
