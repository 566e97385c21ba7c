"""Draw the project's list of Slicer's names from the list of a Slicer release.

    python Testing/slicer/draw_names.py SLICER_API.json

takes of that list (Qt classes by their headers, Python modules by their files) what the module and
the window refer to, with all names of each class, and writes `slicer_names.json` beside this file.
Only names are kept. Run it again when the module uses a class it did not use before; a class that
Slicer does not have cannot come in this way.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MODULE = HERE.parents[1] / "SlicerSynth"
LIST = HERE / "slicer_names.json"
WIDGET = re.compile(r"\b((?:qMRML|qSlicer|ctk)[A-Z]\w*)")
ALWAYS = (
    "qSlicerApplication",
    "qSlicerLayoutManager",
    "qSlicerCoreIOManager",
    "qSlicerModuleManager",
    "qSlicerAbstractCoreModule",
    "qSlicerMainWindow",
    "qMRMLSliceWidget",
    "qMRMLThreeDWidget",
    "qMRMLPlotWidget",
)
"""What is reached by calls rather than by name."""
FILES = {
    "slicer.ScriptedLoadableModule": r"slicer/ScriptedLoadableModule\.py$",
    "slicer.i18n": r"slicer/i18n\.py$",
    "slicer.packaging": r"slicer/packaging\.py$",
    "slicer.parameterNodeWrapper": r"slicer/parameterNodeWrapper/",
    "slicer.util": r"slicer/util\.py$",
    "DICOMLib": r"DICOMLib/",
}
KINDS = ("properties", "signals", "slots", "invokables")


def draw(api: dict[str, Any], words: set[str]) -> dict[str, Any]:
    """The part of `api` that has to do with `words`."""
    widgets: dict[str, Any] = {}
    waiting = sorted(words & set(api["qt_classes"]))
    while waiting:
        name = waiting.pop()
        found = api["qt_classes"].get(name)
        if found is not None and name not in widgets:
            widgets[name] = {"base": found["base"], **{k: sorted(found[k]) for k in KINDS}}
            waiting.append(found["base"])
    python: dict[str, Any] = {}
    for module, pattern in FILES.items():
        entry = python.setdefault(module, {"functions": [], "classes": {}})
        for file, found in api["python"].items():
            if re.search(pattern, file):
                entry["functions"] = sorted({*entry["functions"], *found["functions"]})
                for name, one in found["classes"].items():
                    entry["classes"][name] = sorted(one["methods"])
    return {"slicer": api["slicer"], "widgets": dict(sorted(widgets.items())), "python": python}


def words_of(folder: Path) -> set[str]:
    """Every name of a widget class that stands in the module, its .ui files or the window."""
    texts = [p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.suffix in (".py", ".ui")]
    return {*ALWAYS, *(word for text in texts for word in WIDGET.findall(text))}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    api = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    drawn = draw(api, words_of(MODULE))
    LIST.write_text(json.dumps(drawn, indent=1) + "\n", encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
