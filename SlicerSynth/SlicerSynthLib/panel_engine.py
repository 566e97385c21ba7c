"""The engine behind the panel: who it is, its command, and its installation on a click."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import slicer
from slicer.i18n import tr as _

from SlicerSynthLib import engine_root
from SlicerSynthLib.engine_setup import process_environment
from SlicerSynthLib.install import (
    environment_steps,
    find_base_python,
    folder_steps,
    install_into_slicer,
    require_platform,
)
from SlicerSynthLib.install_place import adopt, discard, forget, mark_ready, put_back, set_aside
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.settings import find_python, is_remote
from SlicerSynthLib.steps import Steps
from SlicerSynthLib.widgets import chosen_in, fill_combo, gigabytes, set_text, text_of
from SynthCore.errors import InputError, SynthCoreError
from SynthCore.protocol import Message

ENVIRONMENT, SLICER = "environment", "slicer"


class EngineSection:
    """Shows and changes which engine is used.

    Parameters
    ----------
    context : PanelContext
        The panel.
    changed : callable
        Called after the engine became another one.
    ask : callable
        Asks the engine that is there who it is.
    """

    def __init__(
        self, context: PanelContext, changed: Callable[[], None], ask: Callable[[], None]
    ) -> None:
        self._context, self._ui, self._changed, self._ask = context, context.ui, changed, ask
        self._steps: Steps | None = None
        self._put_back: Callable[[], bool] = lambda: True
        self._waits = False
        adopt(context.settings.environment)
        places = [
            (_("an environment of its own"), ENVIRONMENT),
            (_("Slicer's own Python"), SLICER),
        ]
        fill_combo(self._ui.installCombo, places, ENVIRONMENT)
        self._ui.commandLine.setText(context.settings.text)
        self._ui.commandLine.editingFinished.connect(self._command_edited)
        self._ui.testButton.clicked.connect(self.test)
        self._ui.installButton.clicked.connect(self.install)
        self._ui.installCancelButton.clicked.connect(self._cancel_install)

    def engine_answered(self, greeting: Mapping[str, Any]) -> None:
        """Say who answered."""
        where = (
            _("on another machine") if is_remote(self._context.settings.command()) else _("here")
        )
        devices = ", ".join(
            _("{0} ({1})").format(one.get("label"), gigabytes(float(one.get("total_bytes") or 0)))
            for one in greeting.get("devices") or ()
        )
        words = _("SynthCore {0}, {1}: {2}.").format(greeting.get("version"), where, devices)
        set_text(self._ui.engineLabel, words)

    def engine_missing(self, sentence: str) -> None:
        """Say that there is no engine, where one can be installed."""
        set_text(self._ui.engineLabel, sentence)
        self._ui.engineSection.setProperty("collapsed", False)

    def test(self, *_args: Any) -> None:
        """Ask the engine that is set now who it is; one that works is not disturbed."""
        if text_of(self._ui.commandLine).strip() != self._context.settings.text:
            self._command_edited()
            return
        set_text(self._ui.engineLabel, _("Asking the engine ..."))
        if self._context.logic.engine_ready:
            self._ask()
        else:
            self._changed()

    def install(self, *_args: Any) -> None:
        """Install where the person chose."""
        self._context.messages.clear()
        try:
            if self._context.logic.jobs:
                raise InputError(_("A run is under way; install after it, or cancel it first."))
            require_platform()
            if chosen_in(self._ui.installCombo) == SLICER:
                install_into_slicer(engine_root())
                forget(self._context.settings.environment)
                self._installed("")
            else:
                self._install_environment()
        except SynthCoreError as error:
            self._context.messages.show(str(error))

    def tick(self) -> None:
        """Go on with an installation."""
        if self._steps is not None and self._steps.poll():
            self._steps = None
        if self._waits and not self._context.logic.jobs:  # a run of the former engine goes on
            self._waits = False
            self._changed()

    def cleanup(self) -> None:
        """End an installation that is under way."""
        if self._steps is not None:
            self._steps.cancel()
            self._put_back()

    def _install_environment(self) -> None:
        environment, folder = process_environment(), self._context.settings.environment
        python = find_base_python(environment)
        if python is not None:
            steps = environment_steps(folder, python, engine_root())
        else:
            steps = folder_steps(folder, find_python(), engine_root())
        if not self._context.settings.text:
            self._context.logic.restart()  # a running engine may hold the files that go now
        aside = set_aside(folder)
        self._put_back = lambda: put_back(folder, aside)
        self._ui.installLog.clear()
        self._ui.installLog.setVisible(True)
        self._show_installing(True)

        def ended(trouble: str) -> None:
            if trouble:
                if not self._put_back():
                    trouble += " " + _("What was installed before lies beside it; restart Slicer.")
            else:
                mark_ready(folder)
                discard(aside)
            self._installed(trouble)

        self._steps = Steps(steps, environment, self._ui.installLog.appendPlainText, ended)

    def _installed(self, trouble: str) -> None:
        self._show_installing(False)
        if trouble:
            self._context.messages.show(trouble)
            return
        slicer.util.showStatusMessage(_("The engine was installed."), 5000)
        if self._context.settings.text:  # and a run of that one goes on
            words = _(
                "The engine was installed, and the one under Command is still used; empty it."
            )
            self._context.messages.show(words)
        else:
            self._waits = True

    def _show_installing(self, under_way: bool) -> None:
        self._ui.installButton.setEnabled(not under_way)
        self._ui.installCancelButton.setEnabled(under_way)

    def _cancel_install(self, *_args: Any) -> None:
        if self._steps is not None:
            self._steps.cancel()

    def _command_edited(self, *_args: Any) -> None:
        text = text_of(self._ui.commandLine).strip()
        if text == self._context.settings.text:
            return
        try:
            if self._context.logic.jobs:  # it would end with the engine that it runs on
                self._ui.commandLine.setText(self._context.settings.text)
                raise InputError(
                    _("A run is under way; change the engine after it, or cancel it first.")
                )
            self._context.settings.text = text
        except SynthCoreError as error:
            self._context.messages.show(str(error))
            return
        set_text(self._ui.engineLabel, _("Asking the engine ..."))
        self._changed()


def trouble_of(message: Message) -> str:
    """The sentence of an answer that is none."""
    return str(message.body.get("message") or _("The engine did not answer."))
