"""Lesions: place one that was never there, in all images of a patient at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import slicer
from slicer.i18n import tr as _

from SlicerSynthLib.jobs import Job
from SlicerSynthLib.lesion_order import missing_in
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_lesion_inputs import LesionInputs
from SlicerSynthLib.widgets import set_text, show_line
from SynthCore.errors import SynthCoreError

STEPS = 1000
"""Of the progress bar."""
ABOUT = "lesion"
"""What a message is about."""
RESEARCH = (
    "Research software: what it makes is marked as synthetic, for teaching and to train software, "
    "not for diagnosis."
)


class LesionsSection:
    """Asks the engine for a lesion, and shows where it is; the images come as other results do."""

    def __init__(self, context: PanelContext) -> None:
        self._context, self._ui = context, context.ui
        self._asked: Job | None = None
        self.inputs = LesionInputs(context, self.refresh)
        self._tip = str(self._ui.lesionButton.property("toolTip"))
        set_text(self._ui.lesionResearchLabel, _(RESEARCH))
        self._ui.lesionResearchLabel.setVisible(True)
        self._ui.lesionButton.clicked.connect(self.place)
        self._ui.lesionCancelButton.clicked.connect(self.cancel)
        context.logic.changed.connect(self._job_changed)
        context.logic.ended.connect(self._job_ended)
        self._show_progress()

    def engine_answered(self, greeting: Mapping[str, Any]) -> None:
        """Offer what the engine places."""
        self.inputs.engine_answered(greeting)
        self.refresh()

    def scene_changed(self) -> None:
        """Follow the scene."""
        self.inputs.scene_changed()

    def other_scene(self) -> None:
        """Another scene: what was placed is not in it."""
        self._asked = None
        show_line(self._ui.lesionStageLabel, "")
        self._show_progress()

    def refresh(self) -> None:
        """Show what the parameters say."""
        self.inputs.refresh()
        reason = missing_in(self.inputs.order)
        self._ui.lesionButton.setToolTip(reason or self._tip)
        self._context.messages.no_longer(ABOUT, unless=reason)

    def place(self, *_args: Any) -> None:
        """Ask for a lesion."""
        self._context.messages.clear()
        show_line(self._ui.lesionStageLabel, "")
        order = self.inputs.order
        try:
            self._asked = self._context.logic.lesion(order)
        except SynthCoreError as error:
            self._context.messages.show(str(error), about=ABOUT if missing_in(order) else "")
        self._show_progress()

    def cancel(self, *_args: Any) -> None:
        """Stop what was asked for."""
        if self._asked is not None:
            self._context.logic.cancel(self._asked)
            show_line(self._ui.lesionStageLabel, _("Stopping ..."))

    def _job_changed(self, job: Job) -> None:
        if job is self._asked:
            self._show_progress()

    def _job_ended(self, job: Job) -> None:
        if job is not self._asked:
            return
        self._asked = None
        self._show_progress()
        said = ""  # what went wrong is told at the top of the panel
        if job.state == "done":
            x, y, z = (float(v) for v in job.answer["center_lps"])
            slicer.vtkMRMLSliceNode.JumpAllSlices(self._context.scene, -x, -y, z)
            said = _("{0}: {1:.3g} ml at {2:.0f}, {3:.0f}, {4:.0f} mm (RAS).").format(
                job.answer["title"], float(job.answer["volume_ml"]), -x, -y, z
            )
        elif job.state == "cancelled":
            said = _("Cancelled; nothing was made.")
        show_line(self._ui.lesionStageLabel, said)

    def _show_progress(self) -> None:
        job = self._asked
        self._ui.lesionButton.setEnabled(job is None)
        self._ui.lesionCancelButton.setEnabled(job is not None)
        self._ui.lesionProgressBar.setVisible(job is not None)
        if job is None:
            return
        self._ui.lesionProgressBar.setMaximum(STEPS if job.fraction > 0 else 0)
        self._ui.lesionProgressBar.setValue(round(job.fraction * STEPS))
        stage = job.stage[:1].upper() + job.stage[1:]
        said = _("{0}, {1:.0f}%.").format(stage, 100 * job.fraction) if stage else ""
        show_line(self._ui.lesionStageLabel, said or _("Sent to the engine."))
