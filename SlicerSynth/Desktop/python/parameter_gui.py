"""Keep a widget and a parameter equal, for the pairs that Slicer's own wrapper knows."""

from __future__ import annotations

import enum
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt5 import QtWidgets

from ..widgets.by_name import ctkPathLineEdit, ctkSliderWidget
from ..widgets.node_combo_box import qMRMLNodeComboBox
from .parameter_types import Choice, Maximum, Minimum, Parameter, WithinRange, is_node_type


class GuiConnector:
    """One widget: how its value is read, set, and heard of."""

    def __init__(
        self,
        widget: Any,
        signal: str,
        read: Callable[[], Any],
        write: Callable[[Any], None],
    ) -> None:
        self._widget = widget
        self._signal = signal
        self._slot: Callable[..., None] | None = None
        self.read = read
        self.write = write

    def widget(self) -> Any:
        return self._widget

    def onChanged(self, callback: Callable[[], None] | None) -> None:
        """Call back at each change; None ends it."""
        signal = getattr(self._widget, self._signal)
        if self._slot is not None:
            signal.disconnect(self._slot)
            self._slot = None
        if callback is not None:
            self._slot = lambda *_: callback()
            signal.connect(self._slot)


def make_connector(widget: Any, parameter: Parameter) -> GuiConnector:
    """The connector of a widget and a parameter.

    Raises
    ------
    RuntimeError
        If Slicer's wrapper has none for this pair either.
    """
    kinds = typing.get_args(parameter.kind) or (parameter.kind,)
    kind = kinds[0]
    if isinstance(widget, qMRMLNodeComboBox) and is_node_type(kind):
        return GuiConnector(widget, "currentNodeChanged", widget.currentNode, widget.setCurrentNode)
    if len(kinds) > 1:
        raise _refusal(widget, parameter)
    if type(widget) in (QtWidgets.QCheckBox, QtWidgets.QPushButton) and kind is bool:
        if isinstance(widget, QtWidgets.QPushButton):
            widget.setCheckable(True)
        return _by_property(widget, "toggled", "checked")
    if type(widget) in (QtWidgets.QSlider, QtWidgets.QSpinBox) and kind is int:
        return _ranged(widget, parameter)
    if type(widget) in (QtWidgets.QDoubleSpinBox, ctkSliderWidget) and kind in (float, int):
        return _ranged(widget, parameter)
    if type(widget) is QtWidgets.QComboBox:
        return _combo(widget, parameter, kind)
    if type(widget) is QtWidgets.QLineEdit and kind is str:
        return _by_property(widget, "textChanged", "text")
    if type(widget) is QtWidgets.QTextEdit and kind is str:
        return GuiConnector(widget, "textChanged", widget.toPlainText, widget.setPlainText)
    if type(widget) is ctkPathLineEdit and kind is Path:
        return GuiConnector(
            widget,
            "currentPathChanged",
            lambda: Path(widget.property("currentPath")),
            lambda path: widget.setCurrentPath(str(path)),
        )
    raise _refusal(widget, parameter)


def _by_property(widget: Any, signal: str, name: str) -> GuiConnector:
    return GuiConnector(
        widget,
        signal,
        lambda: widget.property(name),
        lambda value: widget.property(name) == value or widget.setProperty(name, value),
    )


def _ranged(widget: Any, parameter: Parameter) -> GuiConnector:
    unbounded = True
    for rule in parameter.annotations:
        if isinstance(rule, (WithinRange, Minimum)):
            widget.setProperty("minimum", rule.minimum)
        if isinstance(rule, (WithinRange, Maximum)):
            widget.setProperty("maximum", rule.maximum)
        unbounded = unbounded and not isinstance(rule, WithinRange)
    if unbounded and isinstance(widget, (QtWidgets.QSlider, ctkSliderWidget)):
        raise RuntimeError(
            f"Parameter {parameter.name}: a slider needs the annotation WithinRange."
        )
    return _by_property(widget, "valueChanged", "value")


def _combo(widget: Any, parameter: Parameter, kind: Any) -> GuiConnector:
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        values = list(kind)
        texts = [value.name for value in values]
    else:
        rules = [rule for rule in parameter.annotations if isinstance(rule, Choice)]
        if not rules:
            raise RuntimeError(
                f"Parameter {parameter.name}: a combo box needs the annotation Choice."
            )
        values = list(rules[0].choices)
        texts = [str(value) for value in values]
    widget.clear()
    widget.addItems(texts)
    return GuiConnector(
        widget,
        "currentIndexChanged",
        lambda: values[widget.currentIndex()],
        lambda value: widget.setCurrentIndex(values.index(value)),
    )


def _refusal(widget: Any, parameter: Parameter) -> RuntimeError:
    return RuntimeError(
        f"Parameter {parameter.name}: {type(widget).__name__} cannot show {parameter.kind}."
    )
