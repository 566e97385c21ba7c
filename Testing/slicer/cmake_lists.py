"""The lists of files in CMake: what they say, and what they should say.

`python -m Testing.slicer.cmake_lists` writes them anew after files have come or gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULE, ENGINE = ROOT / "SlicerSynth", ROOT / "SynthCore"
NOT_IN_SLICER = ("Desktop", "Testing")
"""Folders of the module that are not installed into Slicer."""


@dataclass(frozen=True)
class FileList:
    """One variable of one CMake file, and the files that belong in it."""

    cmake: Path
    variable: str
    expected: tuple[str, ...]

    @property
    def listed(self) -> list[str]:
        """What stands in the CMake file."""
        return self._block().group(1).split()

    def write(self) -> None:
        """Put there what belongs there."""
        lines = "".join(f"  {name}\n" for name in self.expected)
        found, text = self._block(), self.cmake.read_text(encoding="utf-8")
        new = f"set({self.variable}\n{lines}  )"
        self.cmake.write_text(text[: found.start()] + new + text[found.end() :], encoding="utf-8")

    def _block(self) -> re.Match[str]:
        text = self.cmake.read_text(encoding="utf-8")
        found = re.search(rf"set\({self.variable}\n([^)]*)\)", text)
        assert found is not None, f"{self.cmake.name} does not set {self.variable}"
        return found


def lists() -> tuple[FileList, ...]:
    """Every list there is."""
    module = MODULE / "CMakeLists.txt"
    engine = ENGINE / "files.cmake"
    return (
        FileList(module, "MODULE_PYTHON_SCRIPTS", _files(MODULE, MODULE, python=True)),
        FileList(module, "MODULE_PYTHON_RESOURCES", _files(MODULE, MODULE / "Resources")),
        FileList(engine, "SYNTHCORE_PYTHON_SCRIPTS", _files(ROOT, ENGINE, python=True)),
        FileList(
            engine,
            "SYNTHCORE_PYTHON_RESOURCES",
            (
                "constraints.txt",
                "pyproject.toml",
                *_files(ROOT, ROOT / "Resources" / "Models"),
                *(name for name in _files(ROOT, ENGINE) if not name.endswith((".py", ".cmake"))),
            ),
        ),
    )


def _files(base: Path, folder: Path, python: bool = False) -> tuple[str, ...]:
    names = []
    for path in folder.rglob("*.py" if python else "*"):
        place = path.relative_to(base)
        hidden = any(part.startswith((".", "__pycache__")) for part in place.parts)
        if path.is_file() and not hidden and place.parts[0] not in NOT_IN_SLICER:
            names.append(place.as_posix())
    return tuple(sorted(names, key=lambda name: (name.count("/") > 0, name)))


if __name__ == "__main__":
    for one in lists():
        one.write()
