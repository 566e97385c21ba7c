"""The uncertainty map in the panel: offered where a card has a calibration, made, and shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from Testing.slicer.calibrated_model import write_calibrated
from Testing.slicer.logic_fixtures import a_t1
from Testing.slicer.panel_fixtures import Clicked

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")
pytest.importorskip("torch", reason="torch is missing")


@pytest.fixture
def a_panel_with_a_model(
    the_window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Clicked]:
    """The panel on an engine that has one more model, with a calibration."""
    write_calibrated(tmp_path / "calibrated")
    monkeypatch.setenv("SYNTHCORE_MODELS", str(tmp_path))
    clicked = Clicked(the_window, {})
    yield clicked
    clicked.close()


def check(panel: Clicked) -> None:
    """Click on the box itself: beside its words it takes no click."""
    panel.ui.uncertaintyCheck.click()
    panel.spin(0.02)


def test_it_is_offered_made_and_shown(a_panel_with_a_model: Clicked) -> None:
    from SlicerSynthLib.attributes import is_synthetic
    from SlicerSynthLib.nodes import grid_of
    from SlicerSynthLib.results import uncertainty_of

    panel = a_panel_with_a_model
    source = a_t1(slicer.mrmlScene, "T1 axial")
    panel.use("mr-to-ct-bulk-density")
    box = panel.ui.uncertaintyCheck
    assert not box.isEnabled() and "no calibrated uncertainty" in box.toolTip()
    panel.use("calibrated")
    assert box.isEnabled() and not box.isChecked(), "off by default"
    assert "3 times as long" in box.toolTip()
    check(panel)
    assert panel.parameters.uncertainty is True
    panel.click("synthesizeButton")
    panel.idle()
    result = panel.parameters.result
    assert result is not None, panel.said
    sigma = uncertainty_of(result)
    assert sigma is not None and is_synthetic(sigma)
    assert sigma.GetName().startswith("SYNTHETIC")
    assert grid_of(sigma)[0].shape == grid_of(source)[0].shape
    assert grid_of(sigma)[0].max() > 20
    panel.click("uncertaintyButton")
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    assert composite.GetBackgroundVolumeID() == result.GetID()
    assert composite.GetForegroundVolumeID() == sigma.GetID()
    assert "No bound" in panel.ui.viewLabel.text()
    assert "from 1 run" in panel.ui.estimateLabel.text()
    check(panel)
    assert "not measured yet" in panel.ui.estimateLabel.text(), "one run is another time"
    check(panel)
    panel.use("mr-to-ct-bulk-density")
    assert not box.isChecked() and panel.parameters.uncertainty, "the wish waits for a model"
    panel.click("synthesizeButton")
    panel.idle()
    assert panel.said == ""
    assert uncertainty_of(panel.parameters.result) is None
