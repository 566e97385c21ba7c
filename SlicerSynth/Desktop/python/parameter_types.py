"""How one typed parameter is kept in a vtkMRMLScriptedModuleNode, written as Slicer writes it.

The same names and texts as Slicer's own wrapper, so that a scene saved here opens there as it was,
and the other way round.
"""

from __future__ import annotations

import enum
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import slicer


@dataclass(frozen=True)
class Default:
    """The value a parameter has before anyone sets it."""

    value: Any = None
    generator: Callable[[], Any] | None = None

    def get(self) -> Any:
        return self.value if self.generator is None else self.generator()


@dataclass(frozen=True)
class Choice:
    """Only these values."""

    choices: typing.Sequence[Any]

    def validate(self, value: Any) -> None:
        if value not in self.choices:
            raise ValueError(f"Value {value!r} is not one of {list(self.choices)}.")


@dataclass(frozen=True)
class Minimum:
    """No smaller value."""

    minimum: float

    def validate(self, value: Any) -> None:
        if value < self.minimum:
            raise ValueError(f"Value {value} is below {self.minimum}.")


@dataclass(frozen=True)
class Maximum:
    """No larger value."""

    maximum: float

    def validate(self, value: Any) -> None:
        if value > self.maximum:
            raise ValueError(f"Value {value} is above {self.maximum}.")


@dataclass(frozen=True)
class WithinRange:
    """No value outside."""

    minimum: float
    maximum: float

    def validate(self, value: Any) -> None:
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"Value {value} is outside {self.minimum} to {self.maximum}.")


@dataclass(frozen=True)
class Parameter:
    """One parameter: how it is named, checked, written and read."""

    name: str
    kind: Any
    annotations: tuple[Any, ...] = ()
    default: Any = field(default=None)

    def is_in(self, node: Any) -> bool:
        return any(node.HasParameter(name) for name, _ in self._places())

    def write(self, node: Any, value: Any) -> None:
        for rule in self.annotations:
            if hasattr(rule, "validate") and value is not None:
                rule.validate(value)
        places = self._places()
        several = len(places) > 1  # then None has a place of its own
        fitting = [place for place in places if _fits(place[1], value, several)]
        if not fitting:
            raise TypeError(f"Parameter {self.name} does not take {type(value).__name__}.")
        with slicer.util.NodeModify(node):
            for name, kind in places:
                if (name, kind) != fitting[0]:
                    _remove(node, name, kind)
            _write(node, *fitting[0], value)

    def read(self, node: Any) -> Any:
        for name, kind in self._places():
            if node.HasParameter(name):
                return _read(node, name, kind)
        self.write(node, self.default)
        return self.default

    def _places(self) -> list[tuple[str, Any]]:
        if typing.get_origin(self.kind) is not typing.Union:
            return [(self.name, self.kind)]
        kinds = typing.get_args(self.kind)
        return [(f"{self.name}_{index}", kind) for index, kind in enumerate(kinds)]


def make_parameter(name: str, hint: Any, default: Any) -> Parameter:
    """The parameter that a class declares by `name: hint = default`.

    Raises
    ------
    TypeError
        If a parameter node of this window cannot keep such a type.
    """
    kind, annotations = hint, ()
    if typing.get_origin(hint) is typing.Annotated:
        kind, *rest = typing.get_args(hint)
        annotations = tuple(rest)
    kinds = typing.get_args(kind) if typing.get_origin(kind) is typing.Union else (kind,)
    if not all(_known(one) for one in kinds):
        raise TypeError(f"Parameter {name}: a parameter node cannot keep {hint}.")
    given = [note for note in annotations if isinstance(note, Default)]
    if default is not None and isinstance(default, Default):
        default = default.get()
    elif default is None and given:
        default = given[0].get()
    elif default is None:
        default = None if type(None) in kinds else _blank(kinds[0])
    return Parameter(name, kind, annotations, default)


def is_node_type(kind: Any) -> bool:
    """Whether this type is a class of MRML nodes."""
    return isinstance(kind, type) and issubclass(kind, slicer.vtkMRMLNode)


def _known(kind: Any) -> bool:
    plain = kind in (str, bool, int, float, Path, type(None))
    return plain or is_node_type(kind) or (isinstance(kind, type) and issubclass(kind, enum.Enum))


def _blank(kind: Any) -> Any:
    if is_node_type(kind):
        return None
    return next(iter(kind)) if issubclass(kind, enum.Enum) else kind()


def _fits(kind: Any, value: Any, several: bool) -> bool:
    if is_node_type(kind):
        return isinstance(value, kind) or (value is None and not several)
    if kind is float:
        return isinstance(value, (int, float))
    return isinstance(value, kind)


def _write(node: Any, name: str, kind: Any, value: Any) -> None:
    if is_node_type(kind):
        node.SetParameter(name, "")
        node.SetNodeReferenceID(name, value.GetID() if value is not None else None)
    elif kind is type(None):
        node.SetParameter(name, "True")
    elif isinstance(value, enum.Enum):
        node.SetParameter(name, value.name)
    else:
        node.SetParameter(name, str(value))


def _read(node: Any, name: str, kind: Any) -> Any:
    if is_node_type(kind):
        return node.GetNodeReference(name)
    if kind is type(None):
        return None
    text = node.GetParameter(name)
    if kind is bool:
        return text == "True"
    return kind[text] if issubclass(kind, enum.Enum) else kind(text)


def _remove(node: Any, name: str, kind: Any) -> None:
    if node.HasParameter(name):
        node.UnsetParameter(name)
    if is_node_type(kind):
        node.RemoveNodeReferenceIDs(name)
