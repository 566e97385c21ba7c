"""`slicer.parameterNodeWrapper`: typed attributes that live in the module's parameter node."""

from __future__ import annotations

import typing
from typing import Any

import slicer
import vtk
from PyQt5 import sip
from PyQt5.QtWidgets import QWidget

from .parameter_gui import make_connector
from .parameter_types import Choice, Default, Maximum, Minimum, WithinRange, make_parameter

__all__ = [
    "Choice",
    "Default",
    "Maximum",
    "Minimum",
    "SlicerParameterNamePropertyName",
    "WithinRange",
    "isParameterNodeWrapper",
    "parameterNodeWrapper",
]

SlicerParameterNamePropertyName = "SlicerParameterName"
"""The property by which a widget of a .ui file names its parameter."""


class _Wrapper:
    """What the decorator adds to a class of parameters."""

    allParameters: typing.ClassVar[dict[str, Any]]

    def __init__(self, parameterNode: Any) -> None:
        self.parameterNode = parameterNode
        self._guis: dict[int, tuple[dict[str, Any], int]] = {}
        self._next_tag = 0
        self._updating = False
        for parameter in self.allParameters.values():
            if not parameter.is_in(parameterNode):
                parameter.write(parameterNode, parameter.default)

    def default(self, paramName: str) -> Default:
        return Default(self.allParameters[paramName].default)

    @classmethod
    def dataType(cls, membername: str) -> Any:
        return cls.allParameters[membername].kind

    def getValue(self, name: str) -> Any:
        return self.allParameters[name].read(self.parameterNode)

    def setValue(self, name: str, value: Any) -> None:
        self.allParameters[name].write(self.parameterNode, value)

    def connectGui(self, gui: Any) -> int:
        """Keep every widget that names a parameter equal to it; the tag undoes it."""
        widgets = (
            gui.findChildren(QWidget)
            if isinstance(gui, QWidget)
            else [one for one in vars(gui).values() if hasattr(one, "property")]
        )
        named = {widget.property(SlicerParameterNamePropertyName): widget for widget in widgets}
        return self.connectParametersToGui({name: w for name, w in named.items() if name})

    def connectParametersToGui(self, mapping: dict[str, Any]) -> int:
        """Keep these widgets equal to these parameters; the tag undoes it."""
        connectors = {
            name: make_connector(widget, self.allParameters[name])
            for name, widget in mapping.items()
        }
        for name, connector in connectors.items():
            connector.write(self.getValue(name))
            connector.onChanged(lambda n=name, c=connector: self._from_gui(n, c))
        observer = self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: self._to_gui())
        tag = self._next_tag
        self._next_tag += 1
        self._guis[tag] = (connectors, observer)
        return tag

    def disconnectGui(self, guiTag: int | None) -> None:
        connectors, observer = self._guis.pop(guiTag, ({}, None))  # type: ignore[call-overload]
        for connector in connectors.values():
            if not sip.isdeleted(connector.widget()):
                connector.onChanged(None)
        if observer is not None:
            self.RemoveObserver(observer)

    def StartModify(self) -> Any:
        return self.parameterNode.StartModify()

    def EndModify(self, wasModified: Any) -> Any:
        return self.parameterNode.EndModify(wasModified)

    def Modified(self) -> None:
        self.parameterNode.Modified()

    def AddObserver(self, event: Any, callback: Any, priority: float = 0.0) -> int:
        return int(self.parameterNode.AddObserver(event, callback, priority))

    def RemoveObserver(self, tag: int) -> None:
        self.parameterNode.RemoveObserver(tag)

    def _from_gui(self, name: str, connector: Any) -> None:
        if not self._updating:
            with slicer.util.NodeModify(self):
                self.setValue(name, connector.read())

    def _to_gui(self) -> None:
        if self._updating:
            return
        self._updating = True
        try:
            for connectors, _ in list(self._guis.values()):
                for name, connector in connectors.items():
                    if not sip.isdeleted(connector.widget()):
                        connector.write(self.getValue(name))
        finally:
            self._updating = False


def parameterNodeWrapper(classtype: Any = None) -> Any:
    """Make a class of typed attributes a view of a parameter node, given to its constructor."""
    if classtype is None:
        return parameterNodeWrapper
    hints = typing.get_type_hints(classtype, include_extras=True)
    parameters = {
        name: make_parameter(name, hint, getattr(classtype, name, None))
        for name, hint in hints.items()
    }
    for name in parameters:
        if hasattr(_Wrapper, name):
            raise ValueError(f"Cannot use reserved name '{name}' in a parameterNodeWrapper")
        setattr(classtype, name, _attribute(name))
    members = {"allParameters": parameters, "_is_parameter_node_wrapper": True}
    made = type(classtype.__name__, (classtype, _Wrapper), members)
    made.__init__ = _Wrapper.__init__  # type: ignore[misc]
    made.__module__, made.__doc__ = classtype.__module__, classtype.__doc__
    return made


def isParameterNodeWrapper(classOrObj: Any) -> bool:
    """Whether this was made by `parameterNodeWrapper`."""
    return bool(getattr(classOrObj, "_is_parameter_node_wrapper", False))


def _attribute(name: str) -> property:
    return property(
        lambda self: self.getValue(name), lambda self, value: self.setValue(name, value)
    )
