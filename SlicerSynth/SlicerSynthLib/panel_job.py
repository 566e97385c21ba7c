"""The one job that a section of the panel has asked for: its bar, its line, its buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from slicer.i18n import tr as _

from SlicerSynthLib.estimates import in_words
from SlicerSynthLib.jobs import Job
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.time_left import TimeLeft
from SlicerSynthLib.widgets import scroll_to, show_line
from SynthCore.errors import SynthCoreError

STEPS = 1000
"""Of the progress bar."""


def stage_words(job: Job, seconds_left: float | None) -> str:
    """What a job does now, how far it is, and how long it will still take."""
    if not job.stage:
        return _("Sent to the engine.")
    stage = job.stage[:1].upper() + job.stage[1:]
    said = _("{0}, {1:.0f}%").format(stage, 100 * job.fraction)
    if seconds_left is None:
        return f"{said}."
    return _("{0}, {1} left.").format(said, in_words(seconds_left))


class SectionJob:
    """Asks, follows, cancels, and tells its section when the job has ended.

    Parameters
    ----------
    context : PanelContext
        Logic and messages.
    ask_buttons : sequence of QPushButton
        Disabled while a job is under way.
    cancel_button, bar, line : QWidget
        Of the section.
    ended : callable
        Given the job; `say` tells what came of it. What went wrong stands at the panel's top.
    """

    def __init__(
        self, context: PanelContext, ask_buttons: Sequence[Any], cancel_button: Any, bar: Any,
        line: Any, *, ended: Callable[[Job], None],
    ) -> None:  # fmt: skip
        self._context, self._ask_buttons = context, ask_buttons
        self._cancel_button, self._bar, self._line = cancel_button, bar, line
        self._ended = ended
        self._asked: Job | None = None
        self._time_left = TimeLeft()
        cancel_button.clicked.connect(self.cancel)
        context.logic.changed.connect(self._job_changed)
        context.logic.ended.connect(self._job_ended)
        self._show()

    @property
    def under_way(self) -> bool:
        """Whether something was asked for that has not ended."""
        return self._asked is not None

    def ask(self, ask: Callable[[], Job], about: str) -> None:
        """Send a job; what is wrong with it is told as a message about `about`."""
        self._context.messages.clear()
        self.forget()
        try:
            self._asked, self._time_left = ask(), TimeLeft()
        except SynthCoreError as error:
            self._context.messages.show(str(error), about=about)
        self._show()
        if self.under_way:
            scroll_to(self._line)

    def cancel(self, *_args: Any) -> None:
        """Stop what was asked for."""
        if self._asked is not None:
            self._context.logic.cancel(self._asked)
            self.say(_("Stopping ..."))

    def forget(self) -> None:
        """Whatever comes of it is no longer about this section."""
        self._asked = None
        self.say("")
        self._show()

    def say(self, text: str) -> None:
        """Show a text in the section's line."""
        show_line(self._line, text)

    def _job_changed(self, job: Job) -> None:
        if job is self._asked:
            self._show()

    def _job_ended(self, job: Job) -> None:
        if job is self._asked:
            self._asked = None
            self._show()
            self._ended(job)

    def _show(self) -> None:
        job = self._asked
        for button in self._ask_buttons:
            button.setEnabled(job is None)
        self._cancel_button.setEnabled(job is not None)
        self._bar.setVisible(job is not None)
        if job is not None:
            self._bar.setMaximum(STEPS if job.fraction > 0 else 0)
            self._bar.setValue(round(job.fraction * STEPS))
            left = self._time_left.at(job.fraction, job.seconds_left)
            self.say(stage_words(job, left))
