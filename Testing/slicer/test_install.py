"""The engine's packages: only on a click, whole or not at all, in a place of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


def run(steps: Any) -> tuple[list[str], str]:
    """Every line, and the outcome."""
    from SlicerSynthLib.steps import Steps

    lines: list[str] = []
    ends: list[str] = []
    running = Steps(steps, dict(os.environ), lines.append, ends.append)
    drive(running)
    assert len(ends) == 1, "the end is told once"
    return lines, ends[0]


def drive(running: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not running.poll():
        assert time.monotonic() < deadline, "it does not end"
        time.sleep(0.01)


def a_package(folder: Path) -> Path:
    """A package that needs nothing and no network."""
    folder.mkdir()
    (folder / "needed_by_the_engine.py").write_text("ANSWER = 42\n")
    (folder / "pyproject.toml").write_text(
        "[project]\nname = 'needed-by-the-engine'\nversion = '1'\n"
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    )
    (folder / "backend.py").write_text(BACKEND)
    return folder


BACKEND = """
import zipfile


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "needed_by_the_engine-1-py3-none-any.whl"
    info = "needed_by_the_engine-1.dist-info"
    with zipfile.ZipFile(f"{wheel_directory}/{name}", "w") as wheel:
        wheel.write("needed_by_the_engine.py")
        wheel.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\\nName: needed-by-the-engine\\nVersion: 1\\n"
        )
        lines = "Wheel-Version: 1.0", "Root-Is-Purelib: true", "Tag: py3-none-any", ""
        wheel.writestr(f"{info}/WHEEL", "\\n".join(lines))
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""


def test_an_environment_is_made(tmp_path: Path) -> None:
    from SlicerSynthLib.install import environment_steps
    from SlicerSynthLib.settings import environment_python

    package = a_package(tmp_path / "package")
    steps = environment_steps(tmp_path / "engine", sys.executable, ROOT, [str(package)])
    lines, trouble = run(steps)
    assert trouble == "", "\n".join(lines)
    assert lines[0] == "Making the environment ..." and "Downloading and installing ..." in lines
    python = environment_python(tmp_path / "engine")
    code = "import needed_by_the_engine as n; print(n.ANSWER)"
    told = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "42"


def test_packages_for_slicers_python_lie_apart(tmp_path: Path) -> None:
    """No environment can be made of PythonSlicer: its packages are put before its own."""
    from SlicerSynthLib.engine_setup import start_command
    from SlicerSynthLib.install import folder_steps

    package = a_package(tmp_path / "package")
    folder = tmp_path / "engine"
    lines, trouble = run(folder_steps(folder, sys.executable, ROOT, [str(package)]))
    assert trouble == "", "\n".join(lines)
    assert (folder / "needed_by_the_engine.py").is_file()
    import importlib.util

    assert importlib.util.find_spec("needed_by_the_engine") is None
    shadow = folder / "typer.py"
    shadow.write_text("raise SystemExit('the folder goes first')\n")
    command = [*start_command(sys.executable, folder)[:-1], "tasks"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "the folder goes first" in done.stderr
    shadow.unlink()
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "mr-to-ct" in done.stdout


def test_what_fails_is_told_with_its_lines(tmp_path: Path) -> None:
    from SlicerSynthLib.install import Step

    bad = (sys.executable, "-c", "import sys; print('no such package'); sys.exit(3)")
    never = (sys.executable, "-c", f"open({str(tmp_path / 'never')!r}, 'w')")
    lines, trouble = run([Step("Downloading", bad), Step("Never", never)])
    assert trouble == "Downloading failed (exit code 3); see the lines above."
    assert "no such package" in lines and not (tmp_path / "never").exists()
    _, trouble = run([Step("Downloading", ("no-such-program",))])
    assert trouble.startswith("Downloading could not be started")


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    from SlicerSynthLib.install import Step
    from SlicerSynthLib.steps import Steps

    wait = (sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(600)")
    lines: list[str] = []
    ends: list[str] = []
    running = Steps([Step("Waiting", wait)], dict(os.environ), lines.append, ends.append)
    deadline = time.monotonic() + PATIENCE
    while "begun" not in lines:
        assert time.monotonic() < deadline
        running.poll()
        time.sleep(0.01)
    running.cancel()
    drive(running)
    assert ends == ["The installation was cancelled; nothing uses what it left."]


def test_an_environment_counts_once_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from SlicerSynthLib import engine_setup
    from SlicerSynthLib.install_place import mark_ready
    from SlicerSynthLib.settings import environment_python

    folder = tmp_path / "engine"
    settings = engine_setup.ModuleEngineSettings({engine_setup.FOLDER_KEY: str(folder)})
    folder.mkdir()
    before = settings.command()
    assert str(folder) not in before[0], "half an environment is none"
    mark_ready(folder)
    with_folder = settings.command()
    assert with_folder[0] == before[0] and str(folder) in with_folder
    own = environment_python(folder)
    own.parent.mkdir()
    own.write_text("")
    after = settings.command()
    assert after == [str(own), "-P", str(engine_setup.START), "worker"]
    settings.text = "ssh HOST synthcore worker"
    assert settings.command() == ["ssh", "HOST", "synthcore", "worker"]


def test_the_packages_are_those_of_synthcore() -> None:
    from SlicerSynthLib.install import environment_steps, requirements

    names = requirements(ROOT)
    assert {"torch", "openvino", "pydicom"} <= set(names)
    make, download = environment_steps(Path("engine"), "python3.12", ROOT)
    assert make.command[:3] == ("python3.12", "-m", "venv")
    assert set(names) <= set(download.command)
    assert str(ROOT / "constraints.txt") in download.command
    pinned = {
        line.partition("==")[0].lower()
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    assert {name.lower() for name in names} <= pinned, "a package without a tested version"


def test_a_python_is_found_by_asking_it(tmp_path: Path) -> None:
    from SlicerSynthLib.install import VERSIONS, find_base_python

    found = find_base_python(dict(os.environ))
    if sys.version_info[:2] in VERSIONS:
        assert found is not None
    assert find_base_python({"PATH": str(tmp_path)}) is None
    if os.name == "posix":
        old = tmp_path / "python3.12"
        old.write_text("#!/bin/sh\necho 3 9\n")
        old.chmod(0o755)
        assert find_base_python({"PATH": str(tmp_path)}) is None, "it only calls itself so"
        old.write_text("#!/bin/sh\necho welcome\necho 3 12\n")
        assert find_base_python({"PATH": str(tmp_path)}) == str(old)
        old.write_text("#!/bin/sh\necho welcome\n")
        assert find_base_python({"PATH": str(tmp_path)}) is None


def test_nothing_is_installed_by_importing(the_window: Any, monkeypatch: Any) -> None:
    """Neither the module nor its panel runs pip."""
    started: list[Any] = []
    real = subprocess.Popen

    class Watched(real):  # type: ignore[type-arg, misc, valid-type]
        def __init__(self, command: Any, *args: Any, **kwargs: Any) -> None:
            started.append(command)
            super().__init__(command, *args, **kwargs)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    from Testing.slicer.panel_fixtures import Clicked

    clicked = Clicked(the_window, {})
    clicked.spin(0.3)
    clicked.close()
    assert not any("pip" in str(command) or "venv" in str(command)[-40:] for command in started)


def test_the_panel_installs_an_environment(
    the_window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the click to an engine that is looked for there."""
    from SlicerSynthLib import panel_engine
    from SlicerSynthLib.engine_setup import FOLDER_KEY
    from SlicerSynthLib.install import environment_steps
    from Testing.slicer.panel_fixtures import Clicked

    package = a_package(tmp_path / "package")
    monkeypatch.setattr(panel_engine, "find_base_python", lambda environment: sys.executable)
    monkeypatch.setattr(
        panel_engine,
        "environment_steps",
        lambda folder, python, root: environment_steps(folder, python, root, [str(package)]),
    )
    folder = tmp_path / "engine"
    clicked = Clicked(the_window, {FOLDER_KEY: str(folder)})
    clicked.open_section("engineSection")
    clicked.click("installButton")
    assert clicked.ui.installLog.isVisible() and not clicked.ui.installButton.isEnabled()
    clicked.until(lambda: clicked.ui.installButton.isEnabled())
    assert "Downloading and installing ..." in clicked.ui.installLog.toPlainText()
    assert Path(clicked.panel.context.settings.command()[0]).is_relative_to(folder)
    clicked.close()


def test_the_place_is_the_one_that_was_clicked(
    the_window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person turns to the other place while the environment is being made."""
    from SlicerSynthLib import panel_engine
    from SlicerSynthLib.engine_setup import FOLDER_KEY, READY
    from SlicerSynthLib.install import Step
    from Testing.slicer.panel_fixtures import Clicked

    folder = tmp_path / "engine"
    making = Step(
        "Making", (sys.executable, "-c", f"import os; os.makedirs({str(folder)!r}, exist_ok=True)")
    )
    monkeypatch.setattr(panel_engine, "find_base_python", lambda environment: sys.executable)
    monkeypatch.setattr(panel_engine, "environment_steps", lambda *_: (making,))
    clicked = Clicked(the_window, {FOLDER_KEY: str(folder)})
    clicked.open_section("engineSection")
    clicked.click("installButton")
    clicked.choose("installCombo", "Slicer's own Python")
    clicked.until(lambda: clicked.ui.installButton.isEnabled())
    assert (folder / READY).is_file()
    clicked.close()


def a_pytorch_extension(told: list[str], gives: Any) -> Any:
    """The extension PyTorch as far as the module uses it."""

    def install(**_: Any) -> Any:
        told.append("torch")
        return gives

    logic = SimpleNamespace(installTorch=install)
    return SimpleNamespace(PyTorchUtilsLogic=lambda: logic)


def test_slicers_python_gets_torch_before_what_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pip would bring a torch of its own with the first package that needs one."""
    from SlicerSynthLib.install import install_into_slicer
    from SynthCore.errors import InputError

    told: list[str] = []

    def ensure(names: list[str], requester: str) -> None:
        assert "torch" not in names
        told.append("others")

    packaging = SimpleNamespace(pip_check=lambda name: False, pip_ensure=ensure)
    monkeypatch.setitem(sys.modules, "slicer.packaging", packaging)
    monkeypatch.setattr(slicer, "packaging", packaging, raising=False)
    monkeypatch.setitem(sys.modules, "PyTorchUtils", a_pytorch_extension(told, object()))
    install_into_slicer(ROOT)
    assert told == ["torch", "others"]

    monkeypatch.setitem(sys.modules, "PyTorchUtils", a_pytorch_extension(told, None))
    with pytest.raises(InputError, match="not installed"):
        install_into_slicer(ROOT)
    monkeypatch.setitem(sys.modules, "PyTorchUtils", None)
    with pytest.raises(InputError, match="Extensions Manager"):
        install_into_slicer(ROOT)

    def fails(names: list[str], requester: str) -> None:
        raise subprocess.CalledProcessError(1, "pip")

    packaging.pip_check, packaging.pip_ensure = (lambda name: True), fails
    with pytest.raises(InputError, match="could not be installed"):
        install_into_slicer(ROOT)


def test_the_self_test_passes(the_window: Any) -> None:
    """What CTest runs in Slicer."""
    import unittest

    from SlicerSynthLib import self_test

    suite = unittest.defaultTestLoader.loadTestsFromModule(self_test)
    outcome = unittest.TextTestRunner(verbosity=0).run(suite)
    assert outcome.wasSuccessful() and outcome.testsRun == 4 and not outcome.skipped
