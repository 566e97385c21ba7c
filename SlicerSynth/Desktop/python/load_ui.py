"""Make widgets from a .ui file, with CTK's and MRML's among them."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

from PyQt5 import uic
from PyQt5.QtCore import QObject

_WIDGETS = f"{__package__.rpartition('.')[0]}.widgets.by_name"


def load_ui(path: str) -> Any:
    """The outermost widget of a .ui file.

    Raises
    ------
    RuntimeError
        If there is no such file.
    """
    if not Path(path).is_file():
        raise RuntimeError(f"Could not load UI file: {Path(path).name} was not found.")
    document = ElementTree.parse(path)  # noqa: S314 - a file of the module itself
    root = document.getroot()
    for header in root.iterfind("customwidgets/customwidget/header"):
        header.text = _WIDGETS
    for element in root.iter("widget"):
        if not element.get("class", "").startswith("Q"):
            for setting in element.iterfind("property"):
                setting.set("stdset", "0")  # by name: PythonQt has no setters for them either
    links = root.find("connections")
    if links is not None:
        root.remove(links)
    buffer = io.BytesIO()
    document.write(buffer, encoding="utf-8", xml_declaration=True)
    buffer.seek(0)
    widget = uic.loadUi(buffer)
    for link in links if links is not None else ():
        _connect(widget, link)
    return widget


def _connect(widget: Any, link: ElementTree.Element) -> None:
    def named(tag: str) -> Any:
        name = link.findtext(tag, "")
        return widget if name == widget.objectName() else widget.findChild(QObject, name)

    signal = link.findtext("signal", "").partition("(")[0]
    slot = link.findtext("slot", "").partition("(")[0]
    getattr(named("sender"), signal).connect(getattr(named("receiver"), slot))
