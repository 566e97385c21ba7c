"""The stand-in offers nothing that Slicer has not: what works in the window must work there."""

from __future__ import annotations

import ast
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PyQt5", reason="the window's packages are not installed")
pytest.importorskip("slicer", reason="Slicer's core is not installed")

import slicer
from PyQt5.QtCore import pyqtProperty, pyqtSignal

from Desktop.application.application import Application
from Desktop.application.dicom_database import DicomDatabase
from Desktop.application.io_manager import IOManager
from Desktop.application.module_manager import (
    Module,
    ModuleManager,
    qSlicerScriptedLoadableModuleWidget,
)
from Desktop.python import i18n, module_base, packaging, parameter_node, util_qt
from Desktop.views.layout_manager import LayoutManager
from Desktop.views.view_bar import qMRMLSliceControllerWidget, qMRMLThreeDViewControllerWidget
from Desktop.views.view_widgets import (
    qMRMLPlotView,
    qMRMLPlotWidget,
    qMRMLSliceView,
    qMRMLSliceWidget,
    qMRMLThreeDView,
    qMRMLThreeDWidget,
)
from Desktop.widgets.by_name import CTK_WIDGETS, MRML_WIDGETS
from Testing.slicer.known_names import KINDS, UNLISTED, Names, known_names

ROOT = Path(__file__).resolve().parents[2]
CALLED = ("slots", "invokables")
STANDS_FOR: dict[type, str] = {
    **{widget: widget.__name__ for widget in (*CTK_WIDGETS, *MRML_WIDGETS)},
    **{
        widget: widget.__name__
        for widget in (
            qMRMLPlotView,
            qMRMLPlotWidget,
            qMRMLSliceControllerWidget,
            qMRMLSliceView,
            qMRMLSliceWidget,
            qMRMLThreeDView,
            qMRMLThreeDViewControllerWidget,
            qMRMLThreeDWidget,
            qSlicerScriptedLoadableModuleWidget,
        )
    },
    Application: "qSlicerApplication",
    DicomDatabase: "ctkDICOMDatabase",
    IOManager: "qSlicerCoreIOManager",
    LayoutManager: "qSlicerLayoutManager",
    Module: "qSlicerAbstractCoreModule",
    ModuleManager: "qSlicerModuleManager",
}
MODULES = {
    "slicer.ScriptedLoadableModule": module_base,
    "slicer.i18n": i18n,
    "slicer.packaging": packaging,
    "slicer.parameterNodeWrapper": parameter_node,
}


@pytest.fixture(scope="module")
def names() -> Names:
    return known_names()


def offered(kind: type) -> dict[str, Any]:
    """Public names that a class of the stand-in adds to those of Qt."""
    ours = [one for one in kind.__mro__ if one.__module__.startswith("Desktop")]
    others = [one for one in kind.__mro__ if not one.__module__.startswith("Desktop")]
    known = {name for one in others for name in vars(one)}
    made = {name: thing for one in reversed(ours) for name, thing in vars(one).items()}
    return {n: t for n, t in made.items() if not n.startswith("_") and n not in known}


def extra(kind: type, stands_for: str, names: Names) -> list[str]:
    """What a class offers that the one it stands for has not."""

    def there(name: str, thing: Any) -> bool:
        if isinstance(thing, pyqtSignal):
            return names.has(stands_for, name, kinds=("signals",))
        if isinstance(thing, pyqtProperty):
            return names.has(stands_for, name, kinds=("properties",))
        widget = stands_for in names.drawn["widgets"] and inspect.isfunction(thing)
        if name == "connect" or (name == "disconnect" and widget):
            return True  # PythonQt gives them to every object
        return names.has(stands_for, name, kinds=CALLED if widget else KINDS)

    return [name for name, thing in offered(kind).items() if not there(name, thing)]


@pytest.mark.parametrize("kind", STANDS_FOR, ids=lambda kind: kind.__name__)
def test_a_class_offers_only_what_slicer_has(kind: type, names: Names) -> None:
    assert extra(kind, STANDS_FOR[kind], names) == []


def test_a_made_up_name_of_a_class_is_found(names: Names) -> None:
    made = type(
        "Made", (CTK_WIDGETS[0],), {"imaginary": lambda self: None, "__module__": "Desktop"}
    )
    assert extra(made, "ctkCollapsibleButton", names) == ["imaginary"]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_offers_only_what_slicer_has(module: str, names: Names) -> None:
    source = MODULES[module]
    public = getattr(source, "__all__", None) or [
        name
        for name, thing in vars(source).items()
        if not name.startswith("_") and getattr(thing, "__module__", "") == source.__name__
    ]
    assert public
    assert [name for name in public if not names.in_module(module, name)] == []


def test_the_bases_of_a_module_offer_only_what_slicer_has(names: Names) -> None:
    classes = names.drawn["python"]["slicer.ScriptedLoadableModule"]["classes"]
    for name in module_base.__all__:
        made = {n for n in vars(getattr(module_base, name)) if not n.startswith("_")}
        assert made <= set(classes[name]), name


def test_the_parameter_wrapper_offers_only_what_slicer_has() -> None:
    public = {name for name in vars(parameter_node._Wrapper) if not name.startswith("_")}
    # set on every class by the decorator, slicer/parameterNodeWrapper/wrapper.py
    assert public <= {
        *("AddObserver", "EndModify", "Modified", "RemoveObserver", "StartModify"),
        *("allParameters", "connectGui", "connectParametersToGui", "dataType", "default"),
        *("disconnectGui", "getValue", "isCached", "setValue"),
    }


@pytest.mark.parametrize("function", util_qt.REPLACED, ids=lambda function: function.__name__)
def test_a_replaced_function_takes_what_slicers_own_takes(function: Any, names: Names) -> None:
    assert names.in_module("slicer.util", function.__name__)
    source = Path(slicer.util.__file__).read_text(encoding="utf-8")
    own = next(
        one
        for one in ast.parse(source).body
        if isinstance(one, ast.FunctionDef) and one.name == function.__name__
    )
    mine = [
        p.name for p in inspect.signature(function).parameters.values() if p.kind != p.VAR_KEYWORD
    ]
    theirs = [argument.arg for argument in own.args.args]
    assert [name for name in mine if name not in theirs] == []
    assert [name for name in theirs if name not in mine and name != "standardButtons"] == []


def test_installing_adds_nothing_else_to_slicer(names: Names) -> None:
    code = """
import json, slicer
before, util = set(dir(slicer)), set(dir(slicer.util))
from Desktop.stand_in import install
install(views=False)
import ctk
print(json.dumps([sorted(set(dir(slicer)) - before), sorted(set(dir(slicer.util)) - util),
                  [n for n in dir(ctk) if not n.startswith("_")], sorted(vars(slicer.modules))]))
"""
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "SlicerSynth")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    added, util, ctk, modules = json.loads(done.stdout.splitlines()[-1])
    assert [n for n in added if n not in UNLISTED["slicer"] and not names.is_class(n)] == []
    assert util == []
    assert [name for name in ctk if not names.is_class(name)] == []
    assert set(modules) <= UNLISTED["slicer.modules"]
