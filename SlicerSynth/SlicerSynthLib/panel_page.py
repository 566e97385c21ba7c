"""A page that the engine made: opened in a browser, or kept where the person says."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.report_file import keep_report, temporary_report
from SynthCore.errors import SynthCoreError


class MadePage:
    """The two buttons of a page.

    Parameters
    ----------
    context : PanelContext
        For messages.
    open_button, save_button : QPushButton
        Enabled while there is a page.
    name : str
        Of its file, without the ending.
    title : str
        Of the dialog that asks where to keep it.
    no_browser : str
        Said where none can be opened.
    """

    def __init__(
        self, context: PanelContext, open_button: Any, save_button: Any, *, name: str, title: str,
        no_browser: str,
    ) -> None:  # fmt: skip
        self._context = context
        self._buttons = (open_button, save_button)
        self._name, self._title, self._no_browser = name, title, no_browser
        self._text = ""
        self._written: list[Path] = []
        open_button.clicked.connect(self.open)
        save_button.clicked.connect(self.save)

    def show(self, text: str) -> None:
        """Offer this page; nothing where it is empty."""
        self._text = text
        for button in self._buttons:
            button.setEnabled(bool(text))

    def open(self, *_args: Any) -> None:
        """Open the page in the browser, from a file that goes with the panel."""
        self._context.messages.clear()
        try:
            path = temporary_report(self._text, str(slicer.app.temporaryPath), self._name)
        except SynthCoreError as error:
            self._context.messages.show(str(error))
            return
        self._written.append(path)
        if not qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(path))):
            self._context.messages.show(self._no_browser)

    def save(self, *_args: Any) -> None:
        """Write the page where the person says."""
        path = qt.QFileDialog.getSaveFileName(
            slicer.util.mainWindow(), self._title, f"{self._name}.html", _("Page (*.html)")
        )
        if not path:
            return
        self._context.messages.clear()
        try:
            keep_report(self._text, Path(path))
        except SynthCoreError as error:
            self._context.messages.show(str(error))

    def cleanup(self) -> None:
        """Remove the files that were made for a browser."""
        for path in self._written:
            with suppress(OSError):  # a browser may hold it open
                path.unlink(missing_ok=True)
        self._written.clear()
