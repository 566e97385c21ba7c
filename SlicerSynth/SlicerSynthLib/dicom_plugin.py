"""What Slicer's DICOM module asks when a volume is exported.

For a synthetic volume this plugin is surer than the one for scalar volumes, which would write it
as an original, and comes first in the dialog. For every other node it offers nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
from DICOMLib import DICOMPlugin
from slicer.i18n import tr as _

from SlicerSynthLib.attributes import is_synthetic
from SlicerSynthLib.export import take, write
from SynthCore.errors import SynthCoreError

PLUGIN = "SlicerSynthDICOM"
CONFIDENCE = 0.9
"""Above the 0.5 of the plugin for scalar volumes."""


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
                write(take(_node_of(item)), Path(exportable.directory) / f"SyntheticVolume_{item}")
            except SynthCoreError as error:
                return str(error)
        return ""


def _node_of(item: int) -> Any:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    return hierarchy.GetItemDataNode(item)
