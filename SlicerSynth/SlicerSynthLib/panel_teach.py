"""A class page of what lies in the scene: images, a question, and an answer to reveal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import slicer
from slicer.i18n import tr as _

from SlicerSynthLib.jobs import Job
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_job import SectionJob
from SlicerSynthLib.panel_masks import MaskChooser
from SlicerSynthLib.panel_page import MadePage
from SlicerSynthLib.teach_order import TeachOrder, missing_in
from SlicerSynthLib.widgets import choose_node, scroll_to, set_text

ABOUT = "class page"
"""What a message is about."""
RESEARCH = (
    "Research software: for teaching, not for diagnosis. Anyone who has the page sees the images; "
    "the answer lies in it, hidden from a glance and not from its source."
)
VOLUMES = ("teachFirst", "teachCompare", "teachSecond", "teachThird")
LINES = ("teachTitle", "teachQuestion", "teachAnswer")
TEXTS = ("teachHistory", "teachChoices", "teachDiscussion")
"""Parameters; the widgets are called like them."""


class TeachSection:
    """Keeps the case in the parameters and asks the engine for its page."""

    def __init__(self, context: PanelContext) -> None:
        self._context, self._ui = context, context.ui
        self._answer: Mapping[str, Any] = {}
        self._order: TeachOrder | None = None  # what both are about
        self._page = MadePage(
            context, self._ui.openPageButton, self._ui.savePageButton, name="class-page",
            title=_("Save the class page"),
            no_browser=_("No browser could be opened; save the page instead."),
        )  # fmt: skip
        self._tip = str(self._ui.teachButton.property("toolTip"))
        self._truth = MaskChooser(
            context, self._ui.teachTruthSelector, self._ui.teachSegmentCombo,
            "teachTruth", "teachSegment",
        )  # fmt: skip
        set_text(self._ui.teachResearchLabel, _(RESEARCH))
        self._ui.teachResearchLabel.setVisible(True)
        for name in VOLUMES:
            selector = getattr(self._ui, f"{name}Selector")
            selector.setMRMLScene(slicer.mrmlScene)
            selector.nodeActivated.connect(self._keeper(name, selector.currentNode))
        for name in LINES:
            line = getattr(self._ui, f"{name}Line")
            line.textEdited.connect(self._keeper(name, _reader(line, "text")))
        for name in TEXTS:
            text = getattr(self._ui, f"{name}Text")
            text.textChanged.connect(self._keeper(name, _reader(text, "plainText")))
        self._ui.teachButton.clicked.connect(self.make)
        self._job = SectionJob(
            context, [self._ui.teachButton], self._ui.teachCancelButton,
            self._ui.teachProgressBar, self._ui.teachStageLabel, ended=self._ended,
        )  # fmt: skip
        self._offer({})

    @property
    def order(self) -> TeachOrder:
        """What would be asked for now."""
        p = self._context.parameters
        shown = (p.teachFirst, p.teachSecond, p.teachThird)
        choices = (" ".join(line.split()) for line in str(p.teachChoices).splitlines())
        return TeachOrder(
            images=tuple(node for node in shown if node is not None) if shown[0] else (),
            compare=p.teachCompare,
            truth=self._truth.node,
            segment=self._truth.segment,
            title=p.teachTitle,
            history=p.teachHistory,
            question=p.teachQuestion,
            choices=tuple(choice for choice in choices if choice),
            answer=p.teachAnswer,
            discussion=p.teachDiscussion,
        )

    def refresh(self) -> None:
        """Show what the parameters say."""
        parameters = self._context.parameters
        for name in VOLUMES:
            choose_node(getattr(self._ui, f"{name}Selector"), getattr(parameters, name))
        for name in LINES:
            _write(getattr(self._ui, f"{name}Line"), "text", getattr(parameters, name))
        for name in TEXTS:
            _write(getattr(self._ui, f"{name}Text"), "plainText", getattr(parameters, name))
        self._truth.refresh()
        order = self.order
        if (self._answer or self._job.under_way) and order != self._order:
            self._job.cancel()  # that page is of other words or images
            self._forget()
        reason = missing_in(order)
        self._ui.teachButton.setToolTip(reason or self._tip)
        self._context.messages.no_longer(ABOUT, unless=reason)

    def other_scene(self) -> None:
        """Another scene: what was made is not of it."""
        self._forget()

    def tick(self) -> None:
        """Follow changes that no node tells of."""
        self._truth.tick()

    def make(self, *_args: Any) -> None:
        """Ask for the page."""
        self._forget()
        order = self._order = self.order
        self._job.ask(lambda: self._context.logic.teach(order), ABOUT if missing_in(order) else "")

    def cleanup(self) -> None:
        """The panel goes."""
        self._page.cleanup()

    def _keeper(self, name: str, read: Callable[[], Any]) -> Callable[..., None]:
        def keep(*_args: Any) -> None:
            setattr(self._context.parameters, name, read())
            self.refresh()

        return keep

    def _forget(self) -> None:
        self._offer({})
        self._job.forget()

    def _ended(self, job: Job) -> None:
        said = ""
        if job.state == "done":
            self._offer(job.answer)
            size = float(job.answer.get("bytes") or 0) / 1e6
            said = _("The page is made: {0:.1f} MB. Open it, or save it.").format(size)
            scroll_to(self._ui.openPageButton)
        elif job.state == "cancelled":
            said = _("Cancelled; nothing was made.")
        self._job.say(said)

    def _offer(self, answer: Mapping[str, Any]) -> None:
        self._answer = answer
        self._page.show(str(answer.get("page") or ""))


def _reader(widget: Any, name: str) -> Callable[[], str]:
    return lambda: str(widget.property(name) or "")


def _write(widget: Any, name: str, text: str) -> None:
    """Give a field a text, if it has another: a cursor in it stays."""
    if str(widget.property(name) or "") != text:
        was = widget.blockSignals(True)
        widget.setProperty(name, text)
        widget.blockSignals(was)
