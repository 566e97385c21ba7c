"""Which names exist: Slicer's by the drawn list, MRML's and VTK's by the classes, Qt's by PyQt5."""

from __future__ import annotations

import json
import unittest
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import slicer
import vtk
from PyQt5 import QtCore, QtGui, QtWidgets

LIST = Path(__file__).with_name("slicer_names.json")
KINDS = ("properties", "signals", "slots", "invokables")

UNLISTED: dict[str, set[str]] = {
    # CTK/Libs/DICOM/Core/ctkDICOMDatabase.h
    "ctkDICOMDatabase": {
        "fileForInstance",
        "filesForSeries",
        "instanceForFile",
        "instancesForSeries",
        "isOpen",
    },
    # enumerations, which the list does not hold
    "ctkPathLineEdit": {
        *("AllEntries", "Dirs", "Drives", "Executable", "Files", "Hidden", "NoSymLinks"),
        *("Readable", "Writable"),
    },
    # set by Slicer's own DICOM plugins, Modules/Scripted/DICOMPlugins/DICOMScalarVolumePlugin.py
    "qSlicerDICOMExportable": {
        *("confidence", "directory", "name", "pluginClass", "setTag", "subjectHierarchyItemID"),
        "tooltip",
    },
    # called by Slicer's own slicer/util.py
    "qSlicerCoreApplication": {"testingEnabled"},
    "qSlicerAbstractCoreModule": {"widgetRepresentation"},
    "slicer": {
        *("ScriptedLoadableModule", "app", "dicomDatabase", "i18n", "modules", "mrmlScene"),
        *("packaging", "parameterNodeWrapper", "util"),
    },
    # modules of Slicer itself, and what its DICOM and Sample Data modules offer to others
    "slicer.modules": {
        *("cropvolume", "dicom", "dicomPlugins", "markups", "segmentations", "subjecthierarchy"),
        *("terminologies", "volumerendering", "volumes", "slicersynth", "SlicerSynthWidget"),
    },
    "slicer.parameterNodeWrapper": {"SlicerParameterNamePropertyName"},
}
"""Names that exist in Slicer 5.12 and that the list does not hold, each with where it was read."""


@dataclass(frozen=True)
class Names:
    """What exists."""

    drawn: dict[str, Any]

    def is_class(self, name: str) -> bool:
        return (
            name in self.drawn["widgets"] or name in UNLISTED or self.real_class(name) is not None
        )

    def real_class(self, name: str) -> Any:
        """A class of VTK, of Slicer's core or of Qt, which is there to be asked."""
        for source in (slicer, vtk) if name.startswith("vtk") else (QtCore, QtGui, QtWidgets):
            if name.startswith(("vtk", "Q")) and hasattr(source, name):
                return getattr(source, name)
        return None

    def has(self, name: str, attribute: str, *, kinds: tuple[str, ...] = KINDS) -> bool:
        """Whether a class has this name, itself or by its bases."""
        entry = self.drawn["widgets"].get(name)
        if attribute in UNLISTED.get(name, ()):
            return True
        if entry is None:
            return hasattr(self.real_class(name), attribute)
        if any(attribute in entry[kind] for kind in kinds):
            return True
        return self.has(entry["base"], attribute, kinds=kinds)

    def is_property(self, name: str, attribute: str) -> bool:
        """Whether it is a Qt property of this class."""
        entry = self.drawn["widgets"].get(name)
        if entry is not None:
            own = attribute in entry["properties"]
            return own or self.is_property(entry["base"], attribute)
        real = self.real_class(name)
        meta = getattr(real, "staticMetaObject", None)
        return meta is not None and meta.indexOfProperty(attribute) >= 0

    def in_module(self, module: str, name: str) -> bool:
        entry = self.drawn["python"].get(module, {"functions": (), "classes": {}})
        more = UNLISTED.get(module, ())
        return name in entry["functions"] or name in entry["classes"] or name in more

    def is_node(self, node_id: str) -> bool:
        """Whether a node of this ID is in every scene: color tables, singletons."""
        return self._fresh.scene.GetNodeByID(node_id) is not None

    @cached_property
    def _fresh(self) -> Any:
        from trame_slicer.core import SlicerApp

        return SlicerApp()

    @cached_property
    def methods(self) -> frozenset[str]:
        """Every name of every class of MRML, VTK and the list: for things of unknown class."""
        found: set[str] = set()
        for source in (slicer, vtk):
            for name in dir(source):
                if name.startswith("vtk"):
                    found.update(dir(getattr(source, name)))
        return frozenset(found)

    @cached_property
    def qt_names(self) -> frozenset[str]:
        """Every name of every class of Qt, of the list's widgets and of Slicer's Python."""
        found = {*dir(unittest.TestCase), *dir(unittest.TestResult)}
        found.update(*UNLISTED.values())
        for source in (QtCore, QtGui, QtWidgets):
            for name in dir(source):
                if name.startswith("Q"):
                    found.update(dir(getattr(source, name)))
        for entry in self.drawn["widgets"].values():
            found.update(*(entry[kind] for kind in KINDS))
        for entry in self.drawn["python"].values():
            found.update(entry["functions"], entry["classes"], *entry["classes"].values())
        return frozenset(found)


def known_names() -> Names:
    return Names(json.loads(LIST.read_text(encoding="utf-8")))
