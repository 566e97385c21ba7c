"""What Slicer's DICOM module asks when a volume is exported.

For a synthetic volume this plugin is the only one that offers something: that for scalar volumes
would write it as an original, and is kept from it (`leave_synthetic`). For every other node it
offers nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
from DICOMLib import DICOMPlugin
from slicer.i18n import tr as _

from SlicerSynthLib.attributes import is_synthetic
from SlicerSynthLib.export import Package, take, write
from SlicerSynthLib.first_header import described
from SynthCore.dicom.header_files import read_header
from SynthCore.dicom.headers import text
from SynthCore.errors import InputError, SynthCoreError

PLUGIN = "SlicerSynthDICOM"
CONFIDENCE = 0.9
"""Above the 0.5 of the plugin for scalar volumes."""

SCALAR_PLUGIN = "DICOMScalarVolumePlugin"

_NAMED = ("PatientName", "PatientID")
_PERSON = (*_NAMED, "PatientBirthDate", "PatientSex")
"""Of the dialog's table, what must be as in the source's headers."""


class SlicerSynthDICOMPluginClass(DICOMPlugin):
    """Exports synthetic volumes; imports nothing, they load as what they are: CT or MR."""

    def __init__(self) -> None:
        super().__init__()
        self.loadType = _("Synthetic volume")

    def examineForImport(self, fileLists: Any) -> list[Any]:
        """Nothing: the plugin for scalar volumes loads synthetic CT and MR."""
        return []

    def examineForExport(self, subjectHierarchyItemID: int) -> list[Any]:
        """One way to export a synthetic volume; none for anything else.

        One without a record cannot be written; `export` says so, instead of leaving it to the
        plugin that would write it as an original.
        """
        node = _node_of(subjectHierarchyItemID)
        if node is None or not node.IsA("vtkMRMLScalarVolumeNode"):
            return []
        if not is_synthetic(node):
            return []
        exportable = slicer.qSlicerDICOMExportable()
        exportable.name = self.loadType
        exportable.tooltip = _("A series that says it is synthetic, and how it was made.")
        exportable.subjectHierarchyItemID = subjectHierarchyItemID
        exportable.pluginClass = PLUGIN
        exportable.confidence = CONFIDENCE
        exportable.setTag("SeriesDescription", node.GetName())
        return [exportable]

    def export(self, exportables: Any) -> str:
        """Write each one; gives an empty text, or a sentence of what went wrong."""
        for exportable in exportables:
            item = exportable.subjectHierarchyItemID
            try:
                package = take(_node_of(item))
                _refuse_another_person(package, exportable.tag)
                write(package, Path(exportable.directory) / f"SyntheticVolume_{item}")
            except SynthCoreError as error:
                return str(error)
        return ""


def leave_synthetic(plugins: dict[str, Any]) -> None:
    """Keep the plugin for scalar volumes from synthetic ones; of a whole study it writes the rest.

    Parameters
    ----------
    plugins : dict
        `slicer.modules.dicomPlugins`, once all modules are there. Doing it again changes nothing.
    """
    plugin = plugins.get(SCALAR_PLUGIN)
    examine = getattr(plugin, "examineForExport", None)
    if examine is None or hasattr(examine, "leaves_synthetic"):
        return

    def examine_others(self: Any, subject_hierarchy_item: int) -> Any:
        synthetic = is_synthetic(_node_of(subject_hierarchy_item))
        return [] if synthetic else examine(self, subject_hierarchy_item)

    examine_others.leaves_synthetic = True  # type: ignore[attr-defined]
    plugin.examineForExport = examine_others  # type: ignore[union-attr]


def _refuse_another_person(package: Package, told: Callable[[str], str]) -> None:
    """What was typed over in the dialog's table would not be in the files.

    Raises
    ------
    InputError
        If the table names another patient than the headers of the source.
    """
    source = next((one for one in package.sources if one.paths), None)
    asked = {keyword: str(told(keyword) or "") for keyword in _PERSON}
    if source is None or not any(asked.values()):
        return
    header = read_header(source.paths[0], described(source.name))
    changed = [
        keyword
        for keyword, value in asked.items()
        if (value or keyword in _NAMED) and _letters(value) != _letters(text(header, keyword))
    ]
    if changed:
        raise InputError(
            f"{', '.join(changed)} in the dialog differs from the source's; a synthetic series "
            "belongs to its source's study, so export it as it is and de-identify the files with "
            "synthcore deidentify."
        )


def _letters(value: str) -> str:
    """As names and dates are compared: without separators."""
    return "".join(c for c in value.casefold() if c.isalnum())


def _node_of(item: int) -> Any:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    return hierarchy.GetItemDataNode(item)
