"""Scenes that are closed, saved and opened; engines that are missing or change; a reload."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from Testing.slicer.logic_fixtures import a_t1
from Testing.slicer.mrml_fixtures import save_voxels, volumes
from Testing.slicer.panel_fixtures import MODULE, Clicked

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")


def test_a_saved_scene_brings_the_panel_back(a_panel: Clicked, tmp_path: Path) -> None:
    from SlicerSynthLib.attributes import is_synthetic, record_of

    a_t1(slicer.mrmlScene, "T1 axial")
    a_t1(slicer.mrmlScene, "T2 axial")
    a_panel.spin(0.1)
    a_panel.choose(a_panel.role("T2"), "None")
    result = a_panel.make()
    a_panel.click("overlayButton")
    a_panel.click("previewButton")
    a_panel.idle()
    record = record_of(result)
    path = tmp_path / "a scene.mrb"
    for node in volumes(slicer.mrmlScene):
        if node.GetSaveWithScene():
            save_voxels(slicer.mrmlScene, node, tmp_path)
    assert slicer.util.saveScene(str(path))

    slicer.mrmlScene.Clear(0)
    a_panel.spin(0.1)
    assert a_panel.parameters.result is None
    assert a_panel.ui.checksLabel.text() == "Nothing was made yet."

    slicer.util.loadScene(str(path))
    a_panel.spin(0.2)
    parameters = a_panel.parameters
    assert parameters.result.GetName() == "SYNTHETIC CT of T1 axial"
    assert is_synthetic(parameters.result) and record_of(parameters.result) == record
    assert parameters.model == "mr-to-ct-bulk-density" and parameters.view == "overlay"
    assert list(a_panel.panel.inputs.given) == ["T1"], "that T2 was not wanted is remembered"
    assert "classical baseline" in a_panel.ui.checksLabel.text()
    names = [node.GetName() for node in volumes(slicer.mrmlScene)]
    assert not any("preview" in name for name in names), "a preview is not saved"


def test_the_scene_is_closed_during_a_run(a_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.use("mr-to-ct-bulk-density")
    a_panel.click("synthesizeButton")
    slicer.mrmlScene.Clear(0)
    a_panel.spin(0.5)
    assert not volumes(slicer.mrmlScene)
    assert "scene was closed" in a_panel.ui.stageLabel.text()
    a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.spin(0.2)
    assert a_panel.make().GetName() == "SYNTHETIC CT of T1 axial"


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_the_engine_dies(a_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.use("mr-to-ct-bulk-density")
    pid = a_panel.panel.logic._client.greeting["pid"]
    os.kill(pid, signal.SIGSTOP)  # it must not have answered before it dies
    a_panel.click("synthesizeButton")
    os.kill(pid, signal.SIGKILL)
    a_panel.idle()
    assert "engine" in a_panel.said and a_panel.parameters.result is None
    before = len(volumes(slicer.mrmlScene))
    a_panel.click("synthesizeButton")
    a_panel.idle()
    assert len(volumes(slicer.mrmlScene)) == before + 1, a_panel.said


def test_no_engine_then_one(a_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.open_section("engineSection")
    a_panel.ui.commandLine.setText("no-such-program worker")
    a_panel.click("testButton")
    a_panel.until(lambda: "could not be started" in a_panel.ui.engineLabel.text())
    a_panel.until(lambda: a_panel.ui.modelCombo.currentText() == "no engine")
    assert a_panel.said and a_panel.ui.deviceCombo.count() == 1, "no memory of the last engine"
    a_panel.ui.commandLine.setText(f"{sys.executable} -P -m SynthCore.cli.main worker")
    a_panel.click("testButton")
    a_panel.until(lambda: "SynthCore" in a_panel.ui.engineLabel.text())
    assert not a_panel.said, "there is an engine now"
    assert a_panel.make() is not None
    assert "no-such-program" not in str(a_panel.store)


def a_run(panel: Clicked) -> tuple[Any, int, list[Any]]:
    """One that has begun: the client, the engine's process, and the jobs that have ended."""
    a_t1(slicer.mrmlScene, "T1 axial")
    panel.open_section("engineSection")
    panel.use("mr-to-ct-bulk-density")
    client, ended = panel.panel.logic._client, list[Any]()
    panel.panel.logic.ended.connect(ended.append)
    pid = client.greeting["pid"]
    panel.click("synthesizeButton")
    return client, pid, ended


def test_a_test_of_the_engine_leaves_its_run_alone(a_panel: Clicked) -> None:
    """Only another command, or no engine, starts one."""
    client, pid, ended = a_run(a_panel)
    assert a_panel.panel.logic.jobs
    a_panel.ui.engineLabel.setText("")
    a_panel.click("testButton")
    a_panel.ui.commandLine.setText("another-engine worker")
    a_panel.click("testButton")
    assert "A run is under way; change the engine" in a_panel.said
    assert not a_panel.ui.commandLine.text() and not a_panel.panel.context.settings.text
    a_panel.click("installButton")
    assert "A run is under way; install after it" in a_panel.said
    a_panel.idle()
    assert [job.state for job in ended] == ["done"]
    a_panel.until(lambda: "SynthCore" in a_panel.ui.engineLabel.text())
    assert client.greeting["pid"] == pid
    a_panel.ui.commandLine.setText(f"{sys.executable} -P -m SynthCore.cli.main worker")
    a_panel.click("testButton")
    a_panel.until(lambda: client.state == "ready" and client.greeting["pid"] != pid)


def test_an_installation_that_ends_during_a_run_waits_for_it(a_panel: Clicked) -> None:
    client, pid, ended = a_run(a_panel)
    a_panel.panel.engine._installed("")
    a_panel.idle()
    assert [job.state for job in ended] == ["done"]
    a_panel.until(lambda: client.state == "ready" and client.greeting["pid"] != pid)


def test_the_module_is_reloaded(the_window: Any) -> None:
    """As Slicer does it: the old panel goes with its engine, the new one works."""
    import psutil

    from Desktop.application.module_manager import load_module

    load_module(the_window.moduleManager(), MODULE).widgetRepresentation()
    widget = slicer.modules.SlicerSynthWidget
    widget.enter()
    panel = widget.panel
    for _ in range(2000):
        the_window.processEvents()
        if panel.logic._client.state == "ready":
            break
        panel.tick()
        import time

        time.sleep(0.01)
    pid = panel.logic._client.greeting["pid"]
    observers = slicer.mrmlScene.HasObserver(slicer.vtkMRMLScene.StartCloseEvent)
    slicer.util.reloadScriptedModule("SlicerSynth")
    the_window.processEvents()
    assert widget.panel is None
    assert observers and slicer.modules.SlicerSynthWidget is not widget
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(10)
    slicer.modules.SlicerSynthWidget.cleanup()
