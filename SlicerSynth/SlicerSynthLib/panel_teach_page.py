"""The class page that was made: opened in a browser, or kept where the person says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.report_file import keep_report, temporary_report
from SynthCore.errors import SynthCoreError


class ClassPage:
    """The two buttons below a page."""

    def __init__(self, context: PanelContext) -> None:
        self._context, self._ui = context, context.ui
        self._text = ""
        self._written: list[Path] = []
        self._ui.openPageButton.clicked.connect(self.open)
        self._ui.savePageButton.clicked.connect(self.save)

    def show(self, text: str) -> None:
        """Offer this page; nothing where it is empty."""
        self._text = text
        self._ui.openPageButton.setEnabled(bool(text))
        self._ui.savePageButton.setEnabled(bool(text))

    def open(self, *_args: Any) -> None:
        """Open the page in the browser, from a file that goes with the panel."""
        self._context.messages.clear()
        try:
            path = temporary_report(self._text, str(slicer.app.temporaryPath), "class-page")
        except SynthCoreError as error:
            self._context.messages.show(str(error))
            return
        self._written.append(path)
        if not qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(path))):
            self._context.messages.show(_("No browser could be opened; save the page instead."))

    def save(self, *_args: Any) -> None:
        """Write the page where the person says."""
        title, kinds = _("Save the class page"), _("Page (*.html)")
        path = qt.QFileDialog.getSaveFileName(
            slicer.util.mainWindow(), title, "class-page.html", kinds
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
            path.unlink(missing_ok=True)
        self._written.clear()
