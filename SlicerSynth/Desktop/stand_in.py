"""Make `import qt, ctk, slicer` give a scripted module what it finds in Slicer."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

SCRIPTED = {
    "ScriptedLoadableModule": "module_base",
    "i18n": "i18n",
    "packaging": "packaging",
    "parameterNodeWrapper": "parameter_node",
}
"""Slicer's Python modules, and the file of this package that stands in for each."""


def install(*, views: bool = True) -> Any:
    """Fill `sys.modules` and the package `slicer`; give `slicer.app`.

    Call it once in a process, on its main thread; a second call changes nothing. Without a
    display set QT_QPA_PLATFORM=offscreen first: panels work, views render out of sight.

    Parameters
    ----------
    views
        Whether to make a layout manager with its slice and 3D views; without, it is None.

    Returns
    -------
    Any
        The application object, also `slicer.app`.
    """
    import slicer

    if hasattr(slicer, "app"):
        return slicer.app
    from PyQt5.QtCore import QCoreApplication, QSettings
    from PyQt5.QtWidgets import QApplication

    from .ctk_module import make_ctk
    from .qt_module import make_qt
    from .unexpected import catch_all

    QSettings.setDefaultFormat(QSettings.IniFormat)  # one file for QSettings() and slicer.app
    qt_application = QCoreApplication.instance() or QApplication(sys.argv[:1])
    qt_application.setApplicationName("SlicerSynth")
    qt_application.setOrganizationName("SlicerSynth")
    sys.modules["qt"] = make_qt()
    sys.modules["ctk"] = make_ctk()
    _fill_slicer(slicer, qt_application)
    catch_all()
    if views:
        from .views.layout_manager import LayoutManager

        slicer.app.setLayoutManager(LayoutManager(slicer.app._core))
    return slicer.app


def _fill_slicer(slicer: Any, qt_application: Any) -> None:
    from trame_slicer.core import SlicerApp

    from .application.application import Application
    from .application.dicom_database import DicomDatabase
    from .application.io_manager import IOManager
    from .application.module_manager import Module, qSlicerScriptedLoadableModuleWidget
    from .python import util_qt
    from .widgets.by_name import MRML_WIDGETS

    core = SlicerApp()
    slicer.mrmlScene = core.scene
    slicer.modules = SimpleNamespace()
    slicer.dicomDatabase = DicomDatabase()
    slicer.app = Application(qt_application, core, IOManager(core))
    for widget in (*MRML_WIDGETS, qSlicerScriptedLoadableModuleWidget):
        setattr(slicer, widget.__name__, widget)
    for function in util_qt.REPLACED:
        setattr(slicer.util, function.__name__, function)
    for name, source in SCRIPTED.items():
        _publish(slicer, name, importlib.import_module(f".python.{source}", __package__))
    for name, logic in {
        "Volumes": core.volumes_logic,
        "VolumeRendering": core.volume_rendering._logic,
        "Segmentations": core.segmentations_logic,
        "SubjectHierarchy": core.subject_hierarchy_logic,
        "Terminologies": core.terminologies_logic,
        "Markups": core.markups_logic._logic,
        "CropVolume": core.volume_rendering.crop_logic,
    }.items():
        slicer.app.moduleManager()._add(Module(name, logic=logic))
    slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(core.scene)


def _publish(slicer: Any, name: str, module: ModuleType) -> None:
    sys.modules[f"slicer.{name}"] = module
    setattr(slicer, name, module)
