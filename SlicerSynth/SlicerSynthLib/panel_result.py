"""What was made: what the checks said, and the ways to look at it."""

from __future__ import annotations

from typing import Any

import slicer
from slicer.i18n import tr as _

from SlicerSynthLib import views
from SlicerSynthLib.answers import checks_in_words
from SlicerSynthLib.attributes import (
    TARGET,
    checks_of,
    is_synthetic,
    made_by,
    record_of,
    sources_of,
)
from SlicerSynthLib.difference import difference_node
from SlicerSynthLib.jobs import Job
from SlicerSynthLib.looked_at import show_in_place
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.result_words import about_difference, about_uncertainty, by
from SlicerSynthLib.results import remove_preview, uncertainty_of
from SlicerSynthLib.signals import Signal
from SlicerSynthLib.widgets import choose_node, is_checked, set_text, show_line
from SynthCore.errors import SynthCoreError

VIEWS = ("sideBySide", "overlay", "difference", "uncertainty")


class ResultSection:
    """Shows one synthetic node of the scene, the latest unless the person chose another.

    Attributes
    ----------
    chosen : Signal
        Emitted when another result is shown.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context, self._ui = context, context.ui
        self.chosen = Signal()
        self._looks: dict[str, tuple[str, ...]] = {}
        self._left = False  # the views show something else by now
        selector = self._ui.resultSelector
        # a preview, a difference and an uncertainty are synthetic, too, but have no role
        selector.addAttribute("vtkMRMLScalarVolumeNode", TARGET)
        selector.setMRMLScene(slicer.mrmlScene)
        selector.nodeActivated.connect(self._result_chosen)
        self._ui.checksButton.toggled.connect(self._show_checks)
        self._buttons = {name: getattr(self._ui, f"{name}Button") for name in VIEWS}
        for name, button in self._buttons.items():
            button.clicked.connect(self._slot_of(name))
        self._ui.fadeSlider.valueChanged.connect(self._faded)

    def take(self, job: Job) -> None:
        """Show what a job made: a preview in its place, a whole volume beside its source."""
        if job.kind == "preview":
            self._show_preview(job.node)
            return
        remove_preview(self._context.scene)
        parameters = self._context.parameters
        parameters.result = job.node
        self._ui.resultButton.setProperty("collapsed", False)
        self.chosen.emit()
        self.show_view(parameters.view if parameters.view in VIEWS[:2] else VIEWS[0])

    def tick(self) -> None:
        """Let go of the button and of what it says once the views show something else."""
        if self._left or not self._looks:
            return
        now = views.looks()
        if any(now.get(name, looks) != looks for name, looks in self._looks.items()):
            self._left = True
            show_line(self._ui.viewLabel, "")
            self.refresh()

    def refresh(self) -> None:
        """Show what the parameters say."""
        node = self._context.parameters.result
        choose_node(self._ui.resultSelector, node)
        record = record_of(node) if is_synthetic(node) else None
        line, details = checks_in_words(checks_of(node)) if record else ("", "")
        if record and made_by(node):
            line = f"{by(node)} {line}"
        if node is None:
            line = _("Nothing was made yet.")
        elif not record:
            line = _("Marked as synthetic, but it has no record of how it was made.")
        set_text(self._ui.checksLabel, line)
        self._ui.checksButton.setVisible(bool(details))
        self._ui.checksText.setPlainText(details)
        self._show_checks()
        enabled = self._can_show
        for name, button in self._buttons.items():
            button.setEnabled(enabled[name])
            button.setChecked(enabled[name] and self._view == name)
        self._ui.fadeSlider.setEnabled(self._view == "overlay")

    def show_view(self, name: str) -> None:
        """Look at the result in one of the `VIEWS`."""
        parameters = self._context.parameters
        node, source, about = parameters.result, self._source, ""
        try:
            if name == "sideBySide" and source is not None:
                views.show_side_by_side(source, node)
            elif name == "overlay" and source is not None:
                views.show_overlay(source, node, parameters.fade / 100)
            elif name == "difference" and self._compared is not None:
                made = difference_node(self._context.scene, node, self._compared)
                views.show_difference(self._compared, made)
                about = about_difference(made, node, self._compared)
            elif name == "uncertainty" and uncertainty_of(node) is not None:
                views.show_uncertainty(node, uncertainty_of(node))
                about = about_uncertainty(uncertainty_of(node))
            else:
                views.show_single(node)
                name = ""
            parameters.view = name
            self._looks, self._left = views.looks(), False
            show_line(self._ui.viewLabel, about)
        except SynthCoreError as error:
            views.show_single(node)  # else another result's pictures may stay
            self._left = True
            show_line(self._ui.viewLabel, "")
            self._context.messages.show(str(error))
        self.refresh()

    @property
    def _can_show(self) -> dict[str, bool]:
        """Which of the `VIEWS` there are of the result."""
        return {
            "sideBySide": self._source is not None,
            "overlay": self._source is not None,
            "difference": self._compared is not None,
            "uncertainty": uncertainty_of(self._context.parameters.result) is not None,
        }

    @property
    def _view(self) -> str:
        """Which of the `VIEWS` is on the screen."""
        return "" if self._left else str(self._context.parameters.view)

    @property
    def _source(self) -> Any:
        """The volume that the result was made from; of the same role, if there is one."""
        node = self._context.parameters.result
        sources = sources_of(node) if node is not None else {}
        role = str(node.GetAttribute(TARGET) or "") if node is not None else ""
        return sources.get(role) or next(iter(sources.values()), None)

    @property
    def _compared(self) -> Any:
        """What the difference is taken to: the reference, or a source of the same role."""
        parameters = self._context.parameters
        node = parameters.result
        if node is None:
            return None
        return parameters.reference or sources_of(node).get(str(node.GetAttribute(TARGET) or ""))

    def _show_preview(self, node: Any) -> None:
        source = next(iter(sources_of(node).values()), None)
        show_in_place(slicer.app.layoutManager(), node, source)

    def _slot_of(self, name: str) -> Any:
        def slot(*_args: Any) -> None:
            self.show_view(name)

        return slot

    def _result_chosen(self, *_args: Any) -> None:
        self._context.parameters.result = self._ui.resultSelector.currentNode()
        show_line(self._ui.viewLabel, "")
        self.chosen.emit()
        self._context.changed.emit()
        if self._context.parameters.result is not None:
            # else the last result stays on the screen, under this one's name and checks
            view = self._context.parameters.view
            self.show_view(view if self._can_show.get(view) else VIEWS[0])

    def _show_checks(self, *_args: Any) -> None:
        button = self._ui.checksButton
        shown = is_checked(button) and bool(self._ui.checksText.property("plainText"))
        self._ui.checksText.setVisible(shown)

    def _faded(self, *_args: Any) -> None:
        parameters = self._context.parameters
        parameters.fade = float(self._ui.fadeSlider.property("value"))
        if self._view == "overlay" and self._source is not None:
            views.set_overlay_opacity(parameters.fade / 100)
