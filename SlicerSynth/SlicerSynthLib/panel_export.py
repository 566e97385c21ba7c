"""The result as a DICOM series: the tags that will be written, and the writing of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from SlicerSynthLib import export
from SlicerSynthLib.attributes import TARGET
from SlicerSynthLib.background import Background
from SlicerSynthLib.export import Package
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.widgets import chosen_in, fill_combo, fill_table, show_line
from SynthCore.errors import SynthCoreError

FOLDER, DATABASE = "folder", "database"


class ExportSection:
    """Takes what is needed from the scene, and writes it beside the interface."""

    def __init__(self, context: PanelContext) -> None:
        self._context, self._ui = context, context.ui
        self._work: Background | None = None
        places = [(_("a folder"), FOLDER)]
        if importlib.util.find_spec("DICOMLib") is not None:
            places.append((_("Slicer's DICOM database"), DATABASE))
        fill_combo(self._ui.exportCombo, places, FOLDER)
        self._ui.exportCombo.activated.connect(self.refresh)
        self._ui.tagsButton.clicked.connect(self.show_tags)
        self._ui.exportButton.clicked.connect(self.export)
        self._ui.exportFolder.currentPathChanged.connect(self.refresh)

    def result_changed(self) -> None:
        """Another result: the tags that are shown are not its."""
        self._ui.tagsTable.setVisible(False)
        show_line(self._ui.exportLabel, "")
        self.refresh()

    def refresh(self, *_args: Any) -> None:
        """Show what the parameters say."""
        ready = self._context.parameters.result is not None and self._work is None
        to_folder = chosen_in(self._ui.exportCombo) == FOLDER
        self._ui.exportFolderRow.setVisible(to_folder)
        self._ui.tagsButton.setEnabled(ready)
        self._ui.exportButton.setEnabled(ready and (not to_folder or bool(self._folder)))

    def show_tags(self, *_args: Any) -> None:
        """Show every element that would be written."""
        package, node = self._take(), self._context.parameters.result
        if package is None:
            return

        def done(lines: Any) -> None:
            if node is self._context.parameters.result:
                self._on_tags(lines)
            else:  # another one was chosen meanwhile
                show_line(self._ui.exportLabel, "")

        self._start(lambda: export.preview(package), done, _("Reading headers ..."))

    def export(self, *_args: Any) -> None:
        """Write the series."""
        package = self._take()
        if package is None:
            return
        to_database = chosen_in(self._ui.exportCombo) == DATABASE
        target = str(self._context.parameters.result.GetAttribute(TARGET))
        try:
            folder = (
                export.temporary_folder()
                if to_database
                else export.new_folder(Path(self._folder), target)
            )
        except SynthCoreError as error:
            self._context.messages.show(str(error))
            return

        def done(record: Any) -> None:
            self._on_written(folder, len(record.output.get("instances", ())), to_database)

        self._start(lambda: export.write(package, folder), done, _("Writing ..."))

    def tick(self) -> None:
        """Deliver what the other thread has done."""
        work = self._work
        if work is not None and work.is_done:
            self._work = None
            work.take()
            self.refresh()

    def cleanup(self) -> None:
        """Let a series that is being written be finished."""
        if self._work is not None:
            self._work.wait()

    @property
    def _folder(self) -> str:
        return str(self._ui.exportFolder.property("currentPath") or "").strip()

    def _take(self) -> Package | None:
        self._context.messages.clear()
        try:
            return export.take(self._context.parameters.result)
        except SynthCoreError as error:
            self._context.messages.show(str(error))
            return None

    def _start(self, work: Any, done: Any, words: str) -> None:
        show_line(self._ui.exportLabel, words)
        self._work = Background(work, done, self._failed)
        self.refresh()

    def _failed(self, sentence: str) -> None:
        show_line(self._ui.exportLabel, "")
        self._context.messages.show(sentence)

    def _on_tags(self, lines: Any) -> None:
        rows = [(line.tag, "  " * line.depth + line.name, line.value) for line in lines]
        fill_table(self._ui.tagsTable, (_("Tag"), _("Name"), _("Value")), rows)
        self._ui.tagsTable.setVisible(True)
        show_line(self._ui.exportLabel, _("{0} elements in each file.").format(len(rows)))

    def _on_written(self, folder: Path, count: int, to_database: bool) -> None:
        if to_database:
            try:
                export.import_into_database(folder)
            except SynthCoreError as error:
                self._failed(str(error))
                return
            where = _("Slicer's DICOM database")
        else:
            self._ui.exportFolder.addCurrentPathToHistory()
            where = str(folder)
        words = _("{0} files, marked as synthetic, are in {1}.").format(count, where)
        show_line(self._ui.exportLabel, words)
