"""`slicer.modules` and the module manager: the modules that this window has."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import slicer
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from ..widgets.mrml_widget import qSlicerWidget

_UNLOADED = "moduleAboutToBeUnloaded(QString)"


class Module:
    """A module as `slicer.modules.NAME`: what it says of itself, its logic, its panel."""

    def __init__(self, name: str, path: str = "", logic: Any = None) -> None:
        self.name = name
        self.path = path
        self._logic = logic
        self._panel: Any = None

    def logic(self) -> Any:
        return self._logic

    def widgetRepresentation(self) -> Any:
        """The panel of a scripted module, made at the first call."""
        if self._panel is None and self.path:
            self._panel = qSlicerScriptedLoadableModuleWidget(self)
            self._panel.reload()
        return self._panel


class qSlicerScriptedLoadableModuleWidget(qSlicerWidget):
    """The widget a scripted module's panel is laid out in."""

    def __init__(self, module: Module, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{module.name}ModuleWidget")
        self._module = module
        self._python: Any = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        self.setMRMLScene(slicer.mrmlScene)

    def self(self) -> Any:
        return self._python

    def reload(self) -> None:
        """Make the panel of the module's class as it is now."""
        source = sys.modules[self._module.name]
        self._python = getattr(source, f"{self._module.name}Widget")(self)
        setattr(slicer.modules, f"{self._module.name}Widget", self._python)
        self._python.setup()

    def enter(self) -> None:
        getattr(self._python, "enter", lambda: None)()

    def exit(self) -> None:
        getattr(self._python, "exit", lambda: None)()


class ModuleManager:
    """Loads scripted modules, and tells them when they go."""

    def __init__(self) -> None:
        self._slots: list[Callable[[str], Any]] = []
        self._modules: dict[str, Module] = {}

    def connect(self, signal: str, slot: Callable[[str], Any]) -> bool:
        if signal == _UNLOADED:
            self._slots.append(slot)
        return signal == _UNLOADED

    def disconnect(self, signal: str, slot: Callable[[str], Any]) -> bool:
        if signal == _UNLOADED and slot in self._slots:
            self._slots.remove(slot)
            return True
        return False

    def module(self, name: str) -> Module | None:
        return self._modules.get(name)

    def modulesNames(self) -> list[str]:
        return list(self._modules)

    def _add(self, module: Module) -> Module:
        self._modules[module.name] = module
        setattr(slicer.modules, module.name.lower(), module)
        return module

    def _unload(self) -> None:
        for slot, name in [(s, n) for n in self._modules for s in list(self._slots)]:
            slot(name)


def load_module(manager: ModuleManager, path: Path) -> Module:
    """Load a scripted module from its file, as Slicer does at its start."""
    name = path.stem
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{path.name} is no Python file: give a scripted module.")
    source: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[name] = source
    spec.loader.exec_module(source)
    module = manager._add(Module(name, str(path)))
    getattr(source, name)(module)
    return module
