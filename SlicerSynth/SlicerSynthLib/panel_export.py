"""The result as a DICOM series: the tags that will be written, and the writing of them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from SlicerSynthLib import export, export_places
from SlicerSynthLib.attributes import TARGET
from SlicerSynthLib.background import Background
from SlicerSynthLib.export import Package
from SlicerSynthLib.export_lesion import take_lesion, write_lesion
from SlicerSynthLib.lesion_marks import same_lesion
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.results import uncertainty_of
from SlicerSynthLib.widgets import chosen_in, fill_combo, fill_table, show_line
from SynthCore.errors import SynthCoreError
from SynthCore.request import SynthesisRecord

FOLDER, DATABASE = "folder", "database"
IMAGE, ALONE, LESION = "image", "alone", "lesion"
"""What is exported: the result with its uncertainty, if there is one; the result alone; or all
that belongs to the lesion in it."""


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
        self._what = IMAGE
        self._ui.exportWhatCombo.activated.connect(self._what_chosen)
        self._ui.tagsButton.clicked.connect(self.show_tags)
        self._ui.exportButton.clicked.connect(self.export)
        self._ui.exportFolder.currentPathChanged.connect(self.refresh)

    def result_changed(self) -> None:
        """Another result: the tags that are shown are not its."""
        self._what = IMAGE
        self._ui.tagsTable.setVisible(False)
        show_line(self._ui.exportLabel, "")
        self.refresh()

    def refresh(self, *_args: Any) -> None:
        """Show what the parameters say."""
        self._show_what()
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
        """Write the series, or the studies of a lesion."""
        work = self._work_of(self._what)
        if work is None:
            return
        to_database = chosen_in(self._ui.exportCombo) == DATABASE
        target = str(self._context.parameters.result.GetAttribute(TARGET))
        if self._what == LESION:
            target = "lesion"
        try:
            folder = (
                export_places.temporary_folder()
                if to_database
                else export_places.new_folder(Path(self._folder), target)
            )
        except SynthCoreError as error:
            self._context.messages.show(str(error))
            return

        def done(written: tuple[int, tuple[str, ...]]) -> None:
            self._on_written(folder, *written, to_database)

        self._start(lambda: work(folder), done, _("Writing ..."))

    def tick(self) -> None:
        """Deliver what the other thread has done."""
        work = self._work
        if work is not None and work.is_done:
            self._work = None
            work.take()
            self.refresh()

    def cleanup(self) -> None:
        """Let a series that is being written be finished, and imported where that was asked."""
        if self._work is not None:
            self._work.take()
            self._work = None

    @property
    def _folder(self) -> str:
        return str(self._ui.exportFolder.property("currentPath") or "").strip()

    def _what_chosen(self, *_args: Any) -> None:
        self._what = chosen_in(self._ui.exportWhatCombo)

    def _show_what(self) -> None:
        """Offer what belongs to the lesion in the result, if one was placed in it."""
        node = self._context.parameters.result
        states = same_lesion(self._context.scene, node) if node is not None else {}
        images = sum(len(of_date) for of_date, _outlines in states.values())
        words = _("{0} images, outlines, report").format(images)
        if len(states) > 1:
            words = _("{0} dates, outlines, reports").format(len(states))
        entries = [(_("this image"), IMAGE)] + ([(words, LESION)] if states else [])
        if uncertainty_of(node) is not None:
            entries[:1] = [(_("image and uncertainty map"), IMAGE), (_("image alone"), ALONE)]
        self._ui.exportWhatRow.setVisible(len(entries) > 1)
        fill_combo(self._ui.exportWhatCombo, entries, self._what)
        self._what = chosen_in(self._ui.exportWhatCombo)

    def _work_of(self, what: str) -> Callable[[Path], tuple[int, tuple[str, ...]]] | None:
        """Writes into a folder and gives the number of files, and what was lost of the source."""
        if what != LESION:
            package = self._take()
            if package is None:
                return None
            return lambda folder: _counted(package, export.write(package, folder))
        packages = self._try(lambda: take_lesion(self._context.scene, self._result))
        if packages is None:
            return None
        return lambda folder: write_lesion(packages, folder)

    @property
    def _result(self) -> Any:
        return self._context.parameters.result

    def _take(self) -> Package | None:
        return self._try(lambda: export.take(self._result, uncertainty=self._what != ALONE))

    def _try(self, take: Callable[[], Any]) -> Any:
        self._context.messages.clear()
        try:
            return take()
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

    def _on_written(
        self, folder: Path, count: int, notes: tuple[str, ...], to_database: bool
    ) -> None:
        if to_database:
            try:
                export_places.import_into_database(folder)
            except SynthCoreError as error:
                self._failed(str(error))
                return
            where = _("Slicer's DICOM database")
        else:
            self._ui.exportFolder.addCurrentPathToHistory()
            where = str(folder)
        words = _("{0} files, marked as synthetic, are in {1}.").format(count, where)
        show_line(self._ui.exportLabel, "\n".join((words, *notes)))


def _counted(package: Package, record: SynthesisRecord) -> tuple[int, tuple[str, ...]]:
    return export.count_of(package, record), export.notes_of(record)
