"""The Slicer extension: every file that is needed is installed, none that is not there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from Testing.slicer.cmake_lists import MODULE, ROOT, FileList, lists


@pytest.mark.parametrize("files", lists(), ids=lambda files: files.variable)
def test_every_file_is_listed(files: FileList) -> None:
    """After files have come or gone: `python -m Testing.slicer.cmake_lists`."""
    listed = files.listed
    assert len(listed) == len(set(listed)), "a file is listed twice"
    assert set(files.expected) - set(listed) == set(), "not installed into Slicer"
    assert set(listed) - set(files.expected) == set(), "listed, but not there"


def test_what_is_tracked_is_what_is_listed() -> None:
    """A file that was never committed is on this machine alone."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("there is no git, or this is no working copy")
    shown = subprocess.run([git, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    tracked = set(shown.stdout.splitlines())
    for files in lists():
        base = files.cmake.parent.relative_to(ROOT) if files.cmake.parent == MODULE else Path()
        missing = {(base / name).as_posix() for name in files.listed} - tracked
        assert not missing, "listed, but not committed"


def test_the_extension_says_what_the_index_asks() -> None:
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    fields = dict(re.findall(r'set\((EXTENSION_\w+) "([^"]*)"\)', text))
    assert fields["EXTENSION_CATEGORY"] == "Image Synthesis"
    assert set(fields) == {
        f"EXTENSION_{name}"
        for name in (
            "HOMEPAGE", "CATEGORY", "CONTRIBUTORS", "DESCRIPTION", "ICONURL", "SCREENSHOTURLS",
            "DEPENDS",
        )
    }  # fmt: skip
    assert re.search(r"^project\((\w+)\)", text, re.MULTILINE).group(1) == "Synth"
    for field in ("EXTENSION_ICONURL", "EXTENSION_SCREENSHOTURLS"):
        for url in fields[field].split():
            place = url.partition("/main/")[2]
            assert (ROOT / place).is_file(), f"{place} is not there"


def test_the_entry_of_the_extensions_index() -> None:
    """Its fields are those of the index's schema 1.0.1; its name is the file's."""
    path = ROOT / "docs" / "Synth.json"
    entry = json.loads(path.read_text(encoding="utf-8"))
    assert set(entry) == {
        "$schema", "build_dependencies", "build_subdirectory", "category", "scm_revision",
        "scm_url", "tier",
    }  # fmt: skip
    assert entry["tier"] == 3 and entry["build_dependencies"] == ["PyTorch"]
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert f'(EXTENSION_CATEGORY "{entry["category"]}")' in text
    assert f'(EXTENSION_HOMEPAGE "{entry["scm_url"]}")' in text
    assert not path.stem.startswith("Slicer"), "the index refuses such a name"


def test_the_module_file_is_short() -> None:
    assert len((MODULE / "SlicerSynth.py").read_text(encoding="utf-8").splitlines()) < 150


def test_nothing_but_modules_stands_beside_the_module() -> None:
    """Slicer takes every Python file of that folder for a module."""
    assert {path.name for path in MODULE.glob("*.py")} == {"SlicerSynth.py", "SlicerSynthDICOM.py"}
    for path in MODULE.glob("*.py"):
        assert f"class {path.stem}(" in path.read_text(encoding="utf-8") or (
            f"class {path.stem}:" in path.read_text(encoding="utf-8")
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The extension as CMake installs it, and what CMake said."""
    cmake = shutil.which("cmake")
    if cmake is None:
        pytest.skip("cmake is missing")
    build = tmp_path_factory.mktemp("build")
    package = Path(__file__).with_name("cmake_package")
    configured = subprocess.run(
        [
            cmake, "-S", str(ROOT), "-B", str(build), f"-DSlicer_DIR={package}",
            f"-DCMAKE_INSTALL_PREFIX={build / 'installed'}", "-DCMAKE_C_COMPILER_WORKS=1",
            "-DCMAKE_CXX_COMPILER_WORKS=1",
        ],
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert configured.returncode == 0, configured.stderr
    done = subprocess.run([cmake, "--install", str(build)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return build / "installed" / "qt-scripted-modules", configured.stdout


def test_tests_are_registered(installed: tuple[Path, str]) -> None:
    assert "test SlicerSynth.py" in installed[1] and "test SlicerSynthSelfTest.py" in installed[1]


def test_the_installed_engine_finds_its_models(installed: tuple[Path, str]) -> None:
    """Started as the panel starts it, from the extension's folder and from nowhere else."""
    start = installed[0] / "SlicerSynthLib" / "start_engine.py"
    command = [sys.executable, "-P", str(start), "models", "list", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=installed[0].parent)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    expected = {path.name for path in (ROOT / "Resources" / "Models").iterdir()}
    names = {model["id"] if "id" in model else model["name"] for model in found["models"]}
    assert names == expected
    code = (
        f"import sys; sys.path.insert(0, {str(installed[0])!r}); "
        "sys.modules.pop('SynthCore', None); import SlicerSynthLib, SynthCore; "
        "print(SlicerSynthLib.engine_root()); print(SynthCore.__file__)"
    )
    told = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    root, module = told.stdout.split()
    assert Path(root) == installed[0].resolve() and Path(module).is_relative_to(installed[0])
