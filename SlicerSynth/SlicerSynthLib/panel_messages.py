"""The line at the top of the panel: one sentence, what stands behind it, and a cross to close."""

from __future__ import annotations

from typing import Any

from SlicerSynthLib.widgets import is_checked, set_text

ENGINE = "engine"
"""What a message is about: there is no engine, until one answers."""


class MessagesSection:
    """Shows the last thing that went wrong; never a window in front of the scene."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        self._sentence = self._about = ""
        ui.messageButton.toggled.connect(self._toggled)
        ui.closeButton.clicked.connect(self.clear)

    def show(self, sentence: str, details: str = "", about: str = "") -> None:
        """Show a sentence; its details are a click away.

        `about` says what it is about, for those who can tell that it no longer holds.
        """
        self._sentence, self._about = sentence, about
        self._ui.messageButton.setChecked(False)
        set_text(self._ui.messageLabel, sentence)
        self._ui.messageText.setPlainText(details)
        self._ui.messageButton.setVisible(bool(details))
        self._ui.messageFrame.setVisible(bool(sentence))

    def clear(self, *_args: Any) -> None:
        """Take the message away."""
        self.show("")

    def no_longer(self, about: str, unless: str = "") -> None:
        """Take the message away if it is about this; not if it says what still holds."""
        if self._sentence and self._about == about and self._sentence != unless:
            self.clear()

    def _toggled(self, *_args: Any) -> None:
        self._ui.messageText.setVisible(is_checked(self._ui.messageButton))
