"""Lesions: place one that was never there or remove one, in all images of a patient at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import slicer
from slicer.i18n import tr as _

from SlicerSynthLib.jobs import Job
from SlicerSynthLib.lesion_marks import show_outlines_of
from SlicerSynthLib.lesion_order import missing_in
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_job import SectionJob
from SlicerSynthLib.panel_lesion_inputs import LesionInputs
from SlicerSynthLib.panel_masks import MaskChooser
from SlicerSynthLib.removal_order import RemovalOrder
from SlicerSynthLib.removal_order import missing_in as missing_in_removal
from SlicerSynthLib.widgets import number_in, set_text, show_number

PLACING, REMOVING = "lesion", "removal"
"""What a message is about."""
RESEARCH = (
    "Research software: what it makes is marked as synthetic, for teaching and to train software, "
    "not for diagnosis."
)


class LesionsSection:
    """Asks the engine; the images come as other results do, the lesion's outlines with them."""

    def __init__(self, context: PanelContext) -> None:
        self._context, self._ui = context, context.ui
        self.inputs = LesionInputs(context, self.refresh)
        self._mask = MaskChooser(
            context, self._ui.removeMaskSelector, self._ui.removeSegmentCombo, "mask", "segment"
        )
        asking = (self._ui.lesionButton, self._ui.removeButton)
        self._tips = [str(button.property("toolTip")) for button in asking]
        set_text(self._ui.lesionResearchLabel, _(RESEARCH))
        self._ui.lesionResearchLabel.setVisible(True)
        self._ui.lesionButton.clicked.connect(self.place)
        self._ui.removeMarginSpin.valueChanged.connect(self._margin_chosen)
        self._ui.removeButton.clicked.connect(self.remove)
        self._job = SectionJob(
            context, asking, self._ui.lesionCancelButton, self._ui.lesionProgressBar,
            self._ui.lesionStageLabel, ended=self._ended,
        )  # fmt: skip

    def engine_answered(self, greeting: Mapping[str, Any]) -> None:
        """Offer what the engine places."""
        self.inputs.engine_answered(greeting)
        self.refresh()

    def result_changed(self) -> None:
        """Another result: of a lesion that grows, its outlines at that date."""
        if self._context.parameters.result is not None:
            show_outlines_of(self._context.scene, self._context.parameters.result)

    def scene_changed(self) -> None:
        """Follow the scene."""
        self.inputs.scene_changed()
        self._mask.suggest()

    def other_scene(self) -> None:
        """Another scene: what was placed is not in it."""
        self._job.forget()

    def refresh(self) -> None:
        """Show what the parameters say."""
        self.inputs.refresh()
        self._mask.refresh()
        show_number(self._ui.removeMarginSpin, self._context.parameters.removeMargin)
        reason, other = missing_in(self.inputs.order), missing_in_removal(self.removal)
        self._ui.lesionButton.setToolTip(reason or self._tips[0])
        self._ui.removeButton.setToolTip(other or self._tips[1])
        self._context.messages.no_longer(PLACING, unless=reason)
        self._context.messages.no_longer(REMOVING, unless=other)

    def tick(self) -> None:
        """Follow changes that no node tells of."""
        self._mask.tick()
        self.inputs.tick()

    @property
    def removal(self) -> RemovalOrder:
        """What would be removed now."""
        parameters = self._context.parameters
        return RemovalOrder(
            self.inputs.images, self._mask.node, self._mask.segment,
            float(parameters.removeMargin), parameters.device or "auto",
        )  # fmt: skip

    def place(self, *_args: Any) -> None:
        """Ask for a lesion."""
        order = self.inputs.order
        self._job.ask(
            lambda: self._context.logic.lesion(order), PLACING if missing_in(order) else ""
        )

    def remove(self, *_args: Any) -> None:
        """Ask for healthy tissue in place of a lesion."""
        order = self.removal
        about = REMOVING if missing_in_removal(order) else ""
        self._job.ask(lambda: self._context.logic.remove(order), about)

    def _margin_chosen(self, *_args: Any) -> None:
        self._context.parameters.removeMargin = number_in(self._ui.removeMarginSpin)
        self.refresh()

    def _ended(self, job: Job) -> None:
        said = ""
        if job.state == "done" and job.kind == "remove":
            words = _("Filled by {0}. Anomaly maps: red where the real image is higher.")
            said = words.format(job.answer.get("model"))
        elif job.state == "done":
            x, y, z = (float(v) for v in job.answer["center_lps"])
            slicer.vtkMRMLSliceNode.JumpAllSlices(self._context.scene, -x, -y, z)
            said = _("{0}: {1} at {2:.0f}, {3:.0f}, {4:.0f} mm (RAS).").format(
                job.answer["title"], _volumes_in(job.answer), -x, -y, z
            )
        elif job.state == "cancelled":
            said = _("Cancelled; nothing was made.")
        self._job.say(said)


def _volumes_in(answer: Mapping[str, Any]) -> str:
    """The volume of the lesion, or those of the first and the last date."""
    last, dates = float(answer["volume_ml"]), answer.get("dates")
    if not dates:
        return f"{last:.3g} ml"
    first = float(dates[0]["volume_ml"])
    return _("{0:.3g} to {1:.3g} ml on {2} dates").format(first, last, len(dates))
