"""Read a .ui file for classes, properties, signals and slots."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

from Testing.slicer.known_names import Names

OWN = "SlicerParameterName"
"""The property by which a widget names its parameter: Slicer reads it from any widget."""


def classes_in(text: str) -> dict[str, str]:
    """Name to class of everything that has a name."""
    root = ElementTree.fromstring(text)  # noqa: S314 - a file of the project
    kinds = ("widget", "layout", "action", "spacer")
    return {
        one.get("name", ""): one.get("class", "QAction")
        for kind in kinds
        for one in root.iter(kind)
    }


def complaints_in(text: str, names: Names) -> list[str]:
    """What in a .ui file Slicer does not have, one line each."""
    root = ElementTree.fromstring(text)  # noqa: S314 - a file of the project
    return list(_complaints(root, classes_in(text), names))


def _complaints(root: ElementTree.Element, classes: dict[str, str], names: Names) -> Iterator[str]:
    for element in [*root.iter("widget"), *root.iter("layout")]:
        kind = element.get("class", "")
        if not names.is_class(kind):
            yield f"{element.get('name')}: there is no class {kind}"
            continue
        for setting in element.iterfind("property"):
            name = setting.get("name", "")
            margin = (element.tag == "layout" and "argin" in name) or "pacing" in name
            if name != OWN and not margin and not names.is_property(kind, name):
                yield f"{element.get('name')}: {kind} has no property {name}"
    for link in root.iterfind("connections/connection"):
        for end, what, kinds in (
            ("sender", "signal", ("signals",)),
            ("receiver", "slot", ("slots", "signals")),
        ):
            kind = classes.get(link.findtext(end, ""), "")
            name = link.findtext(what, "").partition("(")[0]
            if not names.has(kind, name, kinds=kinds):
                yield f"{link.findtext(end)}: {kind} has no {what} {name}"
