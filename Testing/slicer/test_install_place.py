"""The place of an installation: what worked before works on where a new one ends early."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")


def test_only_an_engine_of_ours_is_set_aside_and_only_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from SlicerSynthLib.install_place import discard, mark_ready, put_back, set_aside
    from SynthCore.errors import InputError

    (tmp_path / "studies").mkdir()
    kept = tmp_path / "studies" / "thesis.txt"
    kept.write_text("years of work")
    with pytest.raises(InputError, match="holds something else"):
        set_aside(tmp_path / "studies")
    assert kept.read_text() == "years of work"
    folder = tmp_path / "new" / "engine"
    assert set_aside(folder) is None
    (folder / "half a package").write_text("")
    put_back(folder, set_aside(folder))  # half of an installation is nothing to go back to
    assert not (folder / "half a package").exists()
    mark_ready(folder)
    (folder / "package").write_text("works")
    aside = set_aside(folder)
    assert len(list(folder.iterdir())) == 1
    (folder / "half a package").write_text("")
    put_back(folder, aside)
    assert {one.name for one in folder.iterdir()} >= {"package"}
    assert not (folder / "half a package").exists()
    discard(set_aside(folder))
    assert len(list(folder.iterdir())) == 1 and len(list(folder.parent.iterdir())) == 1
    mark_ready(folder)

    def in_use(path: Path, target: Path) -> Path:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "rename", in_use)
    with pytest.raises(InputError, match="try it again"):
        set_aside(folder)
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("how", ["fails", "is cancelled", "is left"])
def test_what_worked_works_on_where_an_installation_ends_early(
    the_window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    from SlicerSynthLib import panel_engine
    from SlicerSynthLib.engine_setup import FOLDER_KEY
    from SlicerSynthLib.install import Step
    from SlicerSynthLib.install_place import mark_ready, set_aside
    from SlicerSynthLib.settings import environment_python
    from Testing.slicer.panel_fixtures import Clicked

    folder = tmp_path / "engine"
    set_aside(folder)
    own = environment_python(folder)
    own.parent.mkdir()
    own.symlink_to(sys.executable)
    mark_ready(folder)
    code = "raise SystemExit(3)" if how == "fails" else "import time; time.sleep(60)"
    monkeypatch.setattr(panel_engine, "find_base_python", lambda environment: sys.executable)
    step = Step("Downloading", (sys.executable, "-c", code))
    monkeypatch.setattr(panel_engine, "environment_steps", lambda *_: (step,))
    clicked = Clicked(the_window, {FOLDER_KEY: str(folder)})
    clicked.open_section("engineSection")
    clicked.click("installButton")
    assert not own.exists()
    if how == "is left":
        clicked.close()
    else:
        if how == "is cancelled":
            clicked.click("installCancelButton")
        clicked.until(lambda: clicked.ui.installButton.isEnabled())
    assert own.exists() and list(folder.parent.iterdir()) == [folder]
    if how != "is left":
        assert clicked.panel.context.settings.command()[0] == str(own)
        clicked.close()


def test_a_command_that_is_set_is_told_of_and_left(
    the_window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from SlicerSynthLib import panel_engine
    from SlicerSynthLib.engine_setup import FOLDER_KEY, READY
    from SlicerSynthLib.install import Step
    from SlicerSynthLib.settings import COMMAND_KEY
    from Testing.slicer.panel_fixtures import Clicked

    folder, command = tmp_path / "engine", f"{sys.executable} -m SynthCore.cli.main worker"
    monkeypatch.setattr(panel_engine, "find_base_python", lambda environment: sys.executable)
    step = Step("Downloading", (sys.executable, "-c", "pass"))
    monkeypatch.setattr(panel_engine, "environment_steps", lambda *_: (step,))
    clicked = Clicked(the_window, {FOLDER_KEY: str(folder), COMMAND_KEY: command})
    clicked.open_section("engineSection")
    clicked.click("installButton")
    clicked.until(lambda: (folder / READY).is_file())
    clicked.until(lambda: "still used" in clicked.ui.messageLabel.text())
    assert clicked.panel.context.settings.text == command
    clicked.close()


def test_packages_of_another_python_are_not_used(tmp_path: Path) -> None:
    from SlicerSynthLib.engine_setup import FOLDER_KEY, READY, ModuleEngineSettings
    from SlicerSynthLib.install_place import forget, mark_ready

    settings = ModuleEngineSettings({FOLDER_KEY: str(tmp_path)})
    mark_ready(tmp_path)
    assert str(tmp_path) in settings.default
    (tmp_path / READY).write_text("cpython-39")
    assert str(tmp_path) not in settings.default
    mark_ready(tmp_path)
    forget(tmp_path)  # Slicer's own Python was chosen
    assert str(tmp_path) not in settings.default


def test_an_intel_mac_is_told_before_anything_is_done() -> None:
    from SlicerSynthLib.install import require_platform
    from SynthCore.errors import InputError

    for system, machine in (("darwin", "arm64"), ("linux", "x86_64"), ("win32", "AMD64")):
        require_platform(system, machine)
    with pytest.raises(InputError, match="Intel Macs"):
        require_platform("darwin", "x86_64")


def test_what_an_installation_left_beside_it_is_taken_back_later(tmp_path: Path) -> None:
    """One that ended with Slicer itself; not one that another Slicer is at."""
    from SlicerSynthLib.install_place import (
        BEGUN,
        LONGEST_SECONDS,
        READY,
        adopt,
        mark_ready,
        set_aside,
    )

    folder = tmp_path / "engine"
    set_aside(folder)
    mark_ready(folder)
    (folder / "package").write_text("works")
    assert set_aside(folder) == tmp_path / "engine-before"
    adopt(folder)
    assert not (folder / READY).exists()
    long_ago = (folder / BEGUN).stat().st_mtime - LONGEST_SECONDS - 1
    os.utime(folder / BEGUN, (long_ago, long_ago))
    adopt(folder)
    assert (folder / "package").exists() and list(tmp_path.iterdir()) == [folder]
    # begun again before that: what works is not lost by a second half of one
    set_aside(folder)
    again = set_aside(folder)
    assert again is not None and (again / "package").exists()
