"""What runs inside Slicer stands on little: few rooms of SynthCore, and nothing that computes."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from Testing.test_house import imported_packages, imported_rooms

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "SlicerSynth"
LIBRARY = EXTENSION / "SlicerSynthLib"
DESKTOP = EXTENSION / "Desktop"

ROOMS = {"image", "request", "protocol", "tasks", "errors", "dicom"}
ENGINE_SIDE = {LIBRARY / "start_engine.py"}
"""Files that the engine's own process runs, never Slicer's."""

HEAVY = {"torch", "torchvision", "torchmetrics", "openvino", "monai", "skimage"}
FROM_SLICER = {"slicer", "vtk", "qt", "ctk", "DICOMLib", "SampleData"}
FROM_AN_EXTENSION = {"PyTorchUtils"}
"""Not there until a person installs it: imported on a click, never with the module."""
OWN = {"SynthCore", "SlicerSynthLib", "numpy"}
WITHOUT_A_SCENE = (
    "client", "endings", "engine", "estimates", "pipes", "process", "settings", "tickets", "tree",
)  # fmt: skip
"""Parts that know neither Slicer nor Qt."""
LONGEST = 200
LONGEST_MODULE = 150

SOURCES = sorted(EXTENSION.rglob("*.py"))
INSIDE_SLICER = [path for path in SOURCES if DESKTOP not in path.parents]


def packages(path: Path) -> set[str]:
    return imported_packages(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return path.relative_to(EXTENSION).as_posix()


def through_the_door(source: str) -> set[str]:
    """Names taken from SynthCore itself, which opens the engine to give them."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name == "SynthCore"}
        elif isinstance(node, ast.ImportFrom) and node.module == "SynthCore":
            found |= {alias.name for alias in node.names} - ROOMS
    return found


def test_names_taken_from_the_engine_itself_are_found() -> None:
    source = "import SynthCore\nimport SynthCore.image\nfrom SynthCore import synthesize, image"
    assert through_the_door(source) == {"SynthCore", "synthesize"}


@pytest.mark.parametrize("path", [p for p in SOURCES if p not in ENGINE_SIDE], ids=name)
def test_only_the_light_rooms_of_the_engine_are_entered(path: Path) -> None:
    entered = {room: line for room, line in imported_rooms(path) if room not in ROOMS}
    assert not entered, f"rooms and lines: {entered}"
    assert not through_the_door(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_nothing_that_computes_is_imported(path: Path) -> None:
    assert not packages(path) & HEAVY


@pytest.mark.parametrize("path", INSIDE_SLICER, ids=name)
def test_the_module_imports_what_slicer_has_and_nothing_else(path: Path) -> None:
    siblings = {p.stem for p in EXTENSION.glob("*.py")}
    allowed = sys.stdlib_module_names | FROM_SLICER | FROM_AN_EXTENSION | OWN | siblings
    assert not packages(path) - allowed
    at_import = ast.parse(path.read_text(encoding="utf-8")).body
    lines = [
        ast.unparse(node) for node in at_import if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not imported_packages("\n".join(lines)) & FROM_AN_EXTENSION


@pytest.mark.parametrize("path", INSIDE_SLICER, ids=name)
def test_what_runs_in_the_engine_is_imported_by_nobody(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for engine_side in ENGINE_SIDE:
        assert f"import {engine_side.stem}" not in text
        assert f"SlicerSynthLib.{engine_side.stem} import" not in text


@pytest.mark.parametrize("part", WITHOUT_A_SCENE)
def test_the_client_knows_neither_slicer_nor_qt(part: str) -> None:
    assert not packages(LIBRARY / f"{part}.py") & FROM_SLICER


def test_the_logic_knows_no_qt() -> None:
    assert not packages(LIBRARY / "logic.py") & {"qt", "ctk", "PythonQt"}


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_files_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines < (LONGEST_MODULE if path.name == "SlicerSynth.py" else LONGEST)


def test_the_client_loads_nothing_heavy() -> None:
    """What SynthCore's rooms import in turn counts too."""
    script = (
        "import sys\n"
        f"for part in {WITHOUT_A_SCENE!r}:\n"
        "    __import__('SlicerSynthLib.' + part)\n"
        "import SynthCore.tasks, SynthCore.dicom.roles, SynthCore.dicom.headers\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    paths = os.pathsep.join((str(ROOT), str(EXTENSION)))
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
