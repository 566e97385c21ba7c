"""Lay views out as Slicer's layout description (XML) says."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QGridLayout, QSplitter, QTabWidget, QWidget

type_of_view = Callable[[str, str], QWidget | None]


def arrange(description: str, widget_of: type_of_view) -> QWidget:
    """One widget that holds the views of a layout.

    Parameters
    ----------
    widget_of
        Gives the widget of a view by its class and its name, None for what is not shown here.
    """
    root = ElementTree.fromstring(description)  # noqa: S314 - written by Slicer or the module
    return _layout(root, widget_of)


def _layout(element: ElementTree.Element, widget_of: type_of_view) -> QWidget:
    kind = element.get("type", "horizontal")
    items = [
        (item, widget) for item in element.findall("item") if (widget := _item(item, widget_of))
    ]
    if kind == "grid":
        return _grid(items)
    if kind == "tab":
        tabs = QTabWidget()
        for item, widget in items:
            tabs.addTab(widget, item.get("name", ""))
        return tabs
    splitter = QSplitter(Qt.Vertical if kind == "vertical" else Qt.Horizontal)
    splitter.setHandleWidth(3)
    splitter.setChildrenCollapsible(False)
    for _, widget in items:
        splitter.addWidget(widget)
    splitter.setSizes([1000] * len(items))
    return splitter


def _grid(items: list[tuple[ElementTree.Element, QWidget]]) -> QWidget:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(3)
    for item, widget in items:
        place = [int(item.get(name, default)) for name, default in _GRID]
        grid.addWidget(widget, *place)
    return holder


_GRID = (("row", "0"), ("column", "0"), ("rowspan", "1"), ("colspan", "1"))


def _item(item: ElementTree.Element, widget_of: type_of_view) -> QWidget | None:
    inner = item.find("layout")
    if inner is not None:
        return _layout(inner, widget_of)
    view = item.find("view")
    if view is None:
        return None
    return widget_of(view.get("class", ""), view.get("singletontag", ""))
