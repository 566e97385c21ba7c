"""The house stands as CONTRIBUTING.md says: imports point downwards, rooms stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "SynthCore"

FLOORS = [
    {"axes", "errors", "image", "itk", "staging", "words", "__init__"},
    {"tasks", "physics"},
    {"request", "models"},
    {"files", "quality", "dicom", "protocol"},
    {"engine", "training", "demo", "lesions", "teaching", "people"},
    {"augment", "bench", "cohort", "planning", "one_run", "worker", "readers"},
    {"cli"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
LONGEST = 350
DESKTOP = {"slicer", "qt", "ctk", "vtk", "vtkmodules", "vtkAddon", "PyQt5", "PyQt6", "PythonQt",
           "PySide2", "PySide6", "qtpy", "trame", "trame_slicer", "mrml"}  # fmt: skip


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> Iterator[tuple[str, int]]:
    """Rooms of SynthCore that a file imports, with the line, the type checker's imports aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "SynthCore":
                names = [f"SynthCore.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "SynthCore" and len(parts) > 1 and parts[1] in LEVEL:
                yield parts[1], node.lineno


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_downwards(path: Path) -> None:
    room = room_of(path)
    assert room in LEVEL, f"{room} stands on no floor"
    for other, line in imported_rooms(path):
        if room == "__init__" or other == room:
            continue
        assert LEVEL[other] <= LEVEL[room], f"line {line}: {room} imports {other} from above"


def test_no_two_rooms_import_each_other() -> None:
    edges = {
        (room_of(path), other)
        for path in sources()
        for other, _ in imported_rooms(path)
        if room_of(path) not in (other, "__init__")
    }
    assert not {(a, b) for a, b in edges if (b, a) in edges}


def test_no_file_is_too_long() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long


def imported_packages(source: str) -> set[str]:
    """First component of every module that a source imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


def test_imports_are_found_however_they_are_written() -> None:
    source = (
        "import slicer.util as u, os.path\ndef f():\n    from vtk.util import x\nfrom qt import Q"
    )
    assert imported_packages(source) == {"slicer", "os", "vtk", "qt"}


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_nothing_here_knows_slicer_or_qt(path: Path) -> None:
    assert not imported_packages(path.read_text(encoding="utf-8")) & DESKTOP


def test_weights_are_small_and_safe() -> None:
    files = [p for p in (ROOT / "Resources" / "Models").rglob("*") if p.is_file()]
    assert {p.suffix for p in files} <= {".json", ".md", ".safetensors", ".png"}
    assert all(p.stat().st_size < 9_000_000 for p in files)
