"""The line at the top of the panel: one sentence, what stands behind it, and a cross to close."""

from __future__ import annotations

from typing import Any

from SlicerSynthLib.widgets import is_checked, set_text


class MessagesSection:
    """Shows the last thing that went wrong; never a window in front of the scene."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        ui.messageButton.toggled.connect(self._toggled)
        ui.closeButton.clicked.connect(self.clear)

    def show(self, sentence: str, details: str = "") -> None:
        """Show a sentence; its details are a click away."""
        self._ui.messageButton.setChecked(False)
        set_text(self._ui.messageLabel, sentence)
        self._ui.messageText.setPlainText(details)
        self._ui.messageButton.setVisible(bool(details))
        self._ui.messageFrame.setVisible(bool(sentence))

    def clear(self, *_args: Any) -> None:
        """Take the message away."""
        self.show("")

    def _toggled(self, *_args: Any) -> None:
        self._ui.messageText.setVisible(is_checked(self._ui.messageButton))
