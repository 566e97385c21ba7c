"""Read source files for names of Slicer, Qt, CTK, MRML and VTK, without running them.

What a thing is follows from how it was made (`slicer.vtkMRMLScene()`, `qt.QTimer()`), from what
gave it (`slicer.app.layoutManager().sliceWidget(name)`), from its name in the .ui file
(`self._ui.taskCombo`), or from a name that the module always uses for the same thing (`scene`).
Where it stays unknown, a name in camel case must at least exist somewhere.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from Testing.slicer.known_names import Names

GIVES = {
    ("qSlicerApplication", "layoutManager"): "qSlicerLayoutManager",
    ("qSlicerApplication", "coreIOManager"): "qSlicerCoreIOManager",
    ("qSlicerApplication", "moduleManager"): "qSlicerModuleManager",
    ("qSlicerApplication", "userSettings"): "QSettings",
    ("qSlicerApplication", "applicationLogic"): "vtkMRMLApplicationLogic",
    ("qSlicerApplication", "mrmlScene"): "vtkMRMLScene",
    ("qSlicerLayoutManager", "sliceWidget"): "qMRMLSliceWidget",
    ("qSlicerLayoutManager", "threeDWidget"): "qMRMLThreeDWidget",
    ("qSlicerLayoutManager", "plotWidget"): "qMRMLPlotWidget",
    ("qSlicerLayoutManager", "layoutLogic"): "vtkMRMLLayoutLogic",
    ("qMRMLPlotWidget", "mrmlPlotViewNode"): "vtkMRMLPlotViewNode",
    ("qMRMLSliceWidget", "sliceView"): "qMRMLSliceView",
    ("qMRMLSliceWidget", "sliceController"): "qMRMLSliceControllerWidget",
    ("qMRMLSliceWidget", "sliceLogic"): "vtkMRMLSliceLogic",
    ("qMRMLSliceWidget", "mrmlSliceNode"): "vtkMRMLSliceNode",
    ("qMRMLSliceWidget", "mrmlSliceCompositeNode"): "vtkMRMLSliceCompositeNode",
    ("qMRMLThreeDWidget", "threeDView"): "qMRMLThreeDView",
    ("qMRMLThreeDWidget", "mrmlViewNode"): "vtkMRMLViewNode",
    ("qMRMLSliceView", "renderWindow"): "vtkRenderWindow",
    ("qMRMLThreeDView", "renderWindow"): "vtkRenderWindow",
}
ROOTS = {
    "slicer.app": "qSlicerApplication",
    "slicer.mrmlScene": "vtkMRMLScene",
    "slicer.dicomDatabase": "ctkDICOMDatabase",
}
CALLED = {
    "layout_manager": "qSlicerLayoutManager",
    "scene": "vtkMRMLScene",
    "render_window": "vtkRenderWindow",
    "database": "ctkDICOMDatabase",
}
"""What the module always means by these names, with or without an underscore."""
NAMESPACES = ("slicer", "qt", "ctk", "vtk")
MADE_BY_NAME = ("AddNewNodeByClass", "CreateNodeByClass", "GetSingletonNode")
WHOLE_NAME = re.compile(r"(vtkMRML|vtkSlicer|qMRML|qSlicer|ctk)[A-Z]\w*")
OTHER_MODULES = re.compile(r"(?!slicer\b|qt\b|ctk\b|vtk\b)")


@dataclass
class Reader(ast.NodeVisitor):
    """Collects complaints while it walks one file."""

    names: Names
    ui: Mapping[str, str]
    own: frozenset[str]
    complaints: list[str] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    local: dict[str, str] = field(default_factory=dict)
    called: set[int] = field(default_factory=set)

    def complain(self, node: ast.AST, text: str) -> None:
        self.complaints.append(f"line {getattr(node, 'lineno', 0)}: {text}")

    # imports

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            if root not in NAMESPACES:
                self.foreign.add((alias.asname or alias.name).partition(".")[0])
            elif root == "slicer" and "." in alias.name:
                self._slicer_name(node, alias.name.split(".", 1)[1])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if module == "slicer":
            for alias in node.names:
                self._slicer_name(node, alias.name)
                self.local[alias.asname or alias.name] = f"class {alias.name}"
        elif module in self.names.drawn["python"]:
            for alias in node.names:
                if not self.names.in_module(module, alias.name) and not self._file(module, alias):
                    self.complain(node, f"{module} has no {alias.name}")
        else:
            self.foreign.update(alias.asname or alias.name for alias in node.names)

    def _file(self, module: str, alias: ast.alias) -> bool:
        return module == "DICOMLib" and alias.name == "DICOMUtils"  # a file of that package

    # names

    def visit_Constant(self, node: ast.Constant) -> None:
        word = node.value
        if not isinstance(word, str) or not WHOLE_NAME.fullmatch(word):
            return
        if not self.names.is_class(word) and not self.names.is_node(word):
            self.complain(node, f"there is no class {word}")

    def visit_Call(self, node: ast.Call) -> None:
        self.called.add(id(node.func))
        self._property_by_name(node)
        self._signal_by_name(node)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        before = dict(self.local)
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                self.local.pop(argument.arg, None)
        self.generic_visit(node)
        self.local = before

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        kind = self.kind_of(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.local[target.id] = kind

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.generic_visit(node)
        path = ast.unparse(node.value)
        if path == "slicer":
            self._slicer_name(node, node.attr)
        elif path in ("slicer.util", "slicer.i18n", "slicer.packaging"):
            if not self.names.in_module(path, node.attr):
                self.complain(node, f"{path} has no {node.attr}")
        elif path == "slicer.modules":
            if not self.names.in_module(path, node.attr):
                self.complain(node, f"slicer.modules has no {node.attr}")
        elif path in ("qt", "ctk", "vtk"):
            wanted = {"qt": "Q", "ctk": "ctk", "vtk": ("vtk", "VTK_")}[path]
            there = self.names.is_class(node.attr) or hasattr(_vtk(), node.attr)
            if not node.attr.startswith(wanted) or not there:
                self.complain(node, f"{path} has no {node.attr}")
        else:
            self._attribute(node)

    def _slicer_name(self, node: ast.AST, name: str) -> None:
        if name not in _top_level() and not self.names.is_class(name):
            self.complain(node, f"slicer has no {name}")

    def _attribute(self, node: ast.Attribute) -> None:
        kind = self.kind_of(node.value).removeprefix("class ")
        if not kind:
            self._unknown(node)
        elif kind == "slicer.ui":
            if node.attr not in self.ui:
                self.complain(node, f"the .ui file has no {node.attr}")
        elif node.attr == "connect" and kind in self.names.drawn["widgets"]:
            return  # PythonQt's own; its signal was looked at
        elif node.attr.startswith("_") or not self.names.has(kind, node.attr):
            self.complain(node, f"{kind} has no {node.attr}")
        elif kind.startswith(("Q", "qMRML", "ctk")) and self.names.is_property(kind, node.attr):
            if not self.kind_of(node.value).startswith("class ") and kind not in _ATTRIBUTES:
                self.complain(node, f'read the property of {kind} by property("{node.attr}")')
        elif not self._can_be_called(kind, node):
            self.complain(node, f"{kind}.{node.attr} cannot be called from Python")

    def _can_be_called(self, kind: str, node: ast.Attribute) -> bool:
        if kind not in self.names.drawn["widgets"] or id(node) not in self.called:
            return True
        return self.names.has(kind, node.attr, kinds=("slots", "invokables"))

    def _unknown(self, node: ast.Attribute) -> None:
        root = node.value
        while isinstance(root, (ast.Attribute, ast.Call)):
            root = root.func if isinstance(root, ast.Call) else root.value
        if isinstance(root, ast.Name) and root.id in self.foreign:
            return
        name = node.attr
        if name in self.own or name.startswith("_") or name.islower() or "_" in name:
            return
        if name[0].isupper():
            if id(node) in self.called and name not in self.names.methods:
                self.complain(node, f"no class of MRML or VTK has {name}")
        elif name not in self.names.qt_names and name not in self.names.methods:
            self.complain(node, f"no class of Qt, CTK or Slicer has {name}")

    def _property_by_name(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Attribute) or not node.args:
            return
        first = node.args[0]
        if node.func.attr not in ("property", "setProperty") or not isinstance(first, ast.Constant):
            return
        kind = self.kind_of(node.func.value)
        if kind and not self.names.is_property(kind, str(first.value)):
            self.complain(node, f"{kind} has no property {first.value}")
        elif not kind and str(first.value) not in self.names.qt_names:
            self.complain(node, f"nothing has a property {first.value}")

    def _signal_by_name(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Attribute) or node.func.attr != "connect":
            return
        kind, words = self.kind_of(node.func.value), node.args[:1]
        if kind and words and isinstance(words[0], ast.Constant):
            signal = str(words[0].value).partition("(")[0]
            if not self.names.has(kind, signal, kinds=("signals",)):
                self.complain(node, f"{kind} has no signal {signal}")

    # what a thing is

    def kind_of(self, node: ast.AST) -> str:
        """The class of a thing, `class X` for the class itself, empty where it is unknown."""
        path = ast.unparse(node) if isinstance(node, (ast.Attribute, ast.Name)) else ""
        if path in ROOTS:
            return ROOTS[path]
        if isinstance(node, ast.Name):
            return self.local.get(node.id) or self._by_name(node.id)
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id in NAMESPACES:
                return f"class {node.attr}" if self.names.is_class(node.attr) else ""
            if self.kind_of(node.value) == "slicer.ui":
                return self.ui.get(node.attr, "")
            return self._by_name(node.attr)
        if isinstance(node, ast.Call):
            return self._given(node)
        return ""

    def _by_name(self, name: str) -> str:
        plain = name.lstrip("_")
        return "slicer.ui" if plain == "ui" else CALLED.get(plain, "")

    def _given(self, node: ast.Call) -> str:
        if ast.unparse(node.func) == "slicer.util.mainWindow":
            return "qSlicerMainWindow"
        made = self.kind_of(node.func)
        if made.startswith("class "):
            return made.removeprefix("class ")
        if not isinstance(node.func, ast.Attribute):
            return ""
        if node.func.attr in MADE_BY_NAME:
            words = [one.value for one in node.args if isinstance(one, ast.Constant)]
            return next((w for w in words if str(w).startswith("vtkMRML")), "")
        return GIVES.get((self.kind_of(node.func.value), node.func.attr), "")


_ATTRIBUTES = ("qSlicerApplication", "qSlicerLayoutManager")
"""Whose properties are attributes in the window too."""


def complaints_of(
    source: str, names: Names, ui: Mapping[str, str], own: frozenset[str] = frozenset()
) -> list[str]:
    """What in a file Slicer does not have, one line each."""
    reader = Reader(names, ui, own)
    reader.visit(ast.parse(source))
    return reader.complaints


def own_names(sources: Mapping[str, str]) -> frozenset[str]:
    """Every name that the files define themselves: functions, classes, arguments, attributes."""

    def defined(tree: ast.AST) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                yield node.name
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                if ast.unparse(node.value) == "self":
                    yield node.attr
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                yield node.target.id

    return frozenset(name for source in sources.values() for name in defined(ast.parse(source)))


def _top_level() -> set[str]:
    from Testing.slicer.known_names import UNLISTED

    return UNLISTED["slicer"]


def _vtk() -> object:
    import vtk

    return vtk
