"""Memory ran out: the next run of the same kind takes smaller tiles, and no other one does."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from Testing.slicer.client_fixtures import TINY
from Testing.slicer.logic_fixtures import a_t1
from Testing.slicer.panel_fixtures import Clicked

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")


@pytest.fixture
def a_full_panel(the_window: Any) -> Iterator[Clicked]:
    """A panel whose engine runs out of memory."""
    clicked = Clicked(the_window, {"SlicerSynth/EngineCommand": shlex.join([*TINY, "--full"])})
    yield clicked
    clicked.close()


def run_out(panel: Clicked) -> None:
    panel.click("synthesizeButton")
    panel.idle()
    assert panel.said == "Memory ran out. The next run takes smaller tiles."


def test_a_smaller_tile_is_for_the_same_run_alone(a_full_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    other = a_t1(slicer.mrmlScene, "a scan", shape=(6, 40, 40))
    a_full_panel.spin(0.2)
    run = a_full_panel.panel.run
    assert run.order.options.tile is None
    run_out(a_full_panel)
    assert run.order.options.tile == 64
    a_full_panel.choose(a_full_panel.role("T1"), "a scan")
    assert run.order.options.tile is None, "other inputs"
    run_out(a_full_panel)
    assert run.order.options.tile == 64
    slicer.util.arrayFromVolume(other)[:] += 1
    slicer.util.arrayFromVolumeModified(other)
    assert run.order.options.tile is None, "other voxels"
    a_full_panel.choose(a_full_panel.role("T1"), "T1 axial")
    run_out(a_full_panel)
    for box, entry in (
        (a_full_panel.ui.modelCombo, "a model"),
        (a_full_panel.ui.deviceCombo, "a device"),
    ):
        was = box.currentIndex()
        box.addItem(entry, entry)
        box.setCurrentIndex(box.count() - 1)
        assert run.order.options.tile is None, entry
        box.setCurrentIndex(was)
        assert run.order.options.tile == 64


def test_another_engine_or_another_scene_has_its_own_memory(a_full_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    a_full_panel.spin(0.2)
    run_out(a_full_panel)
    a_full_panel.panel.restart_engine()
    assert a_full_panel.panel.run.order.options.tile is None
    a_full_panel.spin(0.2)
    run_out(a_full_panel)
    slicer.mrmlScene.Clear(0)
    a_full_panel.spin(0.1)
    a_t1(slicer.mrmlScene, "T1 axial")
    a_full_panel.spin(0.2)
    assert a_full_panel.panel.run.order.options.tile is None, "though it looks the same"
