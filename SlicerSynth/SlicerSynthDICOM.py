"""DICOM export of synthetic volumes, so that Slicer's own export dialog marks them too."""

from __future__ import annotations

from typing import Any

import slicer
from slicer.i18n import tr as _

from SlicerSynthLib.dicom_plugin import SlicerSynthDICOMPluginClass, leave_synthetic

__all__ = ["SlicerSynthDICOM", "SlicerSynthDICOMPluginClass"]


class SlicerSynthDICOM:
    """A hidden module that offers the plugin to Slicer's DICOM module."""

    def __init__(self, parent: Any) -> None:
        parent.title = _("Synthetic DICOM export")
        parent.categories = ["Developer Tools.DICOM Plugins"]
        parent.contributors = ["SlicerSynth contributors"]
        parent.helpText = _("Writes synthetic volumes as DICOM that says it is synthetic.")
        parent.acknowledgementText = ""
        parent.hidden = True  # there is no panel
        if not hasattr(slicer.modules, "dicomPlugins"):
            slicer.modules.dicomPlugins = {}
        slicer.modules.dicomPlugins["SlicerSynthDICOM"] = SlicerSynthDICOMPluginClass
        # the plugin for scalar volumes may be registered after this one
        slicer.app.connect("startupCompleted()", _after_start)


def _after_start() -> None:
    leave_synthetic(slicer.modules.dicomPlugins)
